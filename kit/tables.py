"""How a table is declared: the base class, the names of constraints, keys that carry the tenant.

Invariant: ``community_id`` leads every key, index and foreign key of every tenant table
(design D1; the schema lint in tests/architecture holds it).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Constraint,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kit import ids
from kit.types import Id

TENANT = {"dist": "community_id"}


def _tail(constraint: Constraint | Index, table: Table) -> str:
    """The columns that tell one constraint of a table from the next, without the tenant."""
    if isinstance(constraint, ForeignKeyConstraint):
        names = [name for name in constraint.column_keys if name != "community_id"][:1]
    else:
        assert isinstance(constraint, UniqueConstraint | Index), f"{constraint!r} needs a name"
        names = [column.name for column in constraint.columns if column.name != "community_id"]
    return "_".join(names) or "community_id"


class Base(DeclarativeBase):
    """Every table of the program."""

    metadata = MetaData(
        naming_convention={
            "tail": _tail,
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(tail)s",
            "uq": "uq_%(table_name)s_%(tail)s",
            "ix": "ix_%(table_name)s_%(tail)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


class Owned:
    """A row that belongs to one community; its key is (community_id, …)."""

    community_id: Mapped[UUID] = mapped_column(Id, primary_key=True, sort_order=-20)


class Row(Owned):
    """A tenant row with an id of its own: the key is (community_id, id)."""

    id: Mapped[UUID] = mapped_column(Id, primary_key=True, default=ids.new, sort_order=-10)


def args(
    *parts: Any, dist: Any = "community_id", append_only: bool = False, erasable: bool = False
) -> tuple[Any, ...]:
    """``__table_args__``: the parts, STRICT on SQLite, and what kind of table it is."""
    info = {"dist": dist, "append_only": append_only} | ({"erasable": True} if erasable else {})
    return (*parts, {"sqlite_strict": True, "info": info})


def owned_key(column: str, table: str, *more: str) -> ForeignKeyConstraint:
    """A foreign key within the tenant: (community_id, column, *more) → (…, id, *more)."""
    return ForeignKeyConstraint(
        ["community_id", column, *more],
        [f"{table}.community_id", f"{table}.id", *(f"{table}.{name}" for name in more)],
    )


def unique(*columns: str) -> UniqueConstraint:
    """A unique constraint within the tenant."""
    return UniqueConstraint("community_id", *columns)


def unique_where(table: str, name: str, *columns: str, where: str) -> Index:
    """A partial unique index within the tenant."""
    condition = text(where)
    return Index(
        f"ux_{table}_{name}",
        "community_id",
        *columns,
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def index(*columns: str) -> Index:
    """An index within the tenant."""
    return Index(None, "community_id", *columns)


def index_where(table: str, name: str, *columns: str, where: str) -> Index:
    """A partial index within the tenant."""
    condition = text(where)
    return Index(
        f"ix_{table}_{name}",
        "community_id",
        *columns,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def check(name: str, condition: str) -> CheckConstraint:
    """A named CHECK."""
    return CheckConstraint(condition, name=name)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A CHECK that the column holds one of a closed list."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_listed")
