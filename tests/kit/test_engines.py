"""The engine factory: what is set and verified at each connect, and what an address may be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as pysqlite  # type: ignore[import-untyped] # the wheel has no stubs
import pytest
from sqlalchemy import text

from kit import engines
from kit.db import Database
from kit.errors import SettingsError
from tests import statement_lint


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://x/y",
        "postgresql://x/y",
        "postgresql+asyncpg://x",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="LOVEBANK_DATABASE_URL"):
        engines.make(url, writes=True)


@pytest.mark.parametrize("writes", [True, False])
def test_sqlite_is_durable_and_whole(tmp_path: Path, writes: bool) -> None:
    engine = engines.make(f"sqlite:///{tmp_path / 'x.db'}", writes=writes)
    with statement_lint.off(), engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "recursive_triggers",
                "trusted_schema",
                "secure_delete",
                "cell_size_check",
                "query_only",
            )
        }
    engine.dispose()
    wal = engines.wal_is_safe(pysqlite.sqlite_version_info)
    assert found == {
        "journal_mode": "wal" if wal else "truncate",
        "synchronous": 2 if wal else 3,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
        "cell_size_check": 1,
        "query_only": 0 if writes else 1,
    }


def test_the_wheel_has_a_mended_sqlite() -> None:
    assert pysqlite.sqlite_version_info >= (3, 51, 3)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False),
        ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 53, 4), True),
    ],
)  # fmt: skip
def test_wal_is_used_only_where_it_cannot_corrupt(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert engines.wal_is_safe(version) is safe


def test_an_affected_sqlite_takes_the_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "wal_is_safe", lambda _version: False)
    connection = pysqlite.connect(tmp_path / "x.db", isolation_level=None)
    engines.prepare_sqlite(connection)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (3,)
    connection.close()


def test_a_setting_that_does_not_take_stops_the_start() -> None:
    class Deaf:
        def execute(self, statement: str) -> Any:
            class Answer:
                def fetchone(self) -> tuple[object]:
                    return ("wal" if "journal_mode" in statement else 0,)

            return Answer()

    with pytest.raises(SettingsError, match="must be"):
        engines.prepare_sqlite(Deaf())


def test_a_writing_unit_on_sqlite_takes_the_write_lock_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = engines.make(url, writes=True)
    other = pysqlite.connect(tmp_path / "x.db", isolation_level=None, timeout=0)
    with statement_lint.off(), engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(pysqlite.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()
    engine.dispose()


def test_postgresql_runs_as_the_runtime_role_and_in_utc(database: Database) -> None:
    if database.dialect == "sqlite":
        return  # has no roles; its guards are tested above
    with statement_lint.off(), database.engine.connect() as connection:
        asked = "current_user, current_setting('timezone'), current_setting('search_path')"
        found = connection.execute(text(f"SELECT {asked}")).one()
        assert tuple(found) == ("lovebank_runtime", "UTC", "lovebank,pg_temp")
        level = connection.execute(text("SHOW transaction_isolation")).scalar()
        assert level == "read committed"
    with statement_lint.off(), database.reader.connect() as connection:
        assert connection.execute(text("SHOW transaction_read_only")).scalar() == "on"
        assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
