"""The schema rules that keep a distributed PostgreSQL possible, as a lint over a MetaData.

It needs no database: it reads the declared tables. Invariant: `community_id` leads every key, index
and foreign key of every tenant table, and nothing rests on what one node alone could promise
(design D1). tests/architecture/test_schema_lint.py plants a fault against each rule.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    Enum,
    ForeignKeyConstraint,
    Identity,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from kit.types import Id

TENANT = "community_id"
OUTSIDE = {"communities", "sign_in_handles"}
"""The only tables that belong to no tenant: the tenants, and the way from a phone to its tenant."""

NAME_MAX = 50
"""A distributed engine appends the number of a shard; PostgreSQL cuts names at 63 bytes."""

_VOLATILE = re.compile(r"\(|current_|now|random|localtime", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One broken rule and the thing that breaks it."""

    rule: str
    where: str
    why: str

    def __str__(self) -> str:
        return f"{self.rule} {self.where}: {self.why}"


def lint(metadata: MetaData) -> list[Finding]:
    """Every broken rule; an empty list for a clean schema."""
    found: list[Finding] = []
    for table in metadata.sorted_tables:
        found += _kind(table)
        found += _columns(table)
        found += _names(table)
        found += _foreign_keys(table)
        if table.name not in OUTSIDE:
            found += _tenant_leads(table)
    return found


def is_tenant(table: Table) -> bool:
    """Whether a table's rows belong to one community each."""
    return bool(table.info.get("dist") == TENANT)


def _kind(table: Table) -> Iterator[Finding]:
    kind = table.info.get("dist")
    if kind is None:
        yield Finding("L01", table.name, "info has no dist: every table declares its kind")
    elif (kind == TENANT) == (table.name in OUTSIDE):
        yield Finding("L01", table.name, f"declared {kind!r}; only {sorted(OUTSIDE)} are outside")


def _tenant_leads(table: Table) -> Iterator[Finding]:
    column = table.columns.get(TENANT)
    if column is None:
        yield Finding("L02", table.name, f"has no {TENANT}")
        return
    if column.nullable:
        yield Finding("L02", table.name, f"{TENANT} may be NULL")
    if not isinstance(column.type, Id):
        yield Finding("L02", table.name, f"{TENANT} is {column.type!r} and not Id")
    if _first(table.primary_key) != TENANT:
        yield Finding("L03", table.name, f"its primary key does not begin with {TENANT}")
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and _first(constraint) != TENANT:
            yield Finding("L04", _label(table, constraint), f"does not begin with {TENANT}")
        if isinstance(constraint, ExcludeConstraint):
            yield Finding("L04", _label(table, constraint), "EXCLUDE does not exist on SQLite")
    for index in table.indexes:
        yield from _index(table, index)


def _index(table: Table, index: Index) -> Iterator[Finding]:
    first = next(iter(index.expressions), None)
    if isinstance(first, Column) and first.name == TENANT:
        return
    rule = "L04" if index.unique else "L12"
    yield Finding(rule, _label(table, index), f"does not begin with {TENANT}")


def _foreign_keys(table: Table) -> Iterator[Finding]:
    for key in table.foreign_key_constraints:
        target = key.referred_table
        pairs = [(element.parent.name, element.column.name) for element in key.elements]
        if table.name in OUTSIDE and target.name not in OUTSIDE:
            yield Finding("L05", _label(table, key), "from outside a tenant into one")
        elif target.name not in OUTSIDE and pairs[0] != (TENANT, TENANT):
            yield Finding("L05", _label(table, key), f"does not begin with {TENANT} on both sides")
        elif target.name == "sign_in_handles":
            yield Finding("L05", _label(table, key), "points at a table with another key")
        yield from _behaviour(table, key)


def _behaviour(table: Table, key: ForeignKeyConstraint) -> Iterator[Finding]:
    if key.onupdate is not None or (key.ondelete or "").upper() in {"SET NULL", "SET DEFAULT"}:
        yield Finding("L06", _label(table, key), f"ON {key.ondelete} / {key.onupdate}")


def _columns(table: Table) -> Iterator[Finding]:
    for column in table.columns:
        label = f"{table.name}.{column.name}"
        counts = column is table.autoincrement_column
        if counts or isinstance(column.identity, Identity) or isinstance(column.default, Sequence):
            yield Finding("L08", label, "a number drawn from a sequence; ids are made here")
        default = column.server_default
        if default is not None and _VOLATILE.search(str(getattr(default, "arg", default))):
            yield Finding("L09", label, "its default differs from call to call")
        if isinstance(column.type, Enum):
            yield Finding("L13", label, "an ENUM; a Text with a CHECK can grow")


def _names(table: Table) -> Iterator[Finding]:
    if len(table.name) > NAME_MAX:
        yield Finding("L10", table.name, f"longer than {NAME_MAX}")
    things: list[Constraint | Index] = [*table.constraints, *table.indexes]
    for thing in things:
        if getattr(thing, "deferrable", None) or getattr(thing, "initially", None):
            yield Finding("L07", _label(table, thing), "deferred to the commit")
        if isinstance(thing, PrimaryKeyConstraint) and not thing.columns:
            yield Finding("L03", table.name, "has no primary key")
        if not isinstance(thing.name, str):
            yield Finding("L11", _label(table, thing), "has no name")
        elif len(thing.name) > NAME_MAX:
            yield Finding("L10", _label(table, thing), f"longer than {NAME_MAX}")


def _first(constraint: PrimaryKeyConstraint | UniqueConstraint) -> str | None:
    return next((column.name for column in constraint.columns), None)


def _label(table: Table, thing: Constraint | Index) -> str:
    if isinstance(thing.name, str):
        return f"{table.name}/{thing.name}"
    what = "CHECK" if isinstance(thing, CheckConstraint) else type(thing).__name__
    return f"{table.name}/(unnamed {what})"
