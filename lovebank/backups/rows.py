"""The text of a table's rows in a backup: PostgreSQL's COPY text, spelled alike by both engines.

Invariant: a value reads back as the same value on either engine: instants are RFC 3339 with
microseconds and Z, ids and days their plain text, bytes ``\\x`` and hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, LargeBinary, Table

from kit.types import Instant

_OUT = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_IN = {"\\": "\\", "t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def names(table: Table) -> list[str]:
    """The table's columns, in the order in which the backup holds them."""
    return [column.name for column in table.columns]


def selected(table: Table) -> str:
    """What PostgreSQL selects of a table, so that its COPY writes our spelling."""
    return ", ".join(_spelled(column) for column in table.columns)


def _spelled(column: Column[Any]) -> str:
    if isinstance(column.type, Instant):
        text = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
        return f"to_char({column.name} AT TIME ZONE 'UTC', {text})"
    return column.name


def line(values: Sequence[Any]) -> bytes:
    """One row of SQLite as a line."""
    return ("\t".join(map(_out, values)) + "\n").encode()


def _out(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return f"\\\\x{value.hex()}"
    return str(value).translate(_OUT)


def values(table: Table, lines: Iterable[bytes]) -> Iterator[list[Any]]:
    """Lines as rows for SQLite."""
    readers = [_reader(column) for column in table.columns]
    for found in lines:
        fields = found.decode().removesuffix("\n").split("\t")
        assert len(fields) == len(readers), f"a row of {table.name} with {len(fields)} fields"
        yield [read(field) for read, field in zip(readers, fields, strict=True)]


def _reader(column: Column[Any]) -> Any:
    if isinstance(column.type, LargeBinary):
        return _bytes
    if isinstance(column.type, BigInteger):
        return _integer
    return _text


def _bytes(field: str) -> bytes | None:
    return None if field == "\\N" else bytes.fromhex(field.removeprefix("\\\\x"))


def _integer(field: str) -> int | None:
    return None if field == "\\N" else int(field)


def _text(field: str) -> str | None:
    if field == "\\N":
        return None
    return _ESCAPED.sub(lambda found: _IN[found.group(1)], field) if "\\" in field else field
