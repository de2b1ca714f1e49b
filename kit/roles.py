"""What the runtime role may do on PostgreSQL: read, insert, and change only what may change (D3).

Invariant: the runtime role owns nothing, holds no UPDATE, DELETE or TRUNCATE on an append-only
table, and UPDATE on the other tables only for the columns that may change. ``lovebank check``
compares what is granted with what is said here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import MetaData, Table

from kit.engines import RUNTIME_ROLE
from kit.triggers import SCHEMA


@dataclass(frozen=True)
class Rights:
    """What may be done with one table: privileges on all of it, and the columns of UPDATE."""

    whole: frozenset[str]
    columns: frozenset[str]


def of(table: Table) -> Rights:
    """The rights that the table's own declaration gives (append-only, erasable, what changes)."""
    whole = {"SELECT", "INSERT"}
    if table.info.get("erasable"):
        whole.add("DELETE")
    if table.info.get("append_only"):
        return Rights(frozenset(whole), frozenset())
    fixed = {column.name for column in table.primary_key} | {"community_id"}
    every = tuple(column.name for column in table.columns if column.name not in fixed)
    return Rights(frozenset(whole), frozenset(table.info.get("changes", every)))


def statements(metadata: MetaData) -> list[str]:
    """The statements that make the role and grant it what the program needs."""
    made = (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{RUNTIME_ROLE}') "  # noqa: S608 # our own constant
        f"THEN CREATE ROLE {RUNTIME_ROLE} NOLOGIN; END IF; "
        f"EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    granted = [
        made,
        f"GRANT {RUNTIME_ROLE} TO CURRENT_USER",
        f"REVOKE ALL ON SCHEMA {SCHEMA} FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA {SCHEMA} TO {RUNTIME_ROLE}",
        f"GRANT SELECT ON {SCHEMA}.alembic_version TO {RUNTIME_ROLE}",
        "DO $$ BEGIN EXECUTE 'REVOKE TEMPORARY ON DATABASE ' || quote_ident(current_database())"
        " || ' FROM PUBLIC'; END $$",
    ]
    for table in metadata.sorted_tables:
        rights = of(table)
        named = f"{SCHEMA}.{table.name} TO {RUNTIME_ROLE}"
        granted.append(f"GRANT {', '.join(sorted(rights.whole))} ON {named}")
        if rights.columns:
            granted.append(f"GRANT UPDATE ({', '.join(sorted(rights.columns))}) ON {named}")
    return granted
