"""Closing months while others write into them: nothing is inside a month after it was closed.

Invariant: every deed of every round is counted by how it ended, and the books are proven after.
"""

from kit.db import Database
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, exactly, proof
from tests.treasury import closing as race
from tests.treasury import scene


@proof("closing", "a month closed against a chosen day and an award at once: inside before, or not")
def closing(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            books = scene.open_treasury(database)
            rounds = run.length(300, 100)
            seen = race.race(books, rounds)
            known = (race.BEFORE, race.REFUSED, race.AWARDED, race.MOVED)
            found = sorted(books.problems() & race.WRONG)
            points = books.town.wallet(books.li).available
            database.dispose()
            figures += [
                exactly(f"{engine}: deeds raced", sum(seen.values()), 2 * rounds),
                exactly(
                    f"{engine}: ended otherwise than they may", sorted(set(seen) - set(known)), []
                ),
                exactly(f"{engine}: points", points, seen[race.BEFORE] + rounds),
                exactly(f"{engine}: problems of periods", found, []),
                Figure(f"{engine}: how they ended", dict(seen), "each way is met", _met(seen)),
            ]
    return figures


def _met(seen: dict[str, int]) -> bool:
    """Both orders happened: a race that always ends alike is none."""
    before = seen.get(race.BEFORE, 0) + seen.get(race.AWARDED, 0)
    after = seen.get(race.REFUSED, 0) + seen.get(race.MOVED, 0)
    return before > 0 and after > 0
