"""What a move would make of each stay of a shift: times there, minutes before and after.

Invariant: a plan is worked out from rows alone and writes nothing; ``moving`` carries out just it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import Conflict, DomainError, Invalid
from shifts.approval import amending
from shifts.presence import attendance, closing, stays
from shifts.review import corrections
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift


@dataclass(frozen=True)
class Target:
    """Where the stays belong: a shift that is there, or the same one at other times."""

    shift_id: UUID | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """What a move would make of one stay: its times there, and the minutes before and after.

    ``outcome``: ``moved`` at once, ``waits`` for a second person, ``refused`` with its code.
    """

    id: UUID
    person_id: UUID
    outcome: str
    code: str | None
    checked_in_at: datetime
    checked_out_at: datetime | None
    minutes_before: int
    minutes_after: int


@dataclass(frozen=True)
class Moved:
    """A move: the two shifts, and its lines. ``to_shift_id``: none in a preview of one that is
    still to be made."""

    from_shift_id: UUID
    to_shift_id: UUID | None
    along: bool
    lines: list[Line]


def live(session: Session, shift: Shift) -> list[Attendance]:
    """The stays of a shift that are neither rejected nor voided."""
    rows = session.scalars(
        select(Attendance)
        .where(
            Attendance.community_id == shift.community_id,
            Attendance.shift_id == shift.id,
            Attendance.status.not_in(attendance.GONE),
        )
        .order_by(Attendance.id)
    )
    return list(rows)


def line(
    session: Session, row: Attendance, shift: Shift, to: Shift, along: bool, at: datetime
) -> Line:
    by = to.starts_at - shift.starts_at if along else timedelta()
    out_at = closing.out_at(row, shift, at)
    new_in, new_out = row.checked_in_at + by, None if out_at is None else out_at + by
    code = None
    try:
        _refuse(session, row, to, new_in, new_out, at)
        if along and by and row.breaks:
            raise Invalid(along="the breaks of a stay have their own times")
    except DomainError as refusal:
        code = refusal.code
    now = stays.standing(row, shift, at)
    then = None
    if new_out is not None:
        breaks = stays.breaks_of(row, new_out)
        then = stays.Stay(row.revision, new_in, new_out, breaks=breaks)
    outcome = "waits" if row.status == "credited" else "moved"
    return Line(
        id=row.id,
        person_id=row.person_id,
        outcome="refused" if code else outcome,
        code=code,
        checked_in_at=new_in,
        checked_out_at=new_out,
        minutes_before=0 if now is None else now.minutes(shift),
        minutes_after=0 if then is None or code else then.minutes(to),
    )


def _refuse(
    session: Session,
    row: Attendance,
    to: Shift,
    new_in: datetime,
    new_out: datetime | None,
    at: datetime,
) -> None:
    """Conflict ``not_submitted`` (still there), ``amendment_waiting``, ``already_attended``;
    Invalid where the times do not fit the other shift."""
    if new_out is None:
        raise Conflict("not_submitted")
    amending.refuse_second(row)
    if attendance.live(session, row.community_id, to.id, row.person_id) is not None:
        raise Conflict("already_attended")
    corrections.check_times(new_in, new_out, to, at)
