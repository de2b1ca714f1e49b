"""Makes a backup while the program runs: one snapshot of every table, in one file.

Invariant: all tables are read on one snapshot, so a write that was acknowledged before the backup
began is in it whole, and one that came later is in it not at all. Writers never wait for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.orm import Session

from kit import marks, schema
from kit.clock import Clock
from kit.db import Database
from kit.tables import Base
from kit.triggers import SCHEMA
from lovebank.backups import archive, rows
from lovebank.opening import KEY

LINES_AT_ONCE = 2_000
#: a backup takes as long as it takes; the limits of a request are not its own
_UNHURRIED = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL bytea_output = 'hex'",
)


def make(database: Database, path: Path, clock: Clock) -> archive.Manifest:
    """Write the backup; the secret is not in it, because it is not in the database.

    Raises SettingsError where the file is there already or cannot be written.
    """
    with archive.writing(path) as writer, database.reader.begin() as connection:
        for statement in _UNHURRIED if database.dialect == "postgresql" else ():
            connection.execute(text(statement))
        for table in every_table(connection):
            writer.table(table.name, rows.names(table), _pieces(connection, table))
        with Session(bind=connection) as session:
            marked = marks.names(session)
        written = archive.Manifest(
            revision=schema.current_on(connection) or "",
            made_at=clock.now().isoformat(),
            keys=sorted(name.removeprefix(KEY) for name in marked if name.startswith(KEY)),
            test_clock=marks.TEST_CLOCK in marked,
            tables=writer.tables,
        )
        writer.manifest(written)
    return written


def every_table(connection: Connection) -> list[Table]:
    """Every table of the program; asserts that the database holds no other."""
    schema.load_tables()
    found = Base.metadata.sorted_tables
    there = set(inspect(connection).get_table_names()) - {"alembic_version"}
    assert there == {table.name for table in found}, "the schema is not the models'"
    return found


def _pieces(connection: Connection, table: Table) -> Iterator[bytes]:
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        listed = ", ".join(rows.names(table))
        cursor = driver.execute(f"SELECT {listed} FROM {table.name}")  # noqa: S608 # our own names
        while found := list(islice(cursor, LINES_AT_ONCE)):
            yield b"".join(map(rows.line, found))
        return
    statement = f"COPY (SELECT {rows.selected(table)} FROM {SCHEMA}.{table.name}) TO STDOUT"  # noqa: S608 # our own names
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in copy:
            yield bytes(piece)
