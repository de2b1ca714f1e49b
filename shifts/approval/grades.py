"""Caps by grade: how much of a day one signature may stand for, by how good the evidence is.

Invariant: a cap refuses nobody and takes nothing: above it a second person signs too (decision
0022). Without caps, which is the default, nothing is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from shifts.presence import evidence
from shifts.presence.stays import Stay
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift

GRADES = ("a", "b", "c", "d")
MINUTES_PER_HOUR = 60
#: where the inputs of an award keep the caps that were in force, if any were
CAPS = "grade_caps_hours"


def needs_second(caps: Mapping[str, int] | None, grade: str, minutes: int) -> bool:
    """Whether a second person signs; ``minutes`` are those of the day and the grade, this row's
    included."""
    return caps is not None and minutes > caps[grade] * MINUTES_PER_HOUR


def of(session: Session, community_id: UUID, attendance_ids: Collection[UUID]) -> dict[UUID, str]:
    """The grades of these attendances."""
    rows = session.execute(
        select(Attendance.id, Attendance.evidence).where(
            Attendance.community_id == community_id, Attendance.id.in_(sorted(attendance_ids))
        )
    )
    return {attendance_id: grade for attendance_id, grade in rows}


def of_stay(row: Attendance, shift: Shift, stay: Stay) -> str:
    """The grade that an award of this stay would be made with: an amendment of what is credited is
    judged as it would leave the attendance."""
    if not stay.is_late:
        return row.evidence
    times = (stay.checked_in_at, stay.checked_out_at)
    return evidence.grade_with(row, evidence.amended(row, *times, shift.id))


def told(caps: Mapping[str, int] | None) -> dict[str, Any]:
    """What an award keeps of the caps: nothing where there are none."""
    return {} if caps is None else {CAPS: dict(caps)}
