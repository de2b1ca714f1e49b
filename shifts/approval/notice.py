"""Public notice: points that were approved may wait for some days before they can be spent.

Invariant: the award is made once, when it is approved; until which day it is on notice is fixed
then, and whether that day has come follows from the time of the call. Nothing is left to ``tick``
but to move the points (ledger.settling).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from kit.clock import local_date
from ledger import books, expiry
from people.communities import Settings
from shifts.tables.attendance import Attendance


def available_on(settings: Settings, points: int, at: datetime) -> date | None:
    """The first day after the notice of points that are approved now; none: there is no notice.

    Minutes are credited at once, so an award without points has nothing to wait for.
    """
    if points == 0 or settings.notice_days == 0:
        return None
    return local_date(at, settings.zone) + timedelta(days=settings.notice_days)


def expires_on(settings: Settings, begins_on: date | None, at: datetime) -> date | None:
    """The last day of points that may be spent from ``begins_on``; none there: from today."""
    return expiry.last_day(settings.points_expiry, begins_on or local_date(at, settings.zone))


def status_on(attendance: Attendance, status: str, today: date | None) -> str:
    """The status as it is told: what is credited is ``approved`` as long as it is on notice.

    ``today`` is needed only for one that has or had a notice.
    """
    return "approved" if status == "credited" and is_on(attendance, today) else status


def is_on(attendance: Attendance, today: date | None) -> bool:
    """Whether the points of its award are still on notice."""
    if attendance.available_on is None:
        return False
    assert today is not None, "whether a notice is over depends on the day"
    return today < attendance.available_on


def running(today: date) -> ColumnElement[bool]:
    """``is_on`` for a list."""
    return Attendance.available_on.is_not(None) & (Attendance.available_on > today)


def over(today: date) -> ColumnElement[bool]:
    """The opposite of ``running``."""
    return or_(Attendance.available_on.is_(None), Attendance.available_on <= today)


def today(session: Session, community_id: UUID, at: datetime) -> date:
    """The community's day."""
    return books.today(books.of(session, community_id), at)
