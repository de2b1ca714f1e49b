"""One worker of the long proof: runs until it has done its steps, telling how far it is.

    python -m tests.machine STEPS SEED [sqlite]

Prints a line of JSON for each run (``{"steps": n}``), and at the end one with all counts.
Invariant: a run that fails is made short, printed, and ends the worker with status 1.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from sqlalchemy import make_url

from kit import schema
from kit.db import Database
from tests import quick
from tests.machine.deeds import Deed, drawn
from tests.machine.runs import Counts, play
from tests.machine.shortening import shortest
from tests.pgserver import postgres_server

#: every tenth run goes through HTTP
EVERY = 10


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


def work(databases: dict[str, Database], steps: int, seed: int, counts: Counts) -> None:
    """Play runs until so many steps are done; raises what broke."""
    chance = Random(seed)
    while counts.steps < steps:
        # While a failure is made short, each try goes the way of the run that failed.
        doors = (counts.runs + 1) % EVERY == 0
        again = partial(_play, databases, counts, through_http=doors)
        deeds = drawn(chance)
        try:
            again(deeds)
        except AssertionError:
            # On SQLite alone a failure is wanted fast (planted bugs), and not short.
            if len(databases) > 1:
                again(shortest(deeds, partial(_fails, again)))
            raise
        _tell({"steps": counts.steps})


def _play(
    databases: dict[str, Database], counts: Counts, deeds: list[Deed], *, through_http: bool
) -> None:
    """One run, under a number of its own: its ids begin with it."""
    play(databases, deeds, counts.runs + 1, counts, through_http=through_http)


def _fails(again: Callable[[list[Deed]], None], deeds: list[Deed]) -> bool:
    try:
        again(deeds)
    except AssertionError:
        return True
    return False


def main() -> int:
    """One worker."""
    steps, seed, alone = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] == ["sqlite"]
    counts = Counts()
    quick.collect_less()
    with one() if alone else both() as databases:
        work(databases, steps, seed, counts)
    _tell(vars(counts))
    return 0


def _tell(facts: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
