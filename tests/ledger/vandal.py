"""Whoever holds the database itself: every guard out of the way, to plant what checks must find."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from kit import engines
from kit.db import Database
from tests import statement_lint


class Vandal:
    """The owner's connection without triggers, foreign keys and CHECKs; one open unit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def run(self, statement: str, **values: Any) -> int:
        """Send SQL; returns how many rows it met."""
        plain = {
            name: str(value) if isinstance(value, UUID) else value for name, value in values.items()
        }
        return self._connection.execute(text(statement), plain).rowcount

    def session(self) -> Session:
        """A session that sees what was planted, before it is kept or undone."""
        return Session(self._connection)

    def undo(self) -> None:
        """Take back everything since the last undo."""
        self._connection.rollback()


@contextmanager
def vandal(database: Database) -> Iterator[Vandal]:
    """What is done inside is kept at the end, unless it was undone."""
    engine = engines.make(database.url, writes=True, owner=True)
    with statement_lint.off(), engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        if database.dialect == "sqlite":
            raw.execute("PRAGMA foreign_keys = 0")
            raw.execute("PRAGMA ignore_check_constraints = 1")
            names = raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for (name,) in names:
                raw.execute(f"DROP TRIGGER {name}")
        else:
            connection.execute(text("SET session_replication_role = replica"))
            _drop_checks(connection)
        connection.commit()
        yield Vandal(connection)
        connection.commit()
    engine.dispose()


def _drop_checks(connection: Connection) -> None:
    rows = connection.execute(
        text(
            "SELECT conrelid::regclass, conname FROM pg_catalog.pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'lovebank'::regnamespace"
        )
    ).all()
    for table, name in rows:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
