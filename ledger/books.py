"""The books of a community: its calendar, how far they are closed, and the grace of old lots.

Invariant: books are closed forward only, and a day that is closed takes no transfer any more; the
database refuses both (design D11, research/ledger.md §3.5).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from kit.clock import local_date
from ledger.models import Books


class Calendar(Protocol):
    """What the books of a community go by, as somebody read it."""

    @property
    def zone(self) -> str: ...
    @property
    def closed_through(self) -> date | None: ...
    @property
    def grace_until(self) -> date | None: ...


def open_books(session: Session, *, community_id: UUID, zone: str) -> None:
    """Open the books of a new community."""
    session.add(Books(community_id=community_id, zone=zone))
    session.flush()


def of(session: Session, community_id: UUID) -> Books:
    """What the books go by now, without a lock."""
    return _row(session, community_id, hold=None)


def hold(session: Session, community_id: UUID, *, alone: bool) -> Books:
    """The same with the row held until the unit ends: shared to write into a past month, alone to
    change it. So nobody writes into a period while it is being closed."""
    return _row(session, community_id, hold=alone)


def today(found: Calendar, at: datetime) -> date:
    """The community's day at an instant."""
    return local_date(at, found.zone)


def past_month(found: Calendar, on: date, at: datetime) -> bool:
    """Whether a day lies before the current month, where a period may be closed at any moment."""
    return on < today(found, at).replace(day=1)


def change(session: Session, community_id: UUID, **values: Any) -> None:
    """Set ``zone``, ``closed_through`` or ``grace_until``; the row is held from here on."""
    done = cast(
        "CursorResult[Any]",
        session.execute(
            update(Books)
            .where(Books.community_id == community_id)
            .values(**values)
            .execution_options(synchronize_session="fetch")
        ),
    )
    assert done.rowcount == 1, "every community has its books"


def _row(session: Session, community_id: UUID, *, hold: bool | None) -> Books:
    query = select(Books).where(Books.community_id == community_id)
    if hold is not None:
        query = query.with_for_update(read=not hold)
    return session.scalars(query.execution_options(populate_existing=True)).one()
