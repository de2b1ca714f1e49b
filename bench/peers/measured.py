"""Other ledgers on the same server, doing the same work in turns with ours.

They live in an environment of their own (``make peers``), which no test installs. Invariant: the
same PostgreSQL, as durable, as many accounts, as many processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bench.credits import Ours, stage
from bench.crews import Crew
from bench.databases import Missing, fresh_postgresql, plain, server
from bench.figures import Asked, Figure, at_least, shown, taken_in_turns
from kit import ids

ROOT = Path(__file__).resolve().parents[2]
#: hordak needs half a minute for 10,000; all three work on as many
ACCOUNTS = 1_000
MANY = 16
SECONDS = 3.0


def measure(asked: Asked) -> list[Figure]:
    """Our credits against theirs: hordak from many processes, python-accounting from one."""
    python = _python()
    with ExitStack() as open_now:
        base = open_now.enter_context(server(asked, connections=120))
        ours = stage(open_now.enter_context(fresh_postgresql(base, asked)), ACCOUNTS)
        crew = open_now.enter_context(Crew(MANY, {"ours": Ours(ours)}))
        hordak = open_now.enter_context(_peer(python, "hordak", base, MANY))
        accounting = open_now.enter_context(_peer(python, "python_accounting", base, 1))
        turns: dict[str, Callable[[], float]] = {
            "ours, 16 clients": lambda: crew.do("ours", SECONDS).rate,
            "ours, 1 client": lambda: crew.do("ours", SECONDS, processes=1).rate,
            "django-hordak, 16 clients": partial(_together, hordak),
            "python-accounting, 1 client": partial(_together, accounting),
        }
        found = taken_in_turns(turns, asked.rounds, "credit, peers")
    many = found["ours, 16 clients"] / found["django-hordak, 16 clients"]
    one = found["ours, 1 client"] / found["python-accounting, 1 client"]
    return [
        *(shown(f"credits/s, {name}", rate) for name, rate in found.items()),
        at_least("our credits, × django-hordak's, 16 clients", many, 1.5),
        at_least("our credits, × python-accounting's, 1 client", one, 8),
    ]


Process = subprocess.Popen[str]


@contextmanager
def _peer(python: Path, name: str, base: str, processes: int) -> Iterator[list[Process]]:
    """A database of its own and processes that wait for orders; both gone at the end."""
    database = f"lb_peer_{ids.new().hex}"
    url = make_url(base).set(drivername="postgresql", database=database)
    address = url.render_as_string(hide_password=False)
    words = [str(python), "-m", f"bench.peers.by_{name}"]
    started: list[Process] = []
    with psycopg.connect(plain(base), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        try:
            subprocess.run([*words, "stage", address, str(ACCOUNTS)], cwd=ROOT, check=True)
            for _ in range(processes):
                started.append(
                    subprocess.Popen(
                        [*words, "work", address],
                        cwd=ROOT,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                )
            for process in started:
                assert _line(process) == "ready", f"{name} did not start"
            yield started
        finally:
            for process in started:
                process.kill()
                process.wait()
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            admin.execute(drop.format(sql.Identifier(database)))


def _together(processes: list[Process]) -> float:
    for process in processes:
        end: IO[str] | None = process.stdin
        assert end is not None
        end.write(f"{SECONDS}\n")
        end.flush()
    return sum(float(_line(process)) for process in processes)


def _line(process: Process) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _python() -> Path:
    """The Python of the peers' environment."""
    chosen = os.environ.get("LOVEBANK_PEERS_PYTHON")
    folder = "Scripts" if sys.platform == "win32" else "bin"
    python = Path(chosen) if chosen else ROOT / ".venv-peers" / folder / "python"
    if not python.exists():
        raise Missing("the peers are not installed: run `make peers` first")
    return python
