"""Column types that mean the same on SQLite's STRICT tables and on PostgreSQL.

Invariant: values of one column sort alike on both engines: ids and instants are fixed-width text on
SQLite. There is no boolean column; a nullable instant says also when.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, LargeBinary, Text, TypeDecorator
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine


class Id(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, 36 lower-case characters on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=True))
        return dialect.type_descriptor(sqlite.TEXT())

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        assert isinstance(value, UUID), f"an id is a UUID, not {value!r}"
        return value if dialect.name == "postgresql" else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return value if value is None or isinstance(value, UUID) else UUID(value)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant: timestamptz, or ``2026-11-22T14:20:03.000123Z`` on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(sqlite.TEXT())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant is aware"
        at = value.astimezone(UTC)
        return at if dialect.name == "postgresql" else at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value).astimezone(UTC)


class Day(TypeDecorator[date]):
    """A calendar date: date, or ``2026-11-22`` on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Date())
        return dialect.type_descriptor(sqlite.TEXT())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        assert not isinstance(value, datetime), "a day is a date, not an instant"
        return value if dialect.name == "postgresql" else value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return value if value is None or isinstance(value, date) else date.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """Strings, integers, lists, maps and null as canonical JSON text; no number with a point."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


Amount = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
"""A 64-bit integer: points, minutes, fen, pieces, counts."""

Octets = LargeBinary().with_variant(sqlite.BLOB(), "sqlite")
"""Bytes: digests, salts and ciphertext."""

AMOUNT_MAX = 2**53 - 1
"""The largest amount a call may name: exact in every client's JSON, and sums stay in 64 bits."""


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces; asserts that no number with a point is inside."""
    assert not _has_point(value), f"a number with a point in {value!r}"
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _has_point(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_point(part) for part in value.values())
    if isinstance(value, list | tuple):
        return any(_has_point(part) for part in value)
    return isinstance(value, float)
