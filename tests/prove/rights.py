"""The rights table: every call of the API × every role × whose things it is about.

Invariant: the table is complete by construction: a call without a row fails, here and in the suite.
What is about anybody else of the community is tried by the suite itself (tests/api/test_rights.py).
"""

from flask import Flask

from api.calls import CALLS
from kit.clock import StandingClock
from kit.db import Database
from kit.program import Program
from tests.api import relations
from tests.api import world as worlds
from tests.factories import AT, KEYS
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof


@proof(
    "rights", "every call × role × {own, household, other community, signed out}: none unexpected"
)
def rights(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES[: run.length(2, 1)]:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            try:
                figures += _on(database, engine)
            finally:
                database.dispose()
    return figures


def _on(database: Database, engine: str) -> list[Figure]:
    clock = StandingClock(AT)
    app: Flask = worlds.app_of(Program(database, clock, KEYS, worlds.BASE))
    world, foreign = (worlds.make(database, clock, app) for _ in range(2))
    for one in (world, foreign):
        relations.furnish(one)
    without = {f"{call.method} {call.path}" for call in CALLS} - relations.rows().keys()
    if without:
        return [exactly(f"{engine}: calls without a row", sorted(without), [])]
    tried, wrong = relations.unexpected(world, foreign)
    cells = len(CALLS) * (3 * len(worlds.ROLES) + 1)
    return [
        at_least(f"{engine}: cells of the table", tried, cells),
        exactly(f"{engine}: unexpected answers", wrong, []),
    ]
