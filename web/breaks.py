"""Breaks by one tap: one's own from the home page, a member's from the desk of who leads the shift.

Invariant: a tap says which of the two it is, begin or end, so that a second tap changes nothing.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response

from shifts.presence import breaks
from shifts.tables.attendance import Attendance
from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.post("/attendances/<uuid:attendance_id>/break/begin")
def begin(visit: Visit, attendance_id: UUID) -> Response:
    """A break begins now."""
    row = visit.write(
        lambda session: breaks.begin(
            session, actor=visit.actor, at=visit.at, attendance_id=attendance_id
        )
    )
    return _back(visit, row, "break_begun")


@pages.post("/attendances/<uuid:attendance_id>/break/end")
def end(visit: Visit, attendance_id: UUID) -> Response:
    """The break that goes on ends now."""
    row = visit.write(
        lambda session: breaks.end(
            session, actor=visit.actor, at=visit.at, attendance_id=attendance_id
        )
    )
    return _back(visit, row, "break_ended")


def _back(visit: Visit, row: Attendance, note: str) -> Response:
    """To where the tap was made: one's own home page, or the desk of the shift."""
    mine = row.person_id == visit.me.person_id
    return visit.go("/" if mine else f"/desk/shifts/{row.shift_id}", note)
