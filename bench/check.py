"""How fast the books are proved: `lovebank check`, everything included, on a town's past.

Invariant: every room proves every row, as the command does, in a process of its own that has read
nothing before; the books are clean, or there is no figure.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time

from sqlalchemy import func, select

from bench import town
from bench.databases import fresh_postgresql, fresh_sqlite, server
from bench.figures import Asked, Figure, at_least, progress, shown
from kit.db import Database
from ledger.models import Posting

POSTINGS, QUICK_POSTINGS = 150_000, 12_000
WANTED = 20_000


def measure(asked: Asked) -> list[Figure]:
    """Postings proved in a second on each engine."""
    with fresh_sqlite() as url:
        figures = _on(url, asked, "SQLite")
    with server(asked) as base, fresh_postgresql(base, asked) as url:
        return figures + _on(url, asked, "PostgreSQL")


def _on(url: str, asked: Asked, engine: str) -> list[Figure]:
    postings = _fill(url, QUICK_POSTINGS if asked.quick else POSTINGS)
    rates, most = [], 0
    with progress(f"check, {engine}", asked.rounds) as step:
        for _ in range(asked.rounds):
            run = subprocess.run(
                [sys.executable, "-m", "bench.check", url], check=True, stdout=subprocess.PIPE
            )
            told = json.loads(run.stdout)
            rates.append(postings / told["seconds"])
            most = max(most, told["megabytes"])
            step()
    rate = statistics.median(rates)
    name = f"check on {engine}, postings/s"
    # A short round is told and not judged: starting the processes takes its share of it.
    judged = shown(name, rate) if asked.quick else at_least(name, rate, WANTED)
    return [judged, shown(f"check on {engine}, most memory of a process, MB", most)]


def _fill(url: str, postings: int) -> int:
    database = Database(url)
    made = town.fill(database, postings)
    query = select(func.count()).where(Posting.community_id == made.community_id)
    count = database.read(lambda session: session.scalar(query))
    database.dispose()
    assert count is not None
    return count


def _prove(url: str) -> None:
    from lovebank import proving

    database = Database(url)
    started = time.perf_counter()
    verdict = proving.prove(database)
    seconds = time.perf_counter() - started
    assert not verdict.problems, verdict.problems[:3]
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    most = max(resource.getrusage(kind).ru_maxrss for kind in kinds) // 1024
    print(json.dumps({"seconds": seconds, "megabytes": most}))


if __name__ == "__main__":
    _prove(sys.argv[1])
