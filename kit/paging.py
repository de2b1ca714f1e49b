"""Reading a whole table in the order of a key, a page at a time, however long it grew.

Invariant: what is kept in memory is one page; the pages leave out nothing between the first key and
the last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, tuple_
from sqlalchemy.orm import Session

from kit import texts

#: rows of a page: enough that the statement itself costs little
PAGE = 4_000
#: where a session keeps whom to tell how many rows were read
TELL = "rows_read"
Key = Sequence[texts.Expression]
Query = Select[*tuple[Any, ...]]


def pages(session: Session, query: Query, key: Key) -> Iterator[list[Any]]:
    """The rows of a query in the order of ``key``, whose parts are its first columns, as
    ``texts.plain`` reads them. There is no page without a row."""
    after: tuple[Any, ...] | None = None
    while True:
        wanted = query if after is None else query.where(beyond(key, after))
        found: list[Any] = rows(session, wanted.order_by(*key).limit(PAGE))
        tell(session, len(found))
        if found:
            yield found
        if len(found) < PAGE:
            return
        after = tuple(found[-1][: len(key)])


def rows(session: Session, query: Query) -> list[Any]:
    """The rows of a query as the driver reads them, plain tuples: there is nothing here for the ORM
    to load, and no column may need its type to be understood (``texts.plain``)."""
    result = session.connection().execute(query)
    found = list(result.cursor.fetchall())
    result.close()
    return found


def beyond(key: Key, after: Sequence[Any]) -> ColumnElement[bool]:
    """Behind a key that was read."""
    marks = [texts.bound(column, value) for column, value in zip(key, after, strict=True)]
    if len(marks) == 1:
        return key[0] > marks[0]
    return tuple_(*key) > tuple_(*marks)


def within(column: texts.Expression, first: Any, last: Any) -> ColumnElement[bool]:
    """From ``first`` to ``last``, as they were read; none: without an end on that side."""
    ends = []
    if first is not None:
        ends.append(column > texts.bound(column, first))
    if last is not None:
        ends.append(column <= texts.bound(column, last))
    return and_(True, *ends)


def is_there(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether there is such a row for a row of the page.

    Asked by its key for each of them. For an EXISTS in what is selected PostgreSQL may read the
    whole other table, and would do so for each page again.
    """
    return select(literal(1)).where(*conditions).limit(1).scalar_subquery().is_not(None)


def tell(session: Session, count: int) -> None:
    """Tell whoever asked how far the reading is."""
    told: Callable[[int], None] | None = session.info.get(TELL)
    if told is not None:
        told(count)
