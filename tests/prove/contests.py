"""Thousands of small random races: for one balance, and at the midnight at which points lapse.

Invariant: a race that was not judged is not counted; fewer than stated, and the proof has failed.
"""

from collections.abc import Callable

from bench.figures import progress
from kit import schema
from kit.db import Database
from ledger import checks
from tests.ledger import contests
from tests.ledger.books import books
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.redemption import lapse_contests


@proof("overdraft_races", "1,000 random races for one balance on each engine: nothing in excess")
def overdraft_races(run: Run) -> list[Figure]:
    races = run.length(1000, 150)

    def figures(database: Database, engine: str, step: Callable[[], None]) -> list[Figure]:
        ours = books(database)
        tally = contests.overdraft(ours, races, run.seed, told=lambda _done: step())
        found = ours.read(lambda session: list(checks.problems(session, ours.community_id)))
        return [
            at_least(f"{engine}: races", tally.races, races),
            exactly(f"{engine}: taken in excess", tally.excess, 0),
            exactly(f"{engine}: refused although there was enough", tally.needless, 0),
            exactly(f"{engine}: races told otherwise than booked", tally.untrue, 0),
            at_least(f"{engine}: done", tally.done, races),
            at_least(f"{engine}: refused", tally.refused, races),
            exactly(f"{engine}: problems in the books", found[:5], []),
        ]

    return _on_both(races, "overdraft races", figures)


@proof("lapse_races", "1,000 races at midnight on each engine: no point lost or made, books clean")
def lapse_races(run: Run) -> list[Figure]:
    races = run.length(1000, 60)

    def figures(database: Database, engine: str, step: Callable[[], None]) -> list[Figure]:
        tally = lapse_contests.run(database, races, run.seed, told=lambda _done: step())
        deeds = {deed: tally.done[deed] for deed in (*lapse_contests.DEEDS, "lapsed", "owing")}
        return [
            at_least(f"{engine}: races", tally.races, races),
            exactly(f"{engine}: races with a point lost or made", tally.wrong[:3], []),
            exactly(f"{engine}: refused without a reason", tally.needless[:3], []),
            exactly(f"{engine}: problems in the books", tally.problems[:5], []),
            Figure(f"{engine}: deeds", deeds, "each > 0", min(deeds.values()) > 0),
        ]

    return _on_both(races, "races at midnight", figures)


def _on_both(
    races: int,
    says: str,
    figures: Callable[[Database, str, Callable[[], None]], list[Figure]],
) -> list[Figure]:
    found = []
    with progress(says, races * len(ENGINES)) as step:
        for engine in ENGINES:
            with stage(engine, initialised=False, serving=False) as one:
                schema.upgrade(one.url)
                database = Database(one.url)
                try:
                    found += figures(database, engine, step)
                finally:
                    database.dispose()
    return found
