"""Rows that nobody decides on: a reminder after a day, word to the managers after three.

Invariant: nothing is ever approved by waiting. Who is told what follows from the facts; ``tick``
writes it into the outbox under a natural key, so a late or a second one tells nobody twice.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from messages import outbox
from messages.kinds import Kind
from messages.outbox import Note
from people import roles
from shifts.presence import closing
from shifts.rota import leading, times
from shifts.tables.attendance import Attendance, AttendanceRecord
from shifts.tables.reviews import Objection, ObjectionOutcome
from shifts.tables.rota import Shift

REMIND_AFTER = timedelta(hours=24)
ESCALATE_AFTER = timedelta(hours=72)


@dataclass(frozen=True)
class Waiting:
    """A shift with rows that wait, how many, and since when the oldest does."""

    shift: Shift
    waiting: int
    oldest_at: datetime


def waiting_since(
    session: Session, community_id: UUID, at: datetime, since: datetime
) -> list[Waiting]:
    """The shifts with rows that somebody should have decided on since before ``since``.

    A row waits from what was last recorded of it; one that nobody ended, from the moment at which
    it closed by itself.
    """
    recorded = (
        select(AttendanceRecord.attendance_id, func.max(AttendanceRecord.at).label("at"))
        .where(AttendanceRecord.community_id == community_id)
        .group_by(AttendanceRecord.attendance_id)
        .subquery()
    )
    rows = session.execute(
        select(Attendance, Shift, recorded.c.at)
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(recorded, recorded.c.attendance_id == Attendance.id)
        .where(
            Attendance.community_id == community_id,
            Shift.community_id == community_id,
            Attendance.status.in_(("open", "submitted", "auto_closed", "approved"))
            | Attendance.asked_revision.is_not(None),
            recorded.c.at <= since,
        )
        .order_by(Attendance.id)
    )
    found: dict[UUID, list[datetime]] = defaultdict(list)
    shifts: dict[UUID, Shift] = {}
    for row, shift, last in rows:
        status = closing.status_at(row, shift, at)
        if status == "open":
            continue
        ended = shift.ends_at + times.CHECK_OUT_LATE
        waits_from = last if status != "auto_closed" or last > ended else ended
        if waits_from <= since:
            found[shift.id].append(waits_from)
            shifts[shift.id] = shift
    return [Waiting(shifts[one], len(all_), min(all_)) for one, all_ in sorted(found.items())]


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Remind and escalate what is due; returns how many people were told something new."""
    notes: list[Note] = []
    for one in waiting_since(session, community_id, at, at - REMIND_AFTER):
        leaders = [one.shift.captain_id, *leading.deputy_ids(session, one.shift)]
        notes += _notes(leaders, Kind.APPROVALS_WAIT, one)
    overdue = waiting_since(session, community_id, at, at - ESCALATE_AFTER)
    above = roles.holders(session, community_id, "manager", anywhere=True)
    for one in overdue:
        notes += _notes(above, Kind.APPROVALS_OVERDUE, one)
    notes += _objections(session, community_id, at, above)
    if not notes:
        return 0
    return outbox.tell_all(session, community_id=community_id, at=at, notes=notes)


def _notes(person_ids: list[UUID], kind: Kind, one: Waiting) -> list[Note]:
    facts: dict[str, outbox.Fact] = {
        "shift_id": one.shift.id,
        "waiting": one.waiting,
        "oldest_at": one.oldest_at,
    }
    key = f"shift:{one.shift.id}:{kind}:{one.oldest_at.date()}"
    return [Note(person_id, kind, facts, key) for person_id in dict.fromkeys(person_ids)]


def _objections(
    session: Session, community_id: UUID, at: datetime, above: list[UUID]
) -> list[Note]:
    """Objections that nobody decided in time go to every manager once more."""
    rows = session.execute(
        select(Objection.id, Objection.attendance_id, Attendance.shift_id)
        .join(Attendance, Attendance.id == Objection.attendance_id)
        .outerjoin(
            ObjectionOutcome,
            (ObjectionOutcome.community_id == Objection.community_id)
            & (ObjectionOutcome.objection_id == Objection.id),
        )
        .where(
            Objection.community_id == community_id,
            Attendance.community_id == community_id,
            ObjectionOutcome.id.is_(None),
            Objection.decide_by < at,
        )
        .order_by(Objection.id)
    )
    return [
        Note(
            person_id,
            Kind.OBJECTION_MADE,
            {"shift_id": shift_id, "attendance_id": attendance_id, "objection_id": one},
            f"objection:{one}:overdue",
        )
        for one, attendance_id, shift_id in rows
        for person_id in above
    ]
