"""Due work of this room: stays that nobody ended are closed, and shifts that are over; seats that
were kept go to who waits.

Invariant: it writes down what already holds by the time of the call, a bounded number at a time;
run twice, or late, it changes no answer.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import system
from shifts import locks
from shifts.presence import closing
from shifts.rota import finding, kept_seats, times
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift

AT_ONCE = 200


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Close what is over, and give seats that were kept until now; returns how many rows it changed
    (200 of a kind)."""
    closed = _close_stays(session, community_id, at) + _close_shifts(session, community_id, at)
    return closed + kept_seats.tick(session, community_id, at)


def _close_stays(session: Session, community_id: UUID, at: datetime) -> int:
    actor = system(community_id, "tick")
    wanted = session.scalars(
        select(Attendance.id)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Attendance.status == "open",
            Shift.ends_at < at - times.CHECK_OUT_LATE,
        )
        .order_by(Attendance.id)
        .limit(AT_ONCE)
    ).all()
    if not wanted:
        return 0
    done = 0
    for row in locks.hold_attendances(session, community_id, wanted).values():
        shift = finding.get(session, community_id, row.shift_id)
        done += closing.settle(session, actor=actor, at=at, attendance=row, shift=shift)
    return done


def _close_shifts(session: Session, community_id: UUID, at: datetime) -> int:
    actor = system(community_id, "tick")
    rows = session.scalars(
        select(Shift)
        .where(
            Shift.community_id == community_id,
            Shift.status == "published",
            Shift.ends_at < at - times.CHECK_OUT_LATE,
        )
        .order_by(Shift.id)
        .limit(AT_ONCE)
        .with_for_update(key_share=True)
    ).all()
    for shift in rows:
        shift.status = "closed"
        session.flush()
        trail.record(
            session,
            actor=actor,
            action=Action.SHIFT_CLOSED,
            subject=("shift", shift.id),
            at=at,
            after={"status": "closed"},
        )
    return len(rows)
