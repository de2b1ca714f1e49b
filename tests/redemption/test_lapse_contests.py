"""A short run of the races at midnight; `make prove` runs a thousand per engine."""

from kit.db import Database
from tests.redemption import lapse_contests

RACES = 12


def test_no_point_is_lost_or_made_at_midnight(database: Database) -> None:
    tally = lapse_contests.run(database, RACES, seed=5)
    assert (tally.races, tally.wrong, tally.needless, tally.problems) == (RACES, [], [], [])
    assert set(lapse_contests.DEEDS) <= set(tally.done), tally.done
    assert tally.done["lapsed"] > 0
