"""What is to be written, as parts: rows that are added, amounts that are moved, rows held unmoved.

Invariant: a part knows how many rows it must find; fewer is never taken for done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Table

Row = Mapping[str, Any]
#: PostgreSQL takes 65,535 values in one statement; more than this is sent in pieces
VALUES_MAX = 20_000


@dataclass(frozen=True)
class Added:
    """Rows of one table, all with the same columns, ``community_id`` among them."""

    table: Table
    rows: Sequence[Row]
    #: a row whose key may be taken by another unit at the same instant
    once: bool = False
    hoped = False

    @property
    def there(self) -> int:
        """How many rows."""
        return len(self.rows)

    @property
    def values(self) -> int:
        """About how many values they hold."""
        return len(self.rows) * len(self.rows[0])

    def pieces(self) -> Iterator[Added]:
        """The same in parts that fit into one statement."""
        step = VALUES_MAX // len(self.rows[0])
        for start in range(0, len(self.rows), step):
            yield replace(self, rows=self.rows[start : start + step])


@dataclass(frozen=True)
class Moved:
    """Amounts that are added to one column of rows that are there, by their key in the community.

    ``within`` is what must hold of each row, in SQL, ``{after}`` being the column's new value.
    """

    table: Table
    key: str
    column: str
    within: str
    amounts: Mapping[UUID, int]
    #: nobody looked whether it holds
    hoped: bool = False

    @property
    def there(self) -> int:
        """How many rows."""
        return len(self.amounts)

    @property
    def values(self) -> int:
        """How many values they hold."""
        return 2 * len(self.amounts)

    def pieces(self) -> Iterator[Moved]:
        """The same in parts that fit into one statement."""
        every, step = list(self.amounts.items()), VALUES_MAX // 2
        for start in range(0, len(every), step):
            yield replace(self, amounts=dict(every[start : start + step]))


@dataclass(frozen=True)
class Unmoved:
    """Rows that must stand at a value, which nobody looked at before: held until the unit ends."""

    table: Table
    key: str
    column: str
    value: int
    keys: Sequence[UUID]
    hoped = True

    @property
    def there(self) -> int:
        """How many rows."""
        return len(self.keys)

    @property
    def values(self) -> int:
        """How many values they hold."""
        return len(self.keys)

    def pieces(self) -> Iterator[Unmoved]:
        """The same, which is small."""
        yield self


Part = Added | Moved | Unmoved


class NotSo(Exception):
    """What a part hoped is not so."""
