"""Attendance written by hand, and amended: for what no scan saw, or saw wrong.

Invariant: what was entered or amended by hand stays marked so for ever, and whoever did it decides
nothing about it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, Invalid, NotFound
from shifts import locks
from shifts.approval import amending
from shifts.presence import attendance, closing, evidence, records
from shifts.rota import finding, leading, sign_ups, times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift


def by_hand(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    shift_id: UUID,
    person_id: UUID,
    checked_in_at: datetime,
    checked_out_at: datetime,
    reason: str,
) -> Attendance:
    """Enter a stay by hand; it is submitted at once. The scan windows do not apply.

    Raises, in this order: NotFound (shift), NotAllowed (captain of the shift, manager), NotFound
    (person), Invalid, Conflict ``shift_cancelled``, ``outside_window`` (a draft),
    ``already_attended``.
    """
    shift = finding.get(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    sign_ups.require_active(session, actor.community_id, person_id)
    check_times(checked_in_at, checked_out_at, shift, at)
    locks.hold_people(session, actor.community_id, [person_id])
    shift = finding.locked(session, actor.community_id, shift_id)
    sign_ups.refuse_unless_open(shift)
    there = attendance.live(session, actor.community_id, shift_id, person_id)
    if there is not None:
        raise Conflict("already_attended", attendance_id=there.id)
    row = Attendance(
        community_id=actor.community_id,
        id=ids.new(),
        shift_id=shift_id,
        person_id=person_id,
        status="submitted",
        checked_in_at=checked_in_at,
        checked_out_at=checked_out_at,
        entered="hand",
        flags=[],
        revision=1,
        scanned_at=None,
    )
    late = [evidence.LATE_ENTRY] if times.over(shift, at) else []
    evidence.judge(row, shift, evidence.HAND, *late)
    session.add(row)
    session.flush()
    records.write(session, actor=actor, at=at, attendance=row, kind="entry", reason=reason)
    return row


def amend(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    attendance_id: UUID,
    reason: str,
    checked_in_at: datetime | None = None,
    checked_out_at: datetime | None = None,
) -> Attendance:
    """Correct the times of an attendance; before credit this counts at once.

    It is a new revision, decided anew. After credit it waits for a second person, and what is
    credited stands until then (design D13). Raises, in this order: NotFound, NotAllowed (captain of
    the shift, manager), Conflict ``already_decided`` (rejected, voided), ``amendment_waiting``,
    Invalid.
    """
    row = locks.hold_attendances(session, actor.community_id, [attendance_id]).get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    shift = finding.get(session, actor.community_id, row.shift_id)
    leading.require_lead(session, actor, shift)
    if row.status in attendance.GONE:
        raise Conflict("already_decided", status=row.status)
    amending.refuse_second(row)
    if checked_in_at is None and checked_out_at is None:
        raise Invalid(checked_in_at="name the time to correct")
    closing.settle(session, actor=actor, at=at, attendance=row, shift=shift)
    wanted_in, wanted_out = checked_in_at or row.checked_in_at, checked_out_at or row.checked_out_at
    check_times(wanted_in, wanted_out, shift, at)
    if row.status == "credited":
        assert wanted_out is not None, "what is credited has an end"
        wanted = (wanted_in, wanted_out)
        amending.ask(session, actor=actor, at=at, row=row, times=wanted, reason=reason)
        return row
    before = records.times_of(row)
    _apply(row, shift, checked_in_at, checked_out_at)
    session.flush()
    records.write(
        session,
        actor=actor,
        at=at,
        attendance=row,
        kind="amendment",
        before=before,
        reason=reason,
    )
    return row


def _apply(
    row: Attendance, shift: Shift, checked_in_at: datetime | None, checked_out_at: datetime | None
) -> None:
    """Set the new times; with an end, the stay is submitted."""
    happened = []
    if checked_in_at is not None:
        row.checked_in_at = checked_in_at
        happened.append(evidence.AMENDED_IN)
    if checked_out_at is not None:
        row.checked_out_at = checked_out_at
        happened.append(evidence.AMENDED_OUT)
    if row.checked_out_at is not None:
        row.status = "submitted"
    row.revision += 1
    evidence.judge(row, shift, *happened)


def check_times(
    checked_in_at: datetime, checked_out_at: datetime | None, shift: Shift, at: datetime
) -> None:
    """In < out ≤ now, overlapping the shift."""
    if checked_in_at > at:
        raise Invalid(checked_in_at="is in the future")
    if checked_in_at >= shift.ends_at:
        raise Invalid(checked_in_at="is after the shift")
    if checked_out_at is None:
        return
    if checked_out_at > at:
        raise Invalid(checked_out_at="is in the future")
    if not checked_in_at < checked_out_at:
        raise Invalid(checked_out_at="is not after checked_in_at")
    if checked_out_at <= shift.starts_at:
        raise Invalid(checked_out_at="is before the shift")
