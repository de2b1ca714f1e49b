"""SQL attacks on append-only tables, by kind: what a broken-in program or a bored operator tries.

Invariant: an attack names a kind; each kind is asserted to be tried, so that none is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Table

from kit import triggers
from kit.engines import RUNTIME_ROLE


@dataclass(frozen=True)
class Attack:
    """One statement, or several of which one at least must be refused."""

    kind: str
    sql: tuple[str, ...]


def on_table(table: Table, dialect: str) -> Iterator[Attack]:
    """The attacks on one append-only table."""
    own = _on_sqlite if dialect == "sqlite" else _on_postgresql
    name, column = table.name, _column(table)
    key = ", ".join(part.name for part in table.primary_key)
    names = ", ".join(part.name for part in table.columns)
    same = f"INSERT INTO {name} ({names}) SELECT {names} FROM {name} WHERE true"
    for kind, *sql in (
        ("update", f"UPDATE {name} SET {column} = {column}"),
        ("update nothing new", f"UPDATE {name} SET community_id = community_id"),
        ("delete", f"DELETE FROM {name}"),
        ("upsert", f"{same} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"),
        ("insert the same key", same),
        ("update from", f"UPDATE {name} SET {column} = o.{column} FROM {name} o"),
        ("drop table", f"DROP TABLE {name}"),
        ("rename table", f"ALTER TABLE {name} RENAME TO gone"),
        ("rename column", f"ALTER TABLE {name} RENAME COLUMN {column} TO gone"),
        ("add column", f"ALTER TABLE {name} ADD COLUMN hole TEXT"),
        ("drop column", f"ALTER TABLE {name} DROP COLUMN {column}"),
        ("shadow by temporary table", f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}"),
        ("shadow by temporary view", f"CREATE TEMP VIEW {name} AS SELECT 1"),
        ("create index", f"CREATE UNIQUE INDEX held ON {name} ({column})"),
    ):
        yield Attack(kind, tuple(sql))
    for trigger in triggers.wanted_on(dialect):
        if trigger.table == name:
            on = "" if dialect == "sqlite" else f" ON {name}"
            yield Attack("drop trigger", (f"DROP TRIGGER {trigger.name}{on}",))
    yield from own(table, column, names)


def _on_sqlite(table: Table, column: str, names: str) -> Iterator[Attack]:
    name = table.name
    rows = f"({names}) SELECT {names} FROM {name}"
    for kind, *sql in (
        ("insert or replace", f"INSERT OR REPLACE INTO {name} {rows}"),
        ("replace", f"REPLACE INTO {name} {rows}"),
        ("update or replace", f"UPDATE OR REPLACE {name} SET {column} = {column}"),
        (
            "delete in a cte",
            f"WITH x AS (SELECT 1) DELETE FROM {name} WHERE 1 IN (SELECT * FROM x)",
        ),
        ("delete returning", f"DELETE FROM {name} RETURNING *"),
        (
            "replace without recursive triggers",
            "PRAGMA recursive_triggers = 0",
            f"INSERT OR REPLACE INTO {name} {rows}",
        ),
        (
            "trigger of one's own",
            f"CREATE TRIGGER own BEFORE UPDATE ON {name} BEGIN SELECT RAISE(IGNORE); END",
        ),
        (
            "temporary trigger",
            f"CREATE TEMP TRIGGER own BEFORE UPDATE ON {name} BEGIN SELECT RAISE(IGNORE); END",
        ),
        ("edit the schema", f"UPDATE sqlite_master SET sql = '' WHERE tbl_name = '{name}'"),
        ("delete from the schema", f"DELETE FROM sqlite_master WHERE tbl_name = '{name}'"),
        ("virtual table", f"CREATE VIRTUAL TABLE copied USING fts5({column})"),
    ):
        yield Attack(kind, tuple(sql))


def _on_postgresql(table: Table, column: str, names: str) -> Iterator[Attack]:
    name = table.name
    function = f"{name}_no_update()"
    body = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    for kind, *sql in (
        ("truncate", f"TRUNCATE {name}"),
        ("truncate cascade", f"TRUNCATE {name} CASCADE"),
        ("delete using", f"DELETE FROM {name} USING communities c"),
        ("delete in a cte", f"WITH x AS (DELETE FROM {name} RETURNING *) SELECT * FROM x"),
        ("update in a cte", f"WITH x AS (UPDATE {name} SET {column} = {column}) SELECT 1"),
        ("merge", f"MERGE INTO {name} t USING marks m ON true WHEN MATCHED THEN DELETE"),
        ("delete in a block", f"DO $$ BEGIN EXECUTE 'DELETE FROM {name}'; END $$"),
        ("disable triggers", f"ALTER TABLE {name} DISABLE TRIGGER ALL"),
        ("disable own triggers", f"ALTER TABLE {name} DISABLE TRIGGER USER"),
        (
            "delete as a replica",
            "SET session_replication_role = replica",
            f"DELETE FROM {name}",
        ),
        # What one may not give is passed over with a warning; so the deed itself must be tried.
        (
            "grant to oneself",
            f"GRANT ALL ON {name} TO {RUNTIME_ROLE}",
            f"DELETE FROM {name}",
        ),
        ("own the table", f"ALTER TABLE {name} OWNER TO {RUNTIME_ROLE}"),
        ("replace the guard", f"CREATE OR REPLACE FUNCTION lovebank.{function} {body}"),
        ("drop the guard", f"DROP FUNCTION lovebank.{function} CASCADE"),
        ("alter the guard", f"ALTER FUNCTION lovebank.{function} SET search_path = public"),
        ("rewrite by rule", f"CREATE RULE own AS ON INSERT TO {name} DO INSTEAD NOTHING"),
        (
            "trigger of one's own",
            f"CREATE TRIGGER own BEFORE INSERT ON {name} FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ),
        ("row security", f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"),
        ("unlogged", f"ALTER TABLE {name} SET UNLOGGED"),
        ("copy to a program", f"COPY {name} TO PROGRAM 'true'"),
        ("copy from a file", f"COPY {name} FROM '/dev/null'"),
        ("inherit", f"CREATE TABLE lovebank.child () INHERITS ({name})"),
        ("lock", f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE"),
        (
            "edit the catalogue",
            "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'"
            f" WHERE tgrelid = 'lovebank.{name}'::regclass",
        ),
    ):
        yield Attack(kind, tuple(sql))


def at_large(dialect: str, owner: str) -> Iterator[Attack]:
    """The attacks on what the guards stand on."""
    if dialect == "sqlite":
        for pragma in (
            "recursive_triggers = 0", "foreign_keys = 0", "ignore_check_constraints = 1",
            "writable_schema = 1", "writable_schema = RESET", "synchronous = 0",
            "journal_mode = OFF", "trusted_schema = 1", "query_only = 0", "schema_version = 1",
            "defer_foreign_keys = 1", "secure_delete = 0", "locking_mode = EXCLUSIVE",
            "legacy_alter_table = 1", "cell_size_check = 0",
        ):  # fmt: skip
            yield Attack("pragma", (f"PRAGMA {pragma}",))
        yield Attack("attach", ("ATTACH ':memory:' AS other",))
        yield Attack("detach", ("DETACH main",))
        yield Attack("drop index", ("DROP INDEX ux_ledger_transfers_reverses_id",))
        yield Attack("reindex", ("REINDEX",))
        yield Attack("extension", ("SELECT load_extension('libc.so.6')",))
        yield Attack("vacuum into another", ("VACUUM INTO '/tmp/lovebank-copied.db'",))
        return
    for kind, sql in (
        ("set role", f"SET ROLE {owner}"),
        ("set session authorization", f"SET SESSION AUTHORIZATION {owner}"),
        ("become superuser", f"ALTER ROLE {RUNTIME_ROLE} SUPERUSER"),
        ("join the owner", f"GRANT {owner} TO {RUNTIME_ROLE}"),
        ("drop schema", "DROP SCHEMA lovebank CASCADE"),
        ("rename schema", "ALTER SCHEMA lovebank RENAME TO gone"),
        ("own schema", "CREATE SCHEMA mine"),
        ("drop owned", f"DROP OWNED BY {owner}"),
        ("reassign owned", f"REASSIGN OWNED BY {owner} TO {RUNTIME_ROLE}"),
        ("drop index", "DROP INDEX ux_ledger_transfers_reverses_id"),
        ("extension", "CREATE EXTENSION dblink"),
        ("alter system", "ALTER SYSTEM SET fsync = off"),
        ("default privileges", f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT ALL ON TABLES"
         " TO public"),
        ("read a file", "SELECT pg_read_file('/etc/passwd')"),
        ("new function", "CREATE FUNCTION lovebank.f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ):  # fmt: skip
        yield Attack(kind, (sql,))


def _column(table: Table) -> str:
    """A column that is not in the key, if there is one."""
    plain = [column.name for column in table.columns if not column.primary_key]
    return plain[0] if plain else "community_id"
