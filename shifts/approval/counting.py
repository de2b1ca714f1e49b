"""What people have already counted on a service date, for many at once: minutes by attendance.

Invariant: approved and credited attendances count; what is credited counts as its award says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shifts.presence import stays
from shifts.rota import times
from shifts.tables.attendance import Attendance, Award
from shifts.tables.rota import Shift

COUNTS = ("approved", "credited")


def minutes_on(
    session: Session,
    community_id: UUID,
    person_ids: Iterable[UUID],
    day: date,
    *,
    zone: str,
    at: datetime,
) -> dict[UUID, dict[UUID, int]]:
    """Counted minutes of these people's attendances of a service date; who has none is missing."""
    starts, ends = times.day_bounds(day, zone)
    rows = session.execute(
        select(Attendance, Shift, Award.minutes)
        .join(Shift, Shift.id == Attendance.shift_id)
        .outerjoin(
            Award,
            (Award.community_id == Attendance.community_id)
            & (Award.attendance_id == Attendance.id)
            & (Award.revision == Attendance.revision),
        )
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Attendance.person_id.in_(sorted(set(person_ids))),
            Attendance.status.in_(COUNTS),
            Shift.starts_at >= starts,
            Shift.starts_at < ends,
        )
    )
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for row, shift, minutes in rows:
        if minutes is None:
            stay = stays.standing(row, shift, at)
            assert stay is not None, "what is approved has an end"
            minutes = stay.minutes(shift)
        found[row.person_id][row.id] = minutes
    return dict(found)
