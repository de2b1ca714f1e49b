"""Rows by the million into a database: as its owner, triggers aside, indexes made at the end.

Invariant: what is left behind has every trigger, index and constraint again, and what a running
database's own upkeep would have done is done; nothing is measured before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Index, text

from bench.history import COLUMNS, Rows
from kit import engines, schema, triggers
from kit.tables import Base

Told = Callable[[int], None]


def pour(url: str, parts: Iterable[Rows], told: Told) -> None:
    """Write all parts; ``told`` hears after each how many postings it had."""
    schema.load_tables()
    with _owner(url) as connection:
        with _guards_aside(connection):
            indexes = [
                index
                for name in COLUMNS
                for index in sorted(
                    Base.metadata.tables[name].indexes, key=lambda one: str(one.name)
                )
            ]
            for index in indexes:
                _run(connection, f"DROP INDEX {index.name}")
            for rows in parts:
                for name, lines in rows.items():
                    _write(connection, name, lines)
                told(len(rows["ledger_postings"]))
            for index in indexes:
                _make(connection, index)
        _settle(connection)


def set_balances(url: str, community_id: UUID, balances: dict[UUID, int]) -> None:
    """The guarded balances that the rows come to; accounts without a row are passed over."""
    with _owner(url) as connection, _guards_aside(connection):
        raw: Any = connection.connection.driver_connection
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        raw.cursor().executemany(
            f"UPDATE ledger_balances SET balance = {mark}"
            f" WHERE community_id = {mark} AND account_id = {mark}",
            [(balance, str(community_id), str(one)) for one, balance in balances.items()],
        )


@contextmanager
def _owner(url: str) -> Iterator[Connection]:
    engine = engines.make(url, writes=True, owner=True)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            raw: Any = connection.connection.driver_connection
            # Filling is no promise to anybody: if it breaks off, the file is thrown away.
            for pragma in ("synchronous = 0", "cache_size = -400000", "foreign_keys = 0"):
                raw.execute("COMMIT") if raw.in_transaction else None
                raw.execute(f"PRAGMA {pragma}")
        yield connection
    engine.dispose()


@contextmanager
def _guards_aside(connection: Connection) -> Iterator[None]:
    """One transaction in which no trigger speaks."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        yield
        connection.commit()
        return
    raw: Any = connection.connection.driver_connection
    raw.execute("BEGIN IMMEDIATE") if not raw.in_transaction else None
    for trigger in triggers.wanted_on("sqlite"):
        raw.execute(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers.wanted_on("sqlite"):
        raw.execute(trigger.sqlite())
    raw.execute("COMMIT")


def _write(connection: Connection, name: str, lines: list[Any]) -> None:
    if not lines:
        return
    raw: Any = connection.connection.driver_connection
    columns = ", ".join(COLUMNS[name])
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        return
    marks = ", ".join("?" * len(COLUMNS[name]))
    raw.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", lines)


def _make(connection: Connection, index: Index) -> None:
    columns = ", ".join(column.name for column in index.columns)
    unique = "UNIQUE " if index.unique else ""
    where = index.dialect_options[connection.dialect.name]["where"]
    only = f" WHERE {where}" if where is not None else ""
    table = index.table
    assert table is not None, f"{index.name} belongs to a table"
    made = f"CREATE {unique}INDEX {index.name} ON {table.name} ({columns}){only}"
    _run(connection, made)


def _run(connection: Connection, statement: str) -> None:
    """Through the driver: SQLAlchemy would begin a unit of its own around it."""
    raw: Any = connection.connection.driver_connection
    raw.cursor().execute(statement)


def _settle(connection: Connection) -> None:
    """What autovacuum, or the next checkpoint of the log, does by itself."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    raw.autocommit = True
    raw.execute("VACUUM (ANALYZE)")
    raw.execute("CHECKPOINT")
    raw.autocommit = False
