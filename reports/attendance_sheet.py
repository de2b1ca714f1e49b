"""Every attendance of a community as CSV, in an order that follows from what happened alone.

Invariant: two databases that hold the same attendances print the same bytes, whenever and in which
order they were received: no id and no time of receipt is in it. No cell is a formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import csv_lines
from people import communities
from people.models import Person
from shifts import views
from shifts.presence import past_entries
from shifts.rota import times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import RedPost, Shift
from shifts.views import AttendanceView

COLUMNS = (
    *("service_on", "occasion_kind", "occasion", "shift", "starts_at", "ends_at", "person"),
    *("birth_year", "checked_in_at", "checked_out_at", "status", "entered", "evidence", "flags"),
    *("minutes", "points"),
)
PAGE = 2_000
Row = tuple[Any, ...]


def lines(session: Session, community_id: UUID, at: datetime) -> Iterator[str]:
    """The header, then the attendances as they stand at an instant; lines end as RFC 4180 says."""
    yield csv_lines.line(COLUMNS)
    zone = communities.settings_of(session, community_id).zone
    named = {
        one.id: ("red_post" if isinstance(one, RedPost) else "activity", one.name)
        for one in past_entries.occasions(session, community_id)
    }
    for page in _pages(session, community_id):
        seen = views.attendances(session, community_id, [row[0] for row in page], at)
        told = [_told(one, row, named, zone) for one, row in zip(seen, page, strict=True)]
        # Text is put in order here: each engine's own order of letters is another.
        for _, together in groupby(told, key=lambda row: row[4]):
            yield from (csv_lines.line(row) for row in sorted(together, key=_order))


def _pages(session: Session, community_id: UUID) -> Iterator[list[Row]]:
    """Whole starts of shifts, the earliest first, some thousand attendances at a time."""
    found = session.execute(
        select(Attendance, Shift, Person.name, Person.birth_year)
        .join(
            Shift,
            (Shift.community_id == Attendance.community_id) & (Shift.id == Attendance.shift_id),
        )
        .join(
            Person,
            (Person.community_id == Attendance.community_id) & (Person.id == Attendance.person_id),
        )
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Person.community_id == community_id,
        )
        .order_by(Shift.starts_at)
        .execution_options(yield_per=PAGE)
    )
    page: list[Row] = []
    for _, together in groupby(found, key=lambda row: row[1].starts_at):
        page += [tuple(row) for row in together]
        if len(page) >= PAGE:
            yield page
            page = []
    if page:
        yield page


def _told(one: AttendanceView, row: Row, named: dict[UUID, tuple[str, str]], zone: str) -> Row:
    _, shift, name, birth_year = row
    local = ZoneInfo(zone)
    instants = (shift.starts_at, shift.ends_at, one.checked_in_at, one.checked_out_at)
    starts, ends, came, left = (
        None if at is None else at.astimezone(local).isoformat() for at in instants
    )
    kind, occasion = named[shift.red_post_id or shift.activity_id]
    return (
        *(times.service_on(shift, zone).isoformat(), kind, occasion, shift.title, starts, ends),
        *(name, birth_year, came, left, one.status, one.entered, one.evidence),
        *(" ".join(one.flags), one.minutes, one.points),
    )


def _order(row: Row) -> tuple[str, ...]:
    return tuple("" if value is None else str(value) for value in row)
