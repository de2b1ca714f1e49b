"""Who recorded what of an attendance: written with every scan, hand entry and amendment.

Invariant: a change of an attendance's times and its record are one unit; the record's actor may not
decide on that attendance.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from audit import leaves, trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, stroke
from kit.parts import Added
from shifts import reasons
from shifts.tables.attendance import Attendance, AttendanceRecord

_RECORDS = cast("Table", AttendanceRecord.__table__)
_ACTIONS = {
    "check_in": Action.CHECKED_IN,
    "check_out": Action.CHECKED_OUT,
    "duplicate": Action.SCANNED_AGAIN,
    "entry": Action.ENTERED_BY_HAND,
    "amendment": Action.AMENDED,
    "late_amendment": Action.AMENDMENT_ASKED,
    "move": Action.MOVED,
    "undo": Action.UNDONE,
    "break_begun": Action.BREAK_BEGUN,
    "break_ended": Action.BREAK_ENDED,
}


def times_of(attendance: Attendance) -> dict[str, Any]:
    """The two times of an attendance, as data."""
    return {
        "checked_in_at": attendance.checked_in_at,
        "checked_out_at": attendance.checked_out_at,
    }


def write(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    attendance: Attendance,
    kind: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    revision: int | None = None,
    reason: str | None = None,
    status: str | None = None,
    undoes_id: UUID | None = None,
) -> None:
    """Write the record and its audit entry. Raises Invalid where a reason is not fit to keep.

    ``after`` and ``revision`` are those that a late amendment asks for; otherwise the times are
    those that the attendance has now. ``status``: that which it is about to have; ``undoes_id``:
    the scan that is taken back.
    """
    after = times_of(attendance) if after is None else after
    digest = reasons.keep(session, actor.community_id, reason) if reason is not None else None
    row = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "attendance_id": attendance.id,
        "actor_id": actor.person,
        "kind": kind,
        "revision": revision,
        "undoes_id": undoes_id,
        "at": at,
        "before": leaves.plain(before),
        "after": leaves.plain(after),
        "reason_code": reasons.STATED if digest else None,
        "text_digest": digest,
    }
    stroke.write(session, actor.community_id, [Added(_RECORDS, [row])])
    trail.record(
        session,
        actor=actor,
        action=_ACTIONS[kind],
        subject=("attendance", attendance.id),
        at=at,
        reason_code=row["reason_code"],
        before=before,
        after=after | told(attendance, status),
        row=row,
    )


def of(session: Session, community_id: UUID, attendance_id: UUID) -> list[AttendanceRecord]:
    """Everything recorded of an attendance, oldest first."""
    return list(
        session.scalars(
            select(AttendanceRecord)
            .where(
                AttendanceRecord.community_id == community_id,
                AttendanceRecord.attendance_id == attendance_id,
            )
            .order_by(AttendanceRecord.id)
        )
    )


def recorded_by(session: Session, community_id: UUID, attendance_id: UUID, person_id: UUID) -> bool:
    """Whether this person is the actor of any scan, entry or amendment of the attendance."""
    found = session.scalar(
        select(AttendanceRecord.id)
        .where(
            AttendanceRecord.community_id == community_id,
            AttendanceRecord.attendance_id == attendance_id,
            AttendanceRecord.actor_id == person_id,
        )
        .limit(1)
    )
    return found is not None


def all_recorded_by(
    session: Session, community_id: UUID, attendance_ids: Collection[UUID], person_id: UUID
) -> set[UUID]:
    """Those of these attendances that ``recorded_by`` holds of."""
    found = session.scalars(
        select(AttendanceRecord.attendance_id)
        .where(
            AttendanceRecord.community_id == community_id,
            AttendanceRecord.attendance_id.in_(sorted(attendance_ids)),
            AttendanceRecord.actor_id == person_id,
        )
        .distinct()
    )
    return set(found)


def told(attendance: Attendance, status: str | None = None) -> dict[str, Any]:
    """What the trail tells of an attendance besides its times."""
    return {
        "shift_id": attendance.shift_id,
        "person_id": attendance.person_id,
        "status": status or attendance.status,
        "revision": attendance.revision,
        "flags": attendance.flags,
    }
