"""The long past that `bench scale` measures on is one that the program might have made."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bench import scale
from kit.db import Database
from ledger import accounts, checks, past, statements


def test_the_rows_in_bulk_are_what_the_ledger_writes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scale, "PEOPLE", 3)
    stage = scale.build(database_url, 18)
    database = Database(database_url)
    bench = scale.Bench(stage, database)
    for deed in (bench.post, bench.balance, bench.statement, bench.as_of, bench.fund):
        deed(1)
    bench.fold()
    community_id = stage.community_id

    def left(session: Session) -> list[int]:
        places = [accounts.wallet(person_id) for person_id in stage.person_ids]
        return [statements.balance_of(session, community_id, place) for place in places]

    assert database.read(left, community_id=community_id) == [20, 30, 20]
    found = database.read(
        lambda session: list(checks.problems(session, community_id)), community_id=community_id
    )
    assert found == []
    sums = database.read(
        lambda session: past.by_account(session, community_id), community_id=community_id
    )
    assert sum(credits - debits for debits, credits in sums.values()) == 0
    database.dispose()
