"""Breaks: time within a stay that is not served, begun and ended by a person or their captain.

Invariant: breaks of a stay do not overlap, at most one goes on, and none is longer than its stay;
each begin and each end is on record with who said so.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import leaves
from audit.actor import Actor
from kit.errors import Conflict, NotFound
from shifts import locks
from shifts.presence import closing, records
from shifts.rota import finding, leading
from shifts.tables.attendance import Attendance

#: nobody pauses more often; a double tap is answered as the first one
MOST = 20


def begin(session: Session, *, actor: Actor, at: datetime, attendance_id: UUID) -> Attendance:
    """Begin a break now; while one goes on, nothing changes.

    Raises, in this order: NotFound, NotAllowed (self, captain of the shift, manager), Conflict
    ``not_there`` (the stay is over), ``limit_reached``.
    """
    row = _held(session, actor, at, attendance_id)
    if row.breaks and row.breaks[-1][1] is None:
        return row
    if len(row.breaks) >= MOST:
        raise Conflict("limit_reached", most=MOST)
    _keep(session, actor, at, row, "break_begun", [*row.breaks, [leaves.plain(at), None]])
    return row


def end(session: Session, *, actor: Actor, at: datetime, attendance_id: UUID) -> Attendance:
    """End the break that goes on; where none does, nothing changes.

    Raises as ``begin``.
    """
    row = _held(session, actor, at, attendance_id)
    if not row.breaks or row.breaks[-1][1] is not None:
        return row
    starts = row.breaks[-1][0]
    made = [*row.breaks[:-1]]
    if datetime.fromisoformat(starts) < at:
        # One of no length at all was none.
        made.append([starts, leaves.plain(at)])
    _keep(session, actor, at, row, "break_ended", made)
    return row


def is_on(row: Attendance) -> bool:
    """Whether a break goes on."""
    return bool(row.breaks) and row.breaks[-1][1] is None


def _held(session: Session, actor: Actor, at: datetime, attendance_id: UUID) -> Attendance:
    row = locks.hold_attendances(session, actor.community_id, [attendance_id]).get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    shift = finding.get(session, actor.community_id, row.shift_id)
    if row.person_id != actor.person_id:
        leading.require_lead(session, actor, shift)
    if closing.status_at(row, shift, at) != "open" or at < row.checked_in_at:
        raise Conflict("not_there", status=row.status)
    return row


def _keep(
    session: Session,
    actor: Actor,
    at: datetime,
    row: Attendance,
    kind: str,
    breaks: list[list[str | None]],
) -> None:
    before = {"breaks": row.breaks}
    row.breaks = breaks
    session.flush()
    records.write(
        session,
        actor=actor,
        at=at,
        attendance=row,
        kind=kind,
        before=before,
        after={"breaks": breaks},
    )
