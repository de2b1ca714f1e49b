"""Append-only, in the database: every kind of SQL attack is refused and leaves nothing behind.

On PostgreSQL the attacker is connected as a login that holds the runtime role and nothing else; on
SQLite through the program's own engine.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pysqlite3.dbapi2 as pysqlite  # type: ignore[import-untyped] # the wheel has no stubs
import pytest
from psycopg import sql
from sqlalchemy import Column, Table, insert, make_url, text

from audit import trail
from kit import engines, ids, installed, schema, triggers
from kit.db import Database
from kit.tables import Base
from kit.types import Amount, Day, Id, Instant, Json, Octets
from ledger import accounts, checks
from tests import statement_lint
from tests.faults.attacks import Attack, at_large, on_table
from tests.faults.forgeries import FORGERIES
from tests.ledger.books import AT, Books, books

Send = Callable[[str], None]


@dataclass
class Target:
    """A database with rows, the way in for the attacker, and who owns it."""

    ours: Books
    send: Callable[[tuple[str, ...]], None]
    owner: str


@pytest.fixture
def target(
    engine_name: str, request: pytest.FixtureRequest, empty_database_url: str
) -> Iterator[Target]:
    # Not from the template: the database's own rights are not copied with one.
    schema.upgrade(empty_database_url)
    database = Database(empty_database_url)
    ours = _with_rows(database)
    _seed(database)
    if engine_name == "sqlite":
        yield Target(ours, lambda statements: _send_sqlite(database, statements), "")
    else:
        with _login(empty_database_url) as connection:
            owner = make_url(empty_database_url).username or "postgres"
            yield Target(ours, lambda statements: _send(connection, statements), owner)
    database.dispose()


def _with_rows(database: Database) -> Books:
    ours = books(database, budget=500)
    person_id = ids.new()
    award = ours.award(person_id, 100, minutes=60)
    ours.hold(person_id, 40)
    ours.stock(ids.new(), 3)
    ours.reverse(award)
    ours.write(lambda session: trail.keep_text(session, ours.community_id, "why"))
    return ours


def _send_sqlite(database: Database, statements: tuple[str, ...]) -> None:
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        for statement in statements:
            raw.execute(statement).fetchall()


def _send(connection: psycopg.Connection[Any], statements: tuple[str, ...]) -> None:
    try:
        for statement in statements:
            connection.execute(statement.encode())
        connection.commit()
    finally:
        connection.rollback()


@contextmanager
def _login(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of a login that has the runtime role, and nothing else, from the start."""
    name = sql.Identifier(f"lb_attacker_{os.getpid()}")
    parts = make_url(url).set(drivername="postgresql")
    with psycopg.connect(parts.render_as_string(False), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN IN ROLE lovebank_runtime").format(name))
        attacker = parts.set(username=name.as_string().strip('"'))
        try:
            with psycopg.connect(attacker.render_as_string(False)) as connection:
                connection.execute("SET search_path = lovebank")
                connection.commit()
                yield connection
        finally:
            admin.execute(sql.SQL("DROP OWNED BY {}").format(name))
            admin.execute(sql.SQL("DROP ROLE {}").format(name))


def _append_only() -> list[Table]:
    schema.load_tables()
    return [table for table in Base.metadata.sorted_tables if table.info.get("append_only")]


def _seed(database: Database) -> None:
    """A row in each append-only table that has none: triggers speak row by row."""
    engine = engines.make(database.url, writes=True, owner=True)
    sqlite = database.dialect == "sqlite"
    with statement_lint.off(), engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if sqlite:
            raw.execute("PRAGMA foreign_keys = 0")
            for trigger in triggers.wanted_on("sqlite"):
                raw.execute(f"DROP TRIGGER {trigger.name}")
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for table in _append_only():
            if not connection.execute(text(f"SELECT count(*) FROM {table.name}")).scalar():
                row = {column.name: _value(table, column) for column in table.columns}
                connection.execute(insert(table), [row])
        connection.commit()
        for trigger in triggers.wanted_on("sqlite") if sqlite else ():
            raw.execute(trigger.sqlite())
    engine.dispose()


def _value(table: Table, column: Column[Any]) -> Any:
    """Something that the column and its CHECKs take: nothing, but for a scan's outcome."""
    if column.name == "decide_by":
        return AT + timedelta(days=7)
    if column.name == "difference":
        return -1
    if column.nullable and column.name != "outcome":
        return None
    for check in table.constraints:
        listed = re.match(rf"{column.name} IN \('(\w+)'", str(getattr(check, "sqltext", "")))
        if listed:
            return listed.group(1)
    for wanted, value in (
        (Id, ids.new()), (Instant, AT), (Day, AT.date()), (Json, {}),
        (type(Octets), bytes(32)), (type(Amount), 1),
    ):  # fmt: skip
        if isinstance(column.type, wanted):
            return value
    return "x"


def _digest(database: Database) -> dict[str, str]:
    """What stands in every table that is attacked."""
    engine = engines.make(database.url, writes=True, owner=True)
    watched = [*_append_only(), *(Base.metadata.tables[name] for name in _WATCHED)]
    with statement_lint.off(), engine.connect() as connection:
        found = {}
        for table in watched:
            rows = connection.execute(text(f"SELECT * FROM {table.name}")).all()
            found[table.name] = hashlib.sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
    engine.dispose()
    return found


_WATCHED = ("ledger_balances", "ledger_lots", "audit_unsealed", "audit_texts")


def _attacks(dialect: str, owner: str) -> Iterator[Attack]:
    for table in _append_only():
        yield from on_table(table, dialect)
    yield from at_large(dialect, owner)
    yield from FORGERIES


def test_every_kind_of_attack_is_refused(
    target: Target, record_property: Callable[[str, object], None]
) -> None:
    database = target.ours.database
    attacks = list(_attacks(database.dialect, target.owner))
    kinds = {attack.kind for attack in attacks}
    assert len(kinds - {forged.kind for forged in FORGERIES}) >= 20
    assert len(FORGERIES) >= 20
    assert len(_append_only()) >= 12
    assert len(attacks) >= 300
    before = _digest(database)
    done = [f"{attack.kind}: {attack.sql}" for attack in attacks if not _refused(target, attack)]
    assert done == []
    record_property("cases", len(kinds - {forged.kind for forged in FORGERIES}))
    assert _digest(database) == before
    assert database.read(lambda session: list(installed.problems(session))) == []
    found = checks.problems
    assert database.read(lambda s: list(found(s, target.ours.community_id))) == []


def _refused(target: Target, attack: Attack) -> bool:
    try:
        target.send(attack.sql)
    except (psycopg.Error, pysqlite.Error):
        return True
    return False


def test_the_attackers_way_in_is_not_simply_broken(target: Target) -> None:
    """What the program may do, the attacker may do too: so the refusals above mean something."""
    target.send(("SELECT count(*) FROM ledger_transfers",))
    target.send(("UPDATE ledger_balances SET balance = balance + 1 WHERE floor = 0",))
    place = accounts.fund_points(target.ours.fund_id)
    assert target.ours.balance(place) == 501
    found = target.ours.read(lambda s: list(checks.problems(s, target.ours.community_id)))
    assert {problem.code for problem in found} >= {"balance_wrong"}
