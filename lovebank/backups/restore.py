"""Brings a backup into an empty database, and proves its books before anybody can see it.

Invariant: schema, rows, guards and proof are one transaction: whatever fails, the database is as
empty as before. Restoring does not decide anew what was decided once: the guards on the way in
(may this person approve?) judge the day on which they stood there, so they are put aside while the
rows come, are installed again, and the proof covers what they would have (docs/decisions).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from sqlalchemy import Connection, Table, text
from sqlalchemy.orm import Session

import reports.check
from kit import engines, schema, triggers
from kit.errors import SettingsError
from kit.problems import Problem
from kit.triggers import SCHEMA
from lovebank import opening
from lovebank.backups import archive, rows
from lovebank.backups.backup import every_table
from lovebank.settings import Settings

ROWS_AT_ONCE = 2_000
_ACROSS = {"across_communities": "a restore is of the whole installation"}
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_catalog.pg_constraint
    WHERE contype = 'f' AND connamespace = CAST(:schema AS regnamespace)
    ORDER BY 1, 2
"""


class NotProved(Exception):
    """The books in the backup do not hold; nothing was restored."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def restore(settings: Settings, path: Path) -> archive.Manifest:
    """Bring the backup into the database of the settings.

    Raises SettingsError: no secret, an unreadable or damaged file, another schema, another key,
    the test clock on true times, a database that is not empty; NotProved where the books do not
    hold.
    """
    keys = settings.need_keys()
    with archive.reading(path) as (file, manifest):
        if manifest.revision != schema.head():
            raise SettingsError(
                f"{path} stands at schema {manifest.revision}, this program at {schema.head()}; "
                "restore it with the program that made it, then run: lovebank db upgrade"
            )
        opening.require_keys(set(manifest.keys), keys)
        if settings.test_clock and not manifest.test_clock:
            raise SettingsError("LOVEBANK_TEST_CLOCK is set, and this backup holds true times")
        with opening.reached(settings), _no_trace_of_failure(settings.database_url):
            _into(settings.database_url, file, manifest)
    return manifest


def _into(url: str, file: ZipFile, manifest: archive.Manifest) -> None:
    engine = engines.make(url, writes=True, owner=True)
    with engine.begin() as connection:
        if schema.current_on(connection) is None:
            schema.upgrade_on(connection)
        tables = every_table(connection)
        _require_empty(connection, tables)
        _require_same(tables, manifest)
        with _guards_aside(connection, tables):
            for table in tables:
                _load(connection, table, file)
                _require_whole(connection, table, manifest)
        with Session(bind=connection) as session:
            problems = reports.check.every_problem(session)
        if problems:
            raise NotProved(problems)


def _require_empty(connection: Connection, tables: list[Table]) -> None:
    if schema.current_on(connection) != schema.head():
        raise SettingsError("the database is not empty: it holds an older schema")
    for table in tables:
        if _count(connection, table):
            raise SettingsError(
                f"the database is not empty ({table.name} has rows); restore into a new one"
            )


def _require_same(tables: list[Table], manifest: archive.Manifest) -> None:
    wanted = {table.name: rows.names(table) for table in tables}
    if wanted != {name: told["columns"] for name, told in manifest.tables.items()}:
        raise SettingsError("the backup's tables are not those of this program")


def _require_whole(connection: Connection, table: Table, manifest: archive.Manifest) -> None:
    found, wanted = _count(connection, table), manifest.tables[table.name]["rows"]
    assert found == wanted, f"{table.name}: {found} rows came of {wanted}"


def _count(connection: Connection, table: Table) -> int:
    statement = f"SELECT count(*) FROM {table.name}"  # noqa: S608 # our own names
    return int(connection.exec_driver_sql(statement, execution_options=_ACROSS).scalar_one())


def _load(connection: Connection, table: Table, file: ZipFile) -> None:
    driver: Any = connection.connection.driver_connection
    listed = ", ".join(rows.names(table))
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        insert = f"INSERT INTO {table.name} ({listed}) VALUES ({marks})"  # noqa: S608 # our own names
        found = rows.values(table, archive.lines(file, table.name))
        while part := list(islice(found, ROWS_AT_ONCE)):
            driver.executemany(insert, part)
        return
    statement = f"COPY {SCHEMA}.{table.name} ({listed}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in archive.pieces(file, table.name):
            copy.write(piece)


@contextmanager
def _guards_aside(connection: Connection, tables: list[Table]) -> Iterator[None]:
    """Without triggers and with foreign keys judged at the end, within the one transaction."""
    aside = _sqlite_aside if connection.dialect.name == "sqlite" else _postgresql_aside
    with aside(connection, tables):
        yield


@contextmanager
def _sqlite_aside(connection: Connection, _tables: list[Table]) -> Iterator[None]:
    # Judged at the commit: rows may come before those that they point at.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    found = [trigger for trigger in triggers.registered() if trigger.only in (None, "sqlite")]
    for trigger in found:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in found:
        connection.exec_driver_sql(trigger.sqlite())


@contextmanager
def _postgresql_aside(connection: Connection, tables: list[Table]) -> Iterator[None]:
    keys = connection.execute(text(_FOREIGN_KEYS), {"schema": SCHEMA}).all()
    for table, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for found in tables:
        connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{found.name} DISABLE TRIGGER USER")
    yield
    for found in tables:
        connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{found.name} ENABLE TRIGGER USER")
    for table, name, definition in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


@contextmanager
def _no_trace_of_failure(url: str) -> Iterator[None]:
    """An SQLite file that was not there before is not there after a failure."""
    parsed = engines.parse(url)
    path = Path(str(parsed.database)) if parsed.drivername == "sqlite" else None
    is_new = path is not None and not path.exists()
    try:
        yield
    except BaseException:
        if path is not None and is_new:
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
        raise
