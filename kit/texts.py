"""Rows as the canonical text that fingerprints are made of, put together by the database.

Invariant: the text of a row is to the letter what ``kit.types.canonical`` makes of its plain facts,
on both engines (tests/kit/test_texts.py holds it); so a proof reads one text for each row, and no
value of it has to become an object first.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import LargeBinary, Text, TypeDecorator, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from kit.types import Day, Id, Instant

Expression = ColumnElement[Any] | InstrumentedAttribute[Any]
"""A column, of a table or of a model."""


class RowText(FunctionElement[str]):
    """``{"name":value,…}`` of some columns, in the order of their names."""

    type = Text()
    inherit_cache = True
    opening, closing = "{", "}"


class _Opened(RowText):
    """The same without its end: something follows."""

    inherit_cache = True
    closing = ""


class _Closed(RowText):
    """The same without its begin."""

    inherit_cache = True
    opening = ","


class ListText(FunctionElement[str]):
    """``[value,…]`` of some columns, as they are given."""

    type = Text()
    inherit_cache = True


class PlainText(FunctionElement[str]):
    """An id, a day or an instant as the one text that stands for it; NULL where there is none."""

    type = Text()
    inherit_cache = True


def of_row(columns: Iterable[Expression]) -> ColumnElement[str]:
    """The canonical text of a row with these columns."""
    return RowText(*_sorted(columns))


def around(
    columns: Iterable[Expression], name: str
) -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The same in two parts, with a place between them for ``,"name":…``; there are columns on both
    sides."""
    found = _sorted(columns)
    before = [column for column in found if column.key < name]
    return _Opened(*before), _Closed(*found[len(before) :])


def of_list(columns: Iterable[Expression]) -> ColumnElement[str]:
    """The canonical text of a list of these values."""
    return ListText(*columns)


def plain(column: Expression) -> Expression:
    """The column as the driver reads it fastest: ids, days and instants as text."""
    return PlainText(column) if isinstance(column.type, Id | Day | Instant) else column


class TextId(TypeDecorator[str]):
    """An id as its text, to compare an id with one that was read as text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(sqlite.TEXT())


def bound(column: Expression, value: Any) -> ColumnElement[Any]:
    """A value that was read by ``plain``, to be compared with its column."""
    if isinstance(column.type, Id):
        return literal(value, TextId())
    if isinstance(column.type, Day):
        return literal(date.fromisoformat(value), column.type)
    return literal(value, column.type)


def _sorted(columns: Iterable[Expression]) -> list[Any]:
    return sorted(columns, key=lambda column: str(column.key))


@compiles(RowText)
def _row(element: RowText, compiler: Any, **facts: Any) -> str:
    value = _on_postgresql if compiler.dialect.name == "postgresql" else _on_sqlite
    parts, separator = [], element.opening
    for column in element.clauses:
        told = value(column.type, str(compiler.process(column, **facts)))
        parts += [f"'{separator}\"{column.key}\":'", told]
        separator = ","
    return _joined(compiler, [*parts, f"'{element.closing}'"] if element.closing else parts)


@compiles(ListText)
def _list(element: ListText, compiler: Any, **facts: Any) -> str:
    value = _on_postgresql if compiler.dialect.name == "postgresql" else _on_sqlite
    parts, separator = [], "["
    for column in element.clauses:
        parts += [f"'{separator}'", value(column.type, str(compiler.process(column, **facts)))]
        separator = ","
    return _joined(compiler, [*parts, "']'"])


def _joined(compiler: Any, parts: list[str]) -> str:
    """The parts in one text; on SQLite by one call, which copies each of them once."""
    if compiler.dialect.name == "postgresql":
        return "||".join(parts)
    return f"concat({','.join(parts)})"


@compiles(PlainText)
def _plain(element: PlainText, compiler: Any, **facts: Any) -> str:
    (column,) = element.clauses
    name = str(compiler.process(column, **facts))
    if compiler.dialect.name != "postgresql":
        return name
    return _text_on_postgresql(column.type, name)


def _on_sqlite(kind: Any, name: str) -> str:
    """JSON of a value: what is text stands there in its canonical form already."""
    if isinstance(kind, LargeBinary):
        return f"CASE WHEN {name} IS NULL THEN 'null' ELSE '\"'||lower(hex({name}))||'\"' END"
    if isinstance(kind, Text | Id | Instant | Day):
        return f"json_quote({name})"
    return f"coalesce({name},'null')"


def _on_postgresql(kind: Any, name: str) -> str:
    if isinstance(kind, LargeBinary):
        return f"coalesce('\"'||encode({name},'hex')||'\"','null')"
    if isinstance(kind, Id | Instant | Day):
        return f"coalesce('\"'||{_text_on_postgresql(kind, name)}||'\"','null')"
    if isinstance(kind, Text):
        return f"coalesce(to_json({name})::text,'null')"
    return f"coalesce({name}::text,'null')"


def _text_on_postgresql(kind: Any, name: str) -> str:
    if isinstance(kind, Instant):
        return f"to_char({name} AT TIME ZONE 'UTC','YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    return f"to_char({name},'YYYY-MM-DD')" if isinstance(kind, Day) else f"{name}::text"
