"""Fresh databases to measure on: migrated, durable, on a real disk.

Invariant: nothing is measured on a server that does not wait for its disk, nor in memory; whoever
has no PostgreSQL is told what is missing.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bench.figures import Asked
from kit import ids, schema
from tests.pgserver import PostgresUnavailable, postgres_server

T = TypeVar("T")
#: what is recorded, what our server gets, what the floor gets
COPIES = ("recorded", "ours", "floor")


class Missing(Exception):
    """What this machine lacks for a measurement; the text is the one line that is told."""


@contextmanager
def server(asked: Asked, connections: int = 200) -> Iterator[str]:
    """The address of a PostgreSQL for several measurements: the one asked for, or a throw-away."""
    if asked.postgresql:
        yield asked.postgresql
        return
    try:
        with postgres_server(fsync=True, max_connections=connections) as own:
            yield own.url()
    except PostgresUnavailable as problem:
        raise Missing(
            f"no PostgreSQL: {problem}; name one with --postgresql postgresql+psycopg://…"
        ) from problem


@contextmanager
def fresh_postgresql(base: str, asked: Asked) -> Iterator[str]:
    """A new database of that server at the head of the schema, dropped at the end."""
    name = f"lb_bench_{ids.new().hex}"
    with psycopg.connect(plain(base), autocommit=True) as admin:
        _require_durable(admin, asked)
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            url = make_url(base).set(database=name).render_as_string(hide_password=False)
            schema.upgrade(url)
            yield url
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            admin.execute(drop.format(sql.Identifier(name)))


@contextmanager
def fresh_sqlite() -> Iterator[str]:
    """A new SQLite file at the head of the schema, on the disk where temporary files are."""
    with tempfile.TemporaryDirectory(prefix="lb-bench-") as folder:
        _require_disk(Path(folder))
        url = f"sqlite:///{folder}/bench.db"
        schema.upgrade(url)
        yield url


@contextmanager
def copies_of_sqlite(fill: Callable[[str], T]) -> Iterator[tuple[T, dict[str, str]]]:
    """A file that ``fill`` has filled, and a copy for each of ``COPIES``."""
    with fresh_sqlite() as url:
        made = fill(url)
        first = Path(str(make_url(url).database))
        urls = {}
        for name in COPIES:
            shutil.copyfile(first, first.with_name(f"{name}.db"))
            urls[name] = f"sqlite:///{first.with_name(f'{name}.db')}"
        yield made, urls


@contextmanager
def copies_of_postgresql(
    base: str, asked: Asked, fill: Callable[[str], T]
) -> Iterator[tuple[T, dict[str, str]]]:
    """A database that ``fill`` has filled, and a copy for each of ``COPIES``."""
    with fresh_postgresql(base, asked) as url, psycopg.connect(plain(base)) as admin:
        made = fill(url)
        admin.autocommit = True
        first = str(make_url(url).database)
        urls = {}
        try:
            for name in COPIES:
                names = (sql.Identifier(f"{first}_{name}"), sql.Identifier(first))
                admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
                copy = make_url(url).set(database=f"{first}_{name}")
                urls[name] = copy.render_as_string(hide_password=False)
            yield made, urls
        finally:
            for name in urls:
                drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
                admin.execute(drop.format(sql.Identifier(f"{first}_{name}")))


def plain(url: str) -> str:
    """The address as the bare driver takes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _require_durable(admin: psycopg.Connection, asked: Asked) -> None:
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        row = admin.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone()
        if row is None or row[0] != "on":
            raise Missing(f"this PostgreSQL is not durable: {name} is {row and row[0]}")
    asked.machine["postgresql"] = ".".join(map(str, divmod(admin.info.server_version, 10_000)))


def _require_disk(folder: Path) -> None:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return
    table = [line.split() for line in mounts.read_text().splitlines()]
    over = [row for row in table if folder.is_relative_to(row[1])]
    kind = max(over, key=lambda row: len(row[1]))[2]
    if kind in {"tmpfs", "ramfs"}:
        raise Missing(f"temporary files lie in memory ({kind}); set TMPDIR to a folder on a disk")
