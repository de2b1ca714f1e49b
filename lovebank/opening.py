"""How a database is opened by a command: its schema, its keys and its clock must fit.

Invariant: a database is never run under a secret it was not made with, and one with true times
never under the test clock; both are remembered by marks that nobody takes back (contract).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from kit import engines, marks, schema
from kit.db import Database
from kit.errors import SettingsError
from kit.keys import KeyRing
from kit.program import Program
from lovebank import outbox_file
from lovebank.settings import Settings
from people.models import Community

KEY = "key:"
#: PostgreSQL's insufficient_privilege
NO_RIGHT = "42501"
#: what SQLite says of a file that is not its own, or is damaged
NO_DATABASE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The database at the head revision, its clock judged; closed at the end.

    Raises SettingsError: no database there, another schema, the test clock on a true database.
    """
    with reached(settings):
        require_there(settings)
        schema.require_head(settings.database_url)
    database = Database(settings.database_url)
    try:
        judge_clock(database, settings)
        yield database
    finally:
        database.dispose()


@contextmanager
def running(settings: Settings, base_url: str) -> Iterator[Program]:
    """The program on an opened database, under its keys; raises as `opened`, and for the keys."""
    keys = settings.need_keys()
    with opened(settings) as database:
        claim(database, keys, settings.clock().now())
        if settings.outbox_file is not None:
            # Without a file they need no hurry: the next tick marks them.
            outbox_file.after_commits(database, settings.clock(), settings.outbox_file)
        yield Program(
            database=database,
            clock=settings.clock(),
            keys=keys,
            base_url=settings.base_url or base_url,
            is_test=is_test(database),
            outbox_file=settings.outbox_file,
        )


@contextmanager
def reached(settings: Settings) -> Iterator[None]:
    """A database that does not answer is one clear line, without the address's password."""
    try:
        yield
    except OperationalError as problem:
        first = str(problem.orig).strip().splitlines()[:1]
        shown = engines.parse(settings.database_url).render_as_string(hide_password=True)
        raise SettingsError(f"{shown} does not answer: {' '.join(first)}") from problem
    except ProgrammingError as problem:
        if getattr(problem.orig, "sqlstate", None) != NO_RIGHT:
            raise
        raise SettingsError("this login may not change the schema; use its owner's") from problem
    except DatabaseError as problem:
        if getattr(problem.orig, "sqlite_errorcode", None) not in NO_DATABASE:
            raise
        path = engines.parse(settings.database_url).database
        raise SettingsError(f"{path} is no SQLite database, or a broken one") from problem


def require_there(settings: Settings) -> None:
    """SettingsError where an SQLite file is missing: opening would make an empty one."""
    url = engines.parse(settings.database_url)
    if url.drivername == "sqlite" and not Path(str(url.database)).exists():
        raise SettingsError(f"no database at {url.database}; run: lovebank init")


def judge_clock(database: Database, settings: Settings) -> None:
    """Mark an empty database that is opened with the test clock; refuse a true one."""
    if settings.test_clock is None or is_test(database):
        return
    at = settings.clock().now()

    def mark(session: Session) -> None:
        if session.scalar(select(Community.id).limit(1)) is not None:
            raise SettingsError(
                "LOVEBANK_TEST_CLOCK is set, and this database holds true times: it is refused"
            )
        marks.make(session, marks.TEST_CLOCK, at=at)

    database.write(mark)


def claim(database: Database, keys: KeyRing, at: datetime) -> None:
    """Remember the newest secret's number; SettingsError where a remembered one is missing."""
    known = database.read(marks.names)
    require_keys({name.removeprefix(KEY) for name in known if name.startswith(KEY)}, keys)
    if KEY + keys.newest not in known:
        database.write(lambda session: marks.make(session, KEY + keys.newest, at=at))


def require_keys(numbers: set[str], keys: KeyRing) -> None:
    """SettingsError where the database was made under a secret that is not given."""
    missing = sorted(numbers - set(keys.numbers))
    if missing:
        raise SettingsError(
            "LOVEBANK_SECRET_KEY: this database was made under another key, numbered "
            f"{', '.join(missing)}; add it, separated by a comma"
        )


def is_test(database: Database) -> bool:
    """Whether the database is marked *test* for ever."""
    return marks.TEST_CLOCK in database.read(marks.names)
