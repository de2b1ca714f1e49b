"""Scenes that many tests begin with: made once in each worker and engine, then laid out as copied.

Invariant: a scene is made by the rooms' own functions, and what is laid out are exactly its rows,
into a database that nobody has opened yet; into any other it is made again. Ids and secrets of a
scene are the same in each test of a worker; chance in what follows stays chance.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from weakref import WeakSet

from flask.testing import FlaskClient
from sqlalchemy import make_url

from kit.clock import Clock
from kit.db import Database
from kit.program import Program
from tests import pgdatabases

T = TypeVar("T")


@dataclass(frozen=True)
class _Kept:
    """What a scene left behind: its rows as the engine copies them, and what the test is given."""

    rows: Any
    given: bytes


_kept: dict[tuple[str, str], _Kept] = {}
_furnished: WeakSet[Database] = WeakSet()


def laid_out(name: str, make: Callable[[], T], *, database: Database, **own: Any) -> T:
    """What ``make`` returns, with its rows in ``database``.

    ``own`` are the objects of this very test that the scene holds, as the clock; every other object
    of it is a copy. Where rows cannot be laid out the scene is made there.
    """
    if not _takes_rows(database):
        return make()
    here = own | {"database": database}
    key = (name, database.dialect)
    if key not in _kept:
        given = _packed(make(), here)
        database.dispose()
        _kept[key] = _Kept(_read(database.url), given)
    else:
        _write(database.url, _kept[key].rows)
    _furnished.add(database)
    return cast(T, _Unpickler(io.BytesIO(_kept[key].given), here).load())


def move(program: Program, database: Database, clock: Clock) -> Program:
    """The same program before another database: its doors need not be built for each test."""
    object.__setattr__(program, "database", database)
    object.__setattr__(program, "clock", clock)
    return program


def _takes_rows(database: Database) -> bool:
    """Whether rows can be put in: it is as its template is, and, on PostgreSQL, is lent."""
    pools: list[Any] = [database.engine.pool, database.reader.pool]
    if database in _furnished or any(pool.checkedin() + pool.checkedout() for pool in pools):
        return False
    # A proof's own PostgreSQL gives nobody its rows to keep.
    return database.dialect == "sqlite" or pgdatabases.lent_at(database.url) is not None


def _read(url: str) -> Any:
    if lent := pgdatabases.lent_at(url):
        return lent.rows()
    # The last connection that closed left the whole in one file.
    return Path(str(make_url(url).database)).read_bytes()


def _write(url: str, rows: Any) -> None:
    if lent := pgdatabases.lent_at(url):
        lent.fill(rows)
    else:
        Path(str(make_url(url).database)).write_bytes(rows)


class _Pickler(pickle.Pickler):
    """A pickler that leaves out what is the test's own."""

    def __init__(self, file: io.BytesIO, own: dict[str, Any]) -> None:
        super().__init__(file)
        self._names = {id(one): name for name, one in own.items()}

    def persistent_id(self, obj: Any) -> str | None:
        return self._names.get(id(obj))

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FlaskClient):
            return _client, (obj.application, obj._cookies)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Puts them in again."""

    def __init__(self, file: io.BytesIO, own: dict[str, Any]) -> None:
        super().__init__(file)
        self._own = own

    def persistent_load(self, pid: Any) -> Any:
        return self._own[pid]


def _packed(scene: Any, own: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    _Pickler(file, own).dump(scene)
    return file.getvalue()


def _client(app: Any, cookies: Any) -> FlaskClient:
    made: FlaskClient = app.test_client()
    made._cookies = cookies
    return made
