"""Rows written by the million: as the owner, with the triggers aside while they go in.

Invariant: what is left behind has every trigger and every constraint again, and statistics that the
planner may trust; so a database filled this way is one that the program might have filled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, text, update

from kit import engines, triggers
from kit.db import Database
from ledger.models import Balance

Row = dict[str, Any]
CHUNK = 10_000


class Bulk:
    """Rows by table, kept until there are enough of them for one stroke."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: dict[Table, list[Row]] = defaultdict(list)

    def add(self, model: Any, row: Row) -> None:
        """One row; columns that are not named stay empty."""
        rows = self._rows[model.__table__]
        rows.append(row)
        if len(rows) >= CHUNK:
            self._write(model.__table__)

    def add_all(self, model: Any, rows: Iterable[Row]) -> None:
        """Several rows."""
        for row in rows:
            self.add(model, row)

    def set_balance(self, community_id: UUID, account_id: UUID, balance: int) -> None:
        """The balance of an account that stood there before; one that is not guarded has none."""
        self._connection.execute(
            update(Balance)
            .where(Balance.community_id == community_id, Balance.account_id == account_id)
            .values(balance=balance)
        )

    def flush(self) -> None:
        """Write what is kept."""
        for table in list(self._rows):
            self._write(table)

    def _write(self, table: Table) -> None:
        rows = self._rows.pop(table, [])
        if not rows:
            return
        dialect = self._connection.dialect
        binds = {
            column.name: column.type.dialect_impl(dialect).bind_processor(dialect)
            for column in table.columns
        }
        lines = (
            tuple(
                bind(row.get(name)) if bind is not None else row.get(name)
                for name, bind in binds.items()
            )
            for row in rows
        )
        raw: Any = self._connection.connection.driver_connection
        names = ", ".join(binds)
        if dialect.name == "postgresql":
            with raw.cursor().copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
            return
        marks = ", ".join("?" * len(binds))
        raw.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", lines)


@contextmanager
def filling(database: Database) -> Iterator[Bulk]:
    """A way to write rows in bulk; all of them are there at the end of the block."""
    engine = engines.make(database.url, writes=True, owner=True)
    with engine.connect() as connection:
        _aside(connection)
        made = Bulk(connection)
        yield made
        made.flush()
        _back(connection)
        connection.commit()
        _settle(connection)
    engine.dispose()


def _aside(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    raw: Any = connection.connection.driver_connection
    # Before the first statement of ours, which begins a transaction: inside one it does nothing.
    raw.execute("PRAGMA foreign_keys = 0")
    for trigger in triggers.wanted_on("sqlite"):
        connection.execute(text(f"DROP TRIGGER {trigger.name}"))


def _back(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for trigger in triggers.wanted_on("sqlite"):
            connection.exec_driver_sql(trigger.sqlite())


def _settle(connection: Connection) -> None:
    """Statistics as autovacuum and ``PRAGMA optimize`` would have left them."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        raw.autocommit = True
        raw.execute("VACUUM ANALYZE")
        raw.autocommit = False
        return
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
