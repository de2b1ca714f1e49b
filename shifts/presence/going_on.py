"""Going on from one red post to another in mid-shift: the first stay ends where the next begins.

Invariant: a scan at another shift ends nothing by itself (contract); somebody says that the person
went on, and then each stay is summed under its own shift, with no minute in both.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Conflict, NotFound
from shifts import locks
from shifts.presence import attendance, closing, evidence, records
from shifts.rota import finding, leading
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift


def go_on(session: Session, *, actor: Actor, at: datetime, attendance_id: UUID) -> Attendance:
    """End an open stay at the moment in which its person was scanned in elsewhere.

    Raises, in this order: NotFound, NotAllowed (self, captain of the shift, manager), Conflict
    ``not_there`` (the stay is over), ``not_elsewhere``.
    """
    row = locks.hold_attendances(session, actor.community_id, [attendance_id]).get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    shift = finding.get(session, actor.community_id, row.shift_id)
    if row.person_id != actor.person_id:
        leading.require_lead(session, actor, shift)
    if closing.status_at(row, shift, at) != "open":
        raise Conflict("not_there", status=row.status)
    following = _following(session, row)
    if following is None or following.checked_in_at > at:
        raise Conflict("not_elsewhere")
    before = records.times_of(row)
    row.checked_out_at = following.checked_in_at
    row.scanned_at = following.checked_in_at
    row.status = "submitted"
    by_poster = evidence.POSTER_IN in following.flags
    happened = (evidence.MOVED_ON, *([evidence.POSTER_OUT] if by_poster else []))
    evidence.judge(row, shift, *happened)
    session.flush()
    records.write(session, actor=actor, at=at, attendance=row, kind="check_out", before=before)
    return row


def still_open(session: Session, here: Attendance, at: datetime) -> list[tuple[Attendance, Shift]]:
    """The stays at other shifts that nobody has ended, begun before this one."""
    rows = session.execute(
        select(Attendance, Shift)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == here.community_id,
            Shift.community_id == here.community_id,
            Attendance.person_id == here.person_id,
            Attendance.shift_id != here.shift_id,
            Attendance.status == "open",
            Attendance.checked_in_at < here.checked_in_at,
        )
        .order_by(Attendance.id)
    )
    return [(row, shift) for row, shift in rows if closing.status_at(row, shift, at) == "open"]


def _following(session: Session, row: Attendance) -> Attendance | None:
    """The person's next stay, elsewhere, that a scan began and nobody amended the begin of."""
    found = session.scalars(
        select(Attendance)
        .where(
            Attendance.community_id == row.community_id,
            Attendance.person_id == row.person_id,
            Attendance.shift_id != row.shift_id,
            Attendance.status.not_in(attendance.GONE),
            Attendance.entered != "hand",
            Attendance.checked_in_at > row.checked_in_at,
        )
        .order_by(Attendance.checked_in_at, Attendance.id)
        .limit(1)
    ).first()
    return None if found is None or evidence.AMENDED_IN in found.flags else found
