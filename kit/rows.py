"""Rows of one community as statements: all in one on PostgreSQL, one for each table on SQLite.

The text is made once for each shape and sent to the driver as it is: SQLAlchemy would compile an
INSERT of several rows anew each time. Invariant: every INSERT is VALUES only (an INSERT … SELECT
may lose rows on a distributed engine), every UPDATE has its condition and its count is checked.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.numeric import Int8
from sqlalchemy import BigInteger, Connection, Table, Text
from sqlalchemy.engine import Dialect

from kit.parts import Added, Moved, NotSo, Part, Unmoved
from kit.types import Day, Id

Turned = Callable[[Any], Any]
#: texts with more values than this are long and seldom come again: they are not kept
KEPT_MAX = 300


def on_postgresql(connection: Connection, community_id: UUID, parts: Sequence[Part]) -> None:
    """Write them in one statement; asserts that each row was written.

    Raises NotSo where it was only hoped.
    """
    names = _Names()
    names.add(community_id)
    shapes = tuple(_shape(part, names, connection.dialect) for part in parts)
    make = _text_of if len(names.values) <= KEPT_MAX else _text_of.__wrapped__
    text = make(shapes)
    done = connection.exec_driver_sql(text, names.values).scalar_one()
    _compare(parts, done, text)


def _compare(parts: Sequence[Part], done: list[int], text: str) -> None:
    wanted = [part.there for part in parts]
    if done == wanted:
        return
    told = f"of {wanted} rows {done} were written: {text}"
    if any(part.hoped and part.there != found for part, found in zip(parts, done, strict=True)):
        raise NotSo(told)
    raise AssertionError(told)


def _shape(part: Part, names: _Names, dialect: Dialect) -> tuple[Any, ...]:
    """What the text depends on: who writes it, and the numbers of the values' names."""
    table = part.table.name
    if isinstance(part, Unmoved):
        return _hold, table, part.key, part.column, part.value, tuple(map(names.add, part.keys))
    if isinstance(part, Moved):
        lines = tuple(
            (names.add(key), names.add(Int8(amount))) for key, amount in part.amounts.items()
        )
        return _update, table, part.key, part.column, part.within, lines
    turned = _turned(part.table, dialect)
    columns = _filled(part)
    turns, add = [(name, turned[name]) for name in columns], names.add
    rows = []
    for row in part.rows:
        line = []
        for name, turn in turns:
            value = row[name]
            line.append(add(value if turn is None or value is None else turn(value)))
        rows.append(tuple(line))
    return _insert, table, columns, tuple(rows)


class _Names:
    """Names of values; an id or digest that stands in several rows is sent once."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        # By identity, which costs less than to compare: the values live as long as this does.
        self._known: dict[int, int] = {}

    def add(self, value: Any) -> int:
        """The number of this value's name."""
        number = len(self.values)
        kind = type(value)
        if kind is UUID or kind is bytes:
            found = self._known.setdefault(id(value), number)
            if found != number:
                return found
        self.values[f"v{number}" if number else "community_id"] = value
        return number


@functools.lru_cache(maxsize=500)
def _text_of(shapes: tuple[tuple[Any, ...], ...]) -> str:
    """The one statement of these shapes; its answer counts the rows of each part."""
    parts = [f"p{number} AS ({make(*facts)})" for number, (make, *facts) in enumerate(shapes)]
    # Asked for one after the other: a row that refers to another is written after it.
    counted = ", ".join(f"(SELECT count(*) FROM p{number})" for number in range(len(shapes)))
    return f"WITH {', '.join(parts)} SELECT ARRAY[{counted}]"


def _mark(number: int) -> str:
    return f"%(v{number})s" if number else "%(community_id)s"


def _insert(table: str, columns: tuple[str, ...], rows: tuple[tuple[int, ...], ...]) -> str:
    names = ", ".join(("community_id", *columns))
    listed = ", ".join(f"({', '.join(map(_mark, (0, *row)))})" for row in rows)
    return f"INSERT INTO {table} ({names}) VALUES {listed} RETURNING 1"


def _update(
    table: str, key: str, column: str, within: str, lines: tuple[tuple[int, int], ...]
) -> str:
    if len(lines) == 1:
        (wanted, amount), listed = map(_mark, lines[0]), ""
    else:
        wanted, amount = "v.key", "v.amount"
        rows = [f"({_mark(one)}::uuid, {_mark(other)}::bigint)" for one, other in lines]
        listed = f" FROM (VALUES {', '.join(rows)}) AS v(key, amount)"
    return (
        f"UPDATE {table} SET {column} = {column} + {amount}{listed}"
        f" WHERE community_id = {_mark(0)} AND {key} = {wanted}"
        f" AND {within.format(after=f'{column} + {amount}')} RETURNING 1"
    )


def _hold(table: str, key: str, column: str, value: int, keys: tuple[int, ...]) -> str:
    """As a row is found after the wait for it, so it is judged."""
    return (
        f"SELECT 1 FROM {table} WHERE community_id = {_mark(0)}"
        f" AND {key} IN ({', '.join(map(_mark, keys))}) AND {column} = {value}"
        " FOR NO KEY UPDATE"
    )


def on_sqlite(connection: Connection, community_id: UUID, part: Part) -> None:
    """Write one of them, a statement for its table; asserts that each row was written."""
    if isinstance(part, Moved):
        after = part.within.format(after=f"{part.column} + ?2")
        text = (
            f"UPDATE {part.table.name} SET {part.column} = {part.column} + ?2"
            f" WHERE community_id = ?1 AND {part.key} = ?3 AND {after}"
        )
        for key, amount in part.amounts.items():
            done = connection.exec_driver_sql(text, (str(community_id), amount, str(key)))
            if part.hoped and done.rowcount == 0:
                raise NotSo(f"{part.table.name} {key} does not take {amount}")
            assert done.rowcount == 1, f"{part.table.name} {key} did not take {amount}"
        return
    if isinstance(part, Unmoved):
        _find_unmoved(connection, community_id, part)
        return
    turned = _turned(part.table, connection.dialect)
    columns = ("community_id", *_filled(part))
    turns = [(name, turned[name]) for name in columns]
    rows = [
        tuple(
            row[name] if turn is None or row[name] is None else turn(row[name])
            for name, turn in turns
        )
        for row in part.rows
    ]
    text = _sqlite_insert(part.table.name, columns)
    connection.exec_driver_sql(text, rows if len(rows) > 1 else rows[0])


def _find_unmoved(connection: Connection, community_id: UUID, part: Unmoved) -> None:
    text = (
        f"SELECT 1 FROM {part.table.name} WHERE community_id = ? AND {part.key} = ?"
        f" AND {part.column} = {part.value}"
    )
    for key in part.keys:
        if connection.exec_driver_sql(text, (str(community_id), str(key))).first() is None:
            raise NotSo(f"{part.table.name} {key} is not at {part.value}")


@functools.lru_cache(maxsize=500)
def _sqlite_insert(table: str, columns: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"


def _filled(part: Added) -> tuple[str, ...]:
    """The columns that hold something in one row at least, without the community's."""
    first, *rest = part.rows
    if not rest:
        return tuple(
            name for name, value in first.items() if value is not None and name != "community_id"
        )
    return tuple(
        name
        for name in first
        if name != "community_id" and any(row[name] is not None for row in part.rows)
    )


_known: dict[tuple[str, str], dict[str, Turned | None]] = {}


def _turned(table: Table, dialect: Dialect) -> dict[str, Turned | None]:
    """How each column's values are turned into what the driver takes."""
    found = _known.get((dialect.name, table.name))
    if found is None:
        found = {column.name: _turn(column.type, dialect) for column in table.columns}
        _known[(dialect.name, table.name)] = found
    return found


#: what the types of kit.types do, without the way there
_ON_SQLITE: dict[type, Turned | None] = {Id: str, Day: date.isoformat, Text: None}
_ON_POSTGRESQL: dict[type, Turned | None] = {Id: None, Day: None, Text: None}


def _turn(kind: Any, dialect: Dialect) -> Turned | None:
    if dialect.name == "postgresql" and isinstance(kind, BigInteger):
        # Otherwise the driver prepares one statement for small numbers and one for large ones.
        return Int8
    known = _ON_POSTGRESQL if dialect.name == "postgresql" else _ON_SQLITE
    if type(kind) in known:
        return known[type(kind)]
    processor: Turned | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return processor
