"""Stays that nobody ended: closed at the shift's end once nobody can check out any more, or cut at
the moment in which their shift is cancelled.

Invariant: whether a stay is closed by itself follows from the time of the call; ``tick`` only
writes down what already holds. No stay is open in a cancelled shift.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from shifts import locks
from shifts.presence import evidence, records
from shifts.rota import times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift


def status_at(attendance: Attendance, shift: Shift, at: datetime) -> str:
    """The status judged by the time of the call."""
    if attendance.status == "open" and times.over(shift, at):
        return "auto_closed"
    return attendance.status


def out_at(attendance: Attendance, shift: Shift, at: datetime) -> datetime | None:
    """When the stay ended: for one that nobody ended, with the shift."""
    if attendance.checked_out_at is None and status_at(attendance, shift, at) == "auto_closed":
        return shift.ends_at
    return attendance.checked_out_at


def settle(
    session: Session, *, actor: Actor, at: datetime, attendance: Attendance, shift: Shift
) -> bool:
    """Write down that an open stay closed by itself, if it did; the row is held by the caller."""
    if attendance.status != "open" or not times.over(shift, at):
        return False
    attendance.status = "auto_closed"
    attendance.checked_out_at = shift.ends_at
    evidence.judge(attendance, shift, evidence.AUTO_CLOSED)
    session.flush()
    _tell(session, actor, at, attendance)
    return True


def hold_open(session: Session, shift: Shift) -> None:
    """Hold the open stays of a shift and their people, before the shift itself is held."""
    wanted = session.scalars(
        select(Attendance.id).where(
            Attendance.community_id == shift.community_id,
            Attendance.shift_id == shift.id,
            Attendance.status == "open",
        )
    ).all()
    if wanted:
        locks.hold_attendances(session, shift.community_id, wanted)


def cut(session: Session, *, actor: Actor, at: datetime, shift: Shift) -> None:
    """End every open stay of a shift that is being cancelled: what was served until now counts.

    The caller holds the shift, so that no stay begins meanwhile.
    """
    # Read again: one may have begun after ``hold_open``. Two units that then wait for each other
    # are told so by the database, and one of them is run again.
    rows = session.scalars(
        select(Attendance)
        .where(
            Attendance.community_id == shift.community_id,
            Attendance.shift_id == shift.id,
            Attendance.status == "open",
        )
        .order_by(Attendance.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for row in rows.all():
        # A stay has some length, also one that began in this very instant.
        row.checked_out_at = max(at, row.checked_in_at + timedelta.resolution)
        row.status = "submitted"
        evidence.judge(row, shift, evidence.CANCELLED)
        session.flush()
        _tell(session, actor, at, row)


def _tell(session: Session, actor: Actor, at: datetime, attendance: Attendance) -> None:
    trail.record(
        session,
        # The program closes it, in whosever request that comes to light.
        actor=replace(actor, person_id=None),
        action=Action.AUTO_CLOSED,
        subject=("attendance", attendance.id),
        at=at,
        after=records.times_of(attendance) | {"flags": attendance.flags},
    )
