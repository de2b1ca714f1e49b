"""What stands in the database against what the program installed: triggers, constraints, rights.

Invariant: reads the engine's own catalogue, as any role may, and lists every difference (D3).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, text
from sqlalchemy.orm import Session

from kit import roles, schema, triggers
from kit.engines import RUNTIME_ROLE
from kit.problems import Problem
from kit.tables import Base
from kit.triggers import SCHEMA, SEARCH_PATH, Trigger

_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
_ROW, _BEFORE = 1, 2


def problems(session: Session) -> Iterator[Problem]:
    """Every trigger, constraint, index or right that is not as the program made it."""
    schema.load_tables()
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        yield from _sqlite(connection)
        return
    yield from _triggers(connection)
    yield from _constraints(connection)
    yield from _rights(connection)
    yield from _role(connection)


def _sqlite(connection: Connection) -> Iterator[Problem]:
    rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_master")).all()
    found = {row.name: row.sql for row in rows if row.type == "trigger"}
    for trigger in triggers.wanted_on("sqlite"):
        there = found.pop(trigger.name, None)
        if there is None:
            yield _missing(trigger)
        elif there != trigger.sqlite():
            yield Problem("trigger_changed", f"trigger:{trigger.name}", {"found": there})
    for name in sorted(found):
        yield Problem("trigger_unknown", f"trigger:{name}")
    tables = {row.name: row.sql for row in rows if row.type == "table"}
    indexes = {row.name for row in rows if row.type == "index"}
    for table in Base.metadata.sorted_tables:
        made = tables.get(table.name, "")
        if not made.rstrip().endswith("STRICT"):
            yield Problem("table_not_strict", f"table:{table.name}")
        for name in _names(table, connection):
            if f"CONSTRAINT {name} " not in made and name not in indexes:
                yield Problem("constraint_missing", f"table:{table.name}", {"name": name})


def _triggers(connection: Connection) -> Iterator[Problem]:
    rows = connection.execute(
        text(
            "SELECT t.tgname, c.relname, t.tgenabled, t.tgtype, t.tgqual IS NULL AS plain,"
            " cardinality(t.tgattr::int2[]) AS columns, p.proname, p.prosrc,"
            " p.proconfig, l.lanname"
            " FROM pg_catalog.pg_trigger t"
            " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid"
            " JOIN pg_catalog.pg_language l ON l.oid = p.prolang"
            " WHERE c.relnamespace = CAST(:schema AS regnamespace) AND NOT t.tgisinternal"
        ),
        {"schema": SCHEMA},
    ).all()
    found = {(row.relname, row.tgname): row for row in rows}
    for trigger in triggers.wanted_on("postgresql"):
        row = found.pop((trigger.table, trigger.name), None)
        if row is None:
            yield _missing(trigger)
            continue
        kind = _BEFORE | _EVENTS[trigger.event] | (_ROW if trigger.each == "ROW" else 0)
        same = (kind, True, 0, trigger.name, trigger.body(), [f"search_path={SEARCH_PATH}"])
        there = (row.tgtype, row.plain, row.columns, row.proname, row.prosrc, row.proconfig)
        if there != same or row.lanname != "plpgsql":
            yield Problem("trigger_changed", f"trigger:{trigger.name}", {"found": row.prosrc})
        if row.tgenabled != "O":
            yield Problem("trigger_disabled", f"trigger:{trigger.name}")
    for _table, name in sorted(found):
        yield Problem("trigger_unknown", f"trigger:{name}")


def _constraints(connection: Connection) -> Iterator[Problem]:
    rows = connection.execute(
        text(
            "SELECT conname AS name, convalidated AS valid FROM pg_catalog.pg_constraint"
            " WHERE connamespace = CAST(:schema AS regnamespace)"
            " UNION ALL SELECT c.relname, i.indisvalid FROM pg_catalog.pg_index i"
            " JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
            " WHERE c.relnamespace = CAST(:schema AS regnamespace)"
        ),
        {"schema": SCHEMA},
    ).all()
    there = {row.name for row in rows if row.valid}
    for table in Base.metadata.sorted_tables:
        for name in _names(table, connection):
            if name not in there:
                yield Problem("constraint_missing", f"table:{table.name}", {"name": name})


def _names(table: Table, connection: Connection) -> Iterator[str]:
    """The constraints and indexes of a table by the names they have in this database."""
    naming = connection.dialect.identifier_preparer
    for constraint in table.constraints:
        name = naming.format_constraint(constraint)
        assert name, f"a constraint of {table.name} has no name"
        yield name.strip('"')
    for index in table.indexes:
        yield naming.format_index(index).strip('"')


def _rights(connection: Connection) -> Iterator[Problem]:
    """What the runtime role, or everybody, holds on each table against kit.roles."""
    rows = connection.execute(
        text(
            "SELECT c.relname, NULL AS attname, a.privilege_type FROM pg_catalog.pg_class c"
            " CROSS JOIN LATERAL aclexplode(c.relacl) a"
            " WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p')"
            " AND a.grantee IN (0, CAST(CAST(:role AS regrole) AS oid))"
            " UNION ALL SELECT c.relname, t.attname, a.privilege_type"
            " FROM pg_catalog.pg_attribute t JOIN pg_catalog.pg_class c ON c.oid = t.attrelid"
            " CROSS JOIN LATERAL aclexplode(t.attacl) a"
            " WHERE c.relnamespace = CAST(:schema AS regnamespace)"
            " AND a.grantee IN (0, CAST(CAST(:role AS regrole) AS oid))"
        ),
        {"schema": SCHEMA, "role": RUNTIME_ROLE},
    ).all()
    found = {(row.relname, row.attname, row.privilege_type) for row in rows}
    wanted: set[tuple[str, str | None, str]] = {("alembic_version", None, "SELECT")}
    for table in Base.metadata.sorted_tables:
        rights = roles.of(table)
        wanted |= {(table.name, None, privilege) for privilege in rights.whole}
        wanted |= {(table.name, column, "UPDATE") for column in rights.columns}
    for code, differing in (
        ("rights_too_wide", found - wanted),
        ("rights_missing", wanted - found),
    ):
        for name, column, privilege in sorted(differing, key=str):
            facts = {"privilege": privilege} | ({"column": column} if column else {})
            yield Problem(code, f"table:{name}", facts)


def _role(connection: Connection) -> Iterator[Problem]:
    """The runtime role is nobody: no special right, no other role's member, owner of nothing."""
    row = connection.execute(
        text(
            "SELECT r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication"
            " OR r.rolbypassrls AS special,"
            " EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members m WHERE m.member = r.oid) AS member,"
            " EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.relowner = r.oid) AS owner,"
            " EXISTS (SELECT 1 FROM pg_catalog.pg_proc p WHERE p.proowner = r.oid) AS author,"
            " has_schema_privilege(r.oid, :schema, 'CREATE') AS creates"
            " FROM pg_catalog.pg_roles r WHERE r.rolname = :role"
        ),
        {"schema": SCHEMA, "role": RUNTIME_ROLE},
    ).one()
    for name in ("special", "member", "owner", "author", "creates"):
        if getattr(row, name):
            yield Problem("role_too_wide", f"role:{RUNTIME_ROLE}", {"is": name})


def _missing(trigger: Trigger) -> Problem:
    return Problem("trigger_missing", f"trigger:{trigger.name}", {"table": trigger.table})
