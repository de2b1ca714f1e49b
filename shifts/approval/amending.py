"""An amendment of what is credited already: it waits, and a second person decides (design D13).

Invariant: until then nothing changes but that it waits; then the old award is reversed and the new
one made in the same unit. At most one waits for an attendance.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict, Invalid
from ledger import reversals
from shifts import reasons
from shifts.approval import awards
from shifts.approval.awards import Reckoned
from shifts.approval.decisions import Verdict
from shifts.presence import evidence, records
from shifts.tables.attendance import Approval, Attendance, AttendanceRecord


def refuse_second(row: Attendance) -> None:
    """Conflict ``amendment_waiting`` where an amendment waits already: it is decided first."""
    if row.asked_revision is not None:
        raise Conflict("amendment_waiting", attendance_id=row.id)


def ask(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    row: Attendance,
    times: tuple[datetime, datetime],
    reason: str,
    shift_id: UUID | None = None,
) -> int:
    """Let an amendment to these ``times``, in and out, wait; the row is held and credited.

    ``shift_id``: it was at another shift, too. Returns the revision that it would make. Raises
    Invalid where nothing changes and where the reason is not fit to keep.
    """
    checked_in_at, checked_out_at = times
    if times == (row.checked_in_at, row.checked_out_at) and shift_id is None:
        raise Invalid(checked_in_at="changes nothing")
    revision = next_revision(session, row)
    records.write(
        session,
        actor=actor,
        at=at,
        attendance=row,
        kind="late_amendment",
        before=records.times_of(row),
        after=_asked(checked_in_at, checked_out_at, shift_id),
        revision=revision,
        reason=reason,
    )
    row.asked_revision = revision
    row.asked_in_at = checked_in_at
    row.asked_out_at = checked_out_at
    row.asked_shift_id = shift_id
    session.flush()
    return revision


def asked_of(row: Attendance) -> dict[str, Any]:
    """What the amendment that waits asks for, as its record tells it."""
    return _asked(row.asked_in_at, row.asked_out_at, row.asked_shift_id)


def carry_out(
    session: Session, *, actor: Actor, at: datetime, verdict: Verdict, award: Reckoned
) -> None:
    """Undo the award that stands and take the times that were asked for; a new award follows.

    The caller holds the row, and credits the new award in the same unit.
    """
    row, stay = verdict.attendance, verdict.stay
    undone = _undo(session, actor, at, row, stay.revision)
    before = records.times_of(row)
    times = (stay.checked_in_at, stay.checked_out_at)
    happened = evidence.amended(row, *times, verdict.shift.id)
    row.checked_in_at, row.checked_out_at = stay.checked_in_at, stay.checked_out_at
    row.revision, row.available_on = stay.revision, award.available_on
    row.shift_id = verdict.shift.id
    evidence.judge(row, verdict.shift, *happened)
    drop(row)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.RECREDITED,
        subject=("attendance", row.id),
        at=at,
        reason_code=reasons.STATED,
        before=before,
        after=records.times_of(row)
        | {"revision": row.revision, "reversal_id": undone, "shift_id": row.shift_id},
    )


def _undo(
    session: Session, actor: Actor, at: datetime, row: Attendance, revision: int
) -> UUID | None:
    """Reverse the transfer of the award that stands, for the reason that the amendment gave."""
    old = awards.of(session, row.community_id, row.id)
    assert old is not None, "what is credited has its award"
    if old.transfer_id is None:
        return None
    return reversals.reverse(
        session,
        actor=actor,
        transfer_id=old.transfer_id,
        at=at,
        effective_on=old.service_on,
        reason_code=reasons.STATED,
        text_digest=_record(session, row.community_id, row.id, revision).text_digest,
    )


def _asked(
    checked_in_at: datetime | None, checked_out_at: datetime | None, shift_id: UUID | None
) -> dict[str, Any]:
    told: dict[str, Any] = {"checked_in_at": checked_in_at, "checked_out_at": checked_out_at}
    return told if shift_id is None else told | {"shift_id": shift_id}


def drop(row: Attendance) -> None:
    """No amendment waits any more; written with the caller's next flush."""
    row.asked_revision = row.asked_in_at = row.asked_out_at = row.asked_shift_id = None


def next_revision(session: Session, row: Attendance) -> int:
    """One more than any that was ever asked for: a refused one keeps its number."""
    last = session.scalar(
        select(func.max(Approval.revision)).where(
            Approval.community_id == row.community_id, Approval.attendance_id == row.id
        )
    )
    return max(last or 0, row.revision) + 1


def _record(
    session: Session, community_id: UUID, attendance_id: UUID, revision: int
) -> AttendanceRecord:
    return session.scalars(
        select(AttendanceRecord).where(
            AttendanceRecord.community_id == community_id,
            AttendanceRecord.attendance_id == attendance_id,
            AttendanceRecord.revision == revision,
        )
    ).one()
