"""Wallets and statements as of a day, through the API."""

from __future__ import annotations

from typing import Any

from tests.api import asking
from tests.api.world import World


def test_a_wallet_and_a_statement_as_of_a_day(world: World) -> None:
    asking.furnish(world)
    path, auditor = f"/people/{world['resident'].id}", world["auditor"]

    def told(what: str) -> Any:
        answer = auditor.get(f"{path}/{what}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    now = told("wallet")
    assert now["minutes"] > 0
    today = told("wallet?effective_on=2026-11-22")
    assert {name: today[name] for name in ("available", "held", "minutes")} == {
        name: now[name] for name in ("available", "held", "minutes")
    }
    for question in ("effective_on=2026-11-21", "known_at=2026-11-21"):
        before = told(f"wallet?{question}")
        assert (before["available"], before["held"], before["minutes"]) == (0, 0, 0)
        assert told(f"statement?{question}")["items"] == []
    lines = told("statement?effective_on=2026-11-22&known_at=2026-11-22")["items"]
    assert lines == told("statement")["items"]
    assert lines[0]["balance"] == now["available"]
    assert (lines[0]["owed"], lines[0]["pending"], lines[0]["original_on"]) == (0, 0, None)
    first = told("statement?effective_on=2026-11-22&limit=1")
    rest = told(f"statement?effective_on=2026-11-22&cursor={first['next']}")
    assert first["items"] + rest["items"] == lines
    refused = auditor.get(f"{path}/wallet?effective_on=soon")
    assert refused.status_code == 422
