"""What lapses next and what is on notice, in the wallet and beside the statement's lines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kit import ids
from ledger import accounts, settling, transfers
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from people import communities, register
from tests.api.world import World
from tests.factories import AT, actor_of

ON = date(2026, 11, 22)


def _award(world: World, place: Place, points: int, **lot: Any) -> None:
    """Points of the general fund for the volunteer."""

    def work(session: Session) -> None:
        fund_id = communities.settings_of(session, world.community_id).general_fund_id
        key, legs = ids.new(), (Leg(accounts.fund_points(fund_id), place, points, **lot),)
        draft = Draft("award", f"test:{key}:award", legs, ON, ("test", key), fund_id)
        manager = register.person(session, world.community_id, _id(world, "manager"))
        transfers.record(session, actor=actor_of(manager), draft=draft, at=AT)

    world.write(work)


def _id(world: World, name: str) -> UUID:
    found = world[name].id
    assert found is not None
    return found


def test_what_lapses_next_and_what_is_on_notice(world: World) -> None:
    person_id = _id(world, "volunteer")
    free, waits = accounts.wallet(person_id), accounts.pending(person_id)
    _award(world, free, 30, expires_on=ON + timedelta(days=2))
    _award(world, free, 8)
    _award(world, waits, 5, available_on=ON + timedelta(days=2), expires_on=ON + timedelta(days=9))

    def told(path: str) -> Any:
        return world["volunteer"].get(f"/people/me/{path}").json

    def beside() -> dict[str, Any]:
        answer = told("statement")
        return {name: answer[name] for name in ("available", "due", "next_expiry")}

    wallet = told("wallet")
    assert (wallet["available"], wallet["pending"]) == (38, 5)
    assert beside() == {
        "available": 38,
        "due": 0,
        "next_expiry": {"points": 30, "on": "2026-11-24"},
    }
    world.clock.at = AT + timedelta(days=3)
    wallet = told("wallet")
    assert (wallet["available"], wallet["pending"]) == (13, 0)
    late = beside()
    assert late == {
        "available": 13,
        "due": 13 - 38,
        "next_expiry": {"points": 5, "on": "2026-12-01"},
    }
    assert told("statement?limit=1")["due"] == late["due"]
    assert world.write(lambda s: settling.tick(s, world.community_id, world.clock.at)) == 2
    assert beside() == late | {"due": 0}
    lines = [(line["kind"], line["points"], line["balance"]) for line in told("statement")["items"]]
    assert sorted(lines[:2]) == [("lapse", -30, 13), ("release", 5, 43)]
    assert told("statement")["items"][1]["explanation"].startswith("Public notice over")
