"""Short runs of the randomised races for one account; `make prove` runs a thousand per engine."""

from __future__ import annotations

from kit.db import Database
from ledger import checks
from tests.ledger import contests
from tests.ledger.books import books

RACES = 16


def test_nobody_takes_more_than_is_there(database: Database) -> None:
    ours = books(database)
    tally = contests.overdraft(ours, RACES, seed=3)
    assert (tally.races, tally.excess, tally.needless, tally.untrue) == (RACES, 0, 0, 0)
    assert set(tally.kinds) == set(contests.REFUSED)
    assert tally.done > RACES
    assert tally.refused > RACES
    assert ours.read(lambda session: list(checks.problems(session, ours.community_id))) == []
