"""One worker of the long proof: runs until it has done its steps, telling how far it is.

    python -m tests.machine STEPS SEED [sqlite]

Prints a line of JSON for each run (``{"steps": n}``), and at the end one with all counts.
Invariant: a run that fails is shrunk, printed, and ends the worker with status 1.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from sqlalchemy import make_url

from kit import schema
from kit.db import Database
from tests.machine.deeds import DEEDS, Deed
from tests.machine.runs import Counts, play
from tests.pgserver import postgres_server

#: a Hypothesis run is so long at most; a worker makes several, each with a seed of its own
AT_ONCE = 50
#: every tenth run goes through HTTP
EVERY = 10


class _Enough(BaseException):
    """The steps are done. No Exception, so that nobody takes it for a failed run."""


@contextmanager
def one() -> Iterator[dict[str, Database]]:
    """A fresh migrated database on SQLite."""
    with tempfile.TemporaryDirectory(prefix="lb-machine-") as folder:
        url = f"sqlite:///{Path(folder) / 'machine.db'}"
        schema.upgrade(url)
        database = Database(url)
        yield {"sqlite": database}
        database.dispose()


@contextmanager
def both() -> Iterator[dict[str, Database]]:
    """A fresh migrated database on each engine."""
    with one() as found, postgres_server() as server:
        told = make_url(server.url()).set(drivername="postgresql")
        with psycopg.connect(told.render_as_string(hide_password=False), autocommit=True) as admin:
            admin.execute("CREATE DATABASE machine TEMPLATE template0")
        url = server.url("machine")
        schema.upgrade(url)
        database = Database(url)
        yield {**found, "postgresql": database}
        database.dispose()


def work(
    databases: dict[str, Database], steps: int, seed: int, counts: Counts, *, shrinks: bool = True
) -> None:
    """Play runs until so many steps are done; raises what broke, on the shortest run."""
    phases = [Phase.generate, Phase.shrink] if shrinks else [Phase.generate]

    @settings(
        max_examples=AT_ONCE,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    @given(deeds=DEEDS)
    def runs(deeds: list[Deed]) -> None:
        if counts.steps >= steps and not counts.failed:
            raise _Enough
        number = counts.runs + 1
        # While a failure is made short, each try goes the way of the run that failed.
        doors = failing[-1] if failing else number % EVERY == 0
        try:
            play(databases, deeds, number, counts, through_http=doors)
        except AssertionError:
            failing.append(doors)
            raise
        _tell({"steps": counts.steps})

    failing: list[bool] = []
    turn = 0
    while counts.steps < steps:
        try:
            seeded(seed + 1_000_003 * turn)(runs)()
        except _Enough:
            return
        turn += 1


def main() -> int:
    """One worker."""
    steps, seed, alone = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["sqlite"]
    counts = Counts()
    with one() if alone else both() as databases:
        # On SQLite alone a failure is wanted fast (planted bugs), and not short.
        work(databases, steps, seed, counts, shrinks=not alone)
    _tell(vars(counts))
    return 0


def _tell(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
