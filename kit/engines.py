"""One engine factory for SQLite and PostgreSQL, with the same promises on both (design D11).

Invariant: every connection of the program has passed through here, so its durability settings, its
foreign keys, its authorizer (SQLite) and its role (PostgreSQL) are set and verified.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as pysqlite  # type: ignore[import-untyped] # the wheel has no stubs
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from kit.errors import SettingsError
from kit.triggers import SEARCH_PATH

RUNTIME_ROLE = "lovebank_runtime"
POOL_SIZE = 12
BUSY_MILLISECONDS = 8_000
REST_SECONDS = 2


def parse(url: str) -> URL:
    """The database's address; SettingsError where it names another engine or driver."""
    parsed = make_url(url)
    if parsed.drivername == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    if parsed.drivername == "postgresql+psycopg":
        return parsed
    raise SettingsError(
        "LOVEBANK_DATABASE_URL: want sqlite:///FILE or postgresql+psycopg://…, "
        f"not {parsed.drivername}://"
    )


def make(url: str, *, writes: bool, owner: bool = False) -> Engine:
    """An engine for units that write or for reading; ``owner`` is for migrations alone."""
    parsed = parse(url)
    if parsed.drivername == "sqlite":
        return _sqlite(parsed, writes=writes, owner=owner)
    return _postgresql(parsed, writes=writes, owner=owner)


def _sqlite(url: URL, *, writes: bool, owner: bool) -> Engine:
    engine = create_engine(
        url,
        module=pysqlite,
        poolclass=NullPool if owner else QueuePool,
        connect_args={"isolation_level": None, "check_same_thread": False},
        **({} if owner else {"pool_size": POOL_SIZE, "max_overflow": 0}),
    )
    created = not Path(str(url.database)).exists()

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        nonlocal created
        prepare_sqlite(connection)
        if created:
            # The directory entry of a new file must reach the disk before the first answer.
            _sync_directory(Path(str(url.database)).resolve().parent)
            created = False
        if not writes:
            connection.execute("PRAGMA query_only = 1")
        if not owner:
            connection.set_authorizer(_authorize)

    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def prepare_sqlite(connection: Any) -> None:
    """Set and verify the pragmas of D11 on a raw connection, in the order that survives cuts."""
    wal = wal_is_safe(pysqlite.sqlite_version_info)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    connection.execute("PRAGMA synchronous = EXTRA")
    mode = connection.execute(f"PRAGMA journal_mode = {'WAL' if wal else 'TRUNCATE'}").fetchone()
    if mode[0].upper() != ("WAL" if wal else "TRUNCATE"):
        raise SettingsError(f"SQLite refused its journal mode, it stays at {mode[0]}")
    wanted = {
        "synchronous": 2 if wal else 3,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
        "cell_size_check": 1,
    }
    for name, value in wanted.items():
        connection.execute(f"PRAGMA {name} = {value}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != value:
            raise SettingsError(f"SQLite's {name} is {found}, and must be {value}")


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite lacks the WAL-reset bug (3.7.0 to 3.51.2, fixed in two back-ports)."""
    return version >= (3, 51, 3) or version in {(3, 44, 6), (3, 50, 7)}


_REFUSED = {
    sqlite3.SQLITE_ALTER_TABLE,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DETACH,
    sqlite3.SQLITE_CREATE_INDEX,
    sqlite3.SQLITE_CREATE_TABLE,
    sqlite3.SQLITE_CREATE_TRIGGER,
    sqlite3.SQLITE_CREATE_VIEW,
    sqlite3.SQLITE_CREATE_TEMP_INDEX,
    sqlite3.SQLITE_CREATE_TEMP_TABLE,
    sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
    sqlite3.SQLITE_CREATE_TEMP_VIEW,
    sqlite3.SQLITE_CREATE_VTABLE,
    sqlite3.SQLITE_DROP_INDEX,
    sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_DROP_TEMP_TABLE,
    sqlite3.SQLITE_DROP_TEMP_TRIGGER,
    sqlite3.SQLITE_DROP_TRIGGER,
    sqlite3.SQLITE_DROP_VIEW,
    sqlite3.SQLITE_DROP_VTABLE,
    sqlite3.SQLITE_REINDEX,
}
#: Pragmas that may be given a value: they look something up, and settle nothing.
_ASKED = {
    "foreign_key_check",
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "quick_check",
    "table_info",
    "table_list",
    "table_xinfo",
    "wal_checkpoint",
}


def _authorize(action: int, first: Any, second: Any, _database: Any, _trigger: Any) -> int:
    """Refuse every change of the schema and of the settings that the guarantees rest on."""
    if action in _REFUSED:
        return sqlite3.SQLITE_DENY
    sets = action == sqlite3.SQLITE_PRAGMA and second is not None
    if sets and str(first).lower() not in _ASKED:
        return sqlite3.SQLITE_DENY
    writes_schema = action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
    if writes_schema and str(first).lower() in {"sqlite_master", "sqlite_schema"}:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _sync_directory(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _postgresql(url: URL, *, writes: bool, owner: bool) -> Engine:
    options = [f"-c search_path={SEARCH_PATH.replace(' ', '')}", "-c timezone=UTC"]
    if not owner:
        options += [
            f"-c role={RUNTIME_ROLE}",
            "-c lock_timeout=5s",
            "-c statement_timeout=20s",
            "-c idle_in_transaction_session_timeout=30s",
        ]
    if not writes:
        options += [
            "-c default_transaction_read_only=on",
            r"-c default_transaction_isolation=repeatable\ read",
        ]
    engine = create_engine(
        url,
        poolclass=NullPool if owner else QueuePool,
        connect_args={
            "options": " ".join(options),
            "connect_timeout": 5,
            "tcp_user_timeout": 10_000,
        },
        **({} if owner else {"pool_size": POOL_SIZE, "max_overflow": 0}),
    )
    if not owner:
        _ask_the_rested(engine)
    return engine


def _ask_the_rested(engine: Engine) -> None:
    """Ask a pooled connection whether it lives, if it rested; one in use would have said so.

    A round trip saved for each unit of a busy server. A connection that is cut within the rest
    fails at its first statement, and the unit is run again (kit.db).
    """

    @event.listens_for(engine, "checkin")
    def _rests(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _asked(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since < REST_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as problem:
            raise DisconnectionError from problem
