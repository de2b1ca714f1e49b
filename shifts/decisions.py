"""Judging one attendance within a call, and writing the decision.

Invariant: a judgement writes nothing; it counts what the same call has judged before it, so the
order of the lines is the order of approval (daily cap, tiers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, NotAllowed, NotFound
from people import communities
from people.communities import Settings
from shifts import awards, closing, deciders, locks, reasons, rota, stays, sums, times
from shifts.attendance_models import Approval, Attendance
from shifts.awards import Reckoned
from shifts.deciders import Decider
from shifts.models import Shift
from shifts.stays import Stay

Day = tuple[UUID, date]


@dataclass
class Call:
    """One call that decides: its held rows, and what it has judged so far by person and day."""

    actor: Actor
    at: datetime
    who: Decider
    settings: Settings
    rows: dict[UUID, Attendance]
    shifts: dict[UUID, Shift] = field(default_factory=dict)
    book: awards.RuleBook = field(default_factory=awards.RuleBook)
    minutes: dict[Day, int] = field(default_factory=dict)
    points: dict[Day, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """A stay may be approved: as which step, and with which award, if this one credits."""

    attendance: Attendance
    shift: Shift
    stay: Stay
    step: int
    award: Reckoned | None

    @property
    def outcome(self) -> str:
        """What it is called: credited once the points are, and not while they are on notice."""
        if self.award is None or self.award.available_on is not None:
            return "approved"
        return "credited"


def begin(session: Session, actor: Actor, at: datetime, attendance_ids: Sequence[UUID]) -> Call:
    """Hold the rows that the call decides on, and those of their people."""
    locks.hold_community(session, actor.community_id, alone=False)
    rows = locks.hold_attendances(session, actor.community_id, attendance_ids)
    settings = communities.settings_of(session, actor.community_id)
    return Call(actor, at, deciders.decider(session, actor), settings, rows)


def judge(session: Session, call: Call, attendance_id: UUID) -> Verdict:
    """The verdict on one line; raises as ``approvals.approve``."""
    row = call.rows.get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    shift = _shift(session, call, row.shift_id)
    deciders.require(session, call.who, row, shift)
    refuse_unless_undecided(row, shift, call.at)
    stay = stays.to_decide(row, shift, call.at)
    before = deciders.decisions_of(session, row.community_id, row.id, stay.revision)
    deciders.refuse_twice(call.who, before)
    day = (row.person_id, times.service_on(shift, call.settings.zone))
    minutes = stay.minutes(shift)
    others = _counted_on(session, call, day, row.id) + call.minutes.get(day, 0)
    tiers = call.settings.approval_tiers_hours
    two = deciders.require_tier(session, call.who, shift, others + minutes, tiers)
    if before and not call.who.is_manager(session, shift):
        raise NotAllowed(needs=["manager"], cause="second_signature")
    award = None
    if before or not two:
        award = awards.reckon(
            session,
            attendance=row,
            shift=shift,
            stay=stay,
            settings=call.settings,
            at=call.at,
            others=call.points.get(day, 0),
            book=call.book,
        )
    _count(session, call, day, row, shift, stay, award)
    return Verdict(row, shift, stay, len(before) + 1, award)


def _count(
    session: Session,
    call: Call,
    day: Day,
    row: Attendance,
    shift: Shift,
    stay: Stay,
    award: Reckoned | None,
) -> None:
    """Add what this line changes on its day to what the next lines of the call are judged by."""
    minutes, points = stay.minutes(shift), award.sum.points if award is not None else 0
    if stay.is_late:
        if award is None:
            # One of two has signed: what is credited stands.
            return
        old = awards.of(session, row.community_id, row.id)
        assert old is not None, "what is credited has its award"
        minutes, points = minutes - old.minutes, points - old.points
    elif row.status == "approved":
        # Counted since the first of two signed.
        minutes = 0
    call.minutes[day] = call.minutes.get(day, 0) + minutes
    call.points[day] = call.points.get(day, 0) + points


def refuse_unless_undecided(attendance: Attendance, shift: Shift, at: datetime) -> None:
    """Conflict ``not_submitted`` while the stay goes on, ``already_decided`` once it is over and
    no amendment waits."""
    status = closing.status_at(attendance, shift, at)
    if status == "open":
        raise Conflict("not_submitted", attendance_id=attendance.id)
    if status in ("rejected", "credited", "voided") and stays.asked(attendance) is None:
        raise Conflict("already_decided", status=status)


def write(
    session: Session,
    actor: Actor,
    at: datetime,
    attendance: Attendance,
    *,
    revision: int,
    step: int,
    reason: str | None = None,
) -> None:
    """Write the decision on a revision, with its audit entry; one with a reason is a rejection."""
    digest = reasons.keep(session, actor.community_id, reason) if reason is not None else None
    row = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "attendance_id": attendance.id,
        "revision": revision,
        "step": step,
        "decision": "approve" if reason is None else "reject",
        "decided_by": actor.person,
        "decided_at": at,
        "reason_code": None if reason is None else reasons.STATED,
        "text_digest": digest,
    }
    session.execute(insert(Approval), [row])
    trail.record(
        session,
        actor=actor,
        action=Action.APPROVED if reason is None else Action.REJECTED,
        subject=("attendance", attendance.id),
        at=at,
        reason_code=None if reason is None else reasons.STATED,
        after={"step": step, "revision": revision},
        row=row,
    )


def move(session: Session, attendance: Attendance, status: str) -> None:
    """Move to the status, by way of ``submitted`` where the stay had closed by itself."""
    if attendance.status == "auto_closed":
        attendance.status = "submitted"
        session.flush()
    if attendance.status != status:
        attendance.status = status
    session.flush()


def _shift(session: Session, call: Call, shift_id: UUID) -> Shift:
    if shift_id not in call.shifts:
        call.shifts[shift_id] = rota.get(session, call.actor.community_id, shift_id)
    return call.shifts[shift_id]


def _counted_on(session: Session, call: Call, day: Day, without: UUID) -> int:
    """Counted minutes of a person's approved and credited attendances of a service date."""
    starts, ends = times.day_bounds(day[1], call.settings.zone)
    rows = session.execute(
        select(Attendance.checked_in_at, Attendance.checked_out_at, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == Attendance.shift_id)
        .where(
            Attendance.community_id == call.actor.community_id,
            Shift.community_id == call.actor.community_id,
            Attendance.person_id == day[0],
            Attendance.id != without,
            Attendance.status.in_(("approved", "credited")),
            Shift.starts_at >= starts,
            Shift.starts_at < ends,
        )
    )
    return sum(
        sums.counted(row.checked_in_at, row.checked_out_at, row.starts_at, row.ends_at)[1]
        for row in rows
    )
