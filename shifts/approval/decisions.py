"""Judging one attendance within a call, and writing the decision.

Invariant: a judgement writes nothing; it counts what the same call has judged before it, so the
order of the lines is the order of approval (daily cap, tiers).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from audit.trail import Deed
from kit import ids
from kit.errors import Conflict, NotAllowed, NotFound
from people import communities
from people.communities import Settings
from shifts import locks, reasons
from shifts.approval import awards, counting, deciders, grades
from shifts.approval.awards import Reckoned
from shifts.approval.deciders import Decider
from shifts.presence import closing, stays
from shifts.presence.stays import Stay
from shifts.rota import times
from shifts.rules.rule_book import Earned, RuleBook
from shifts.tables.attendance import Approval, Attendance
from shifts.tables.rota import Shift

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
    book: RuleBook = field(default_factory=RuleBook)
    #: earlier decisions by attendance and revision, and counted minutes of the days concerned
    before: dict[tuple[UUID, int], list[Approval]] = field(default_factory=dict)
    counted: dict[Day, dict[UUID, int]] = field(default_factory=dict)
    #: the grades of what is counted, where caps by grade are set
    grades: dict[UUID, str] = field(default_factory=dict)
    graded: dict[tuple[Day, str], int] = field(default_factory=dict)
    minutes: dict[Day, int] = field(default_factory=dict)

    def shift_of(self, row: Attendance) -> Shift:
        """The shift that a row is judged by: that which an amendment asks for, if one waits."""
        return self.shifts[row.asked_shift_id or row.shift_id]


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
    call = Call(actor, at, deciders.decider(session, actor), settings, rows)
    _look_up(session, call)
    return call


def _look_up(session: Session, call: Call) -> None:
    """Read at once what the judgements need, however many lines there are."""
    community_id, rows = call.actor.community_id, list(call.rows.values())
    wanted = {row.shift_id for row in rows} | {row.asked_shift_id for row in rows} - {None}
    shifts = session.scalars(
        select(Shift).where(Shift.community_id == community_id, Shift.id.in_(wanted))
    )
    call.shifts |= {shift.id: shift for shift in shifts}
    call.who.look_up(session, [row.id for row in rows])
    call.before |= deciders.decisions_of_all(session, community_id, call.rows)
    days: dict[date, set[UUID]] = defaultdict(set)
    for row in rows:
        days[times.service_on(call.shift_of(row), call.settings.zone)].add(row.person_id)
    for day, people in days.items():
        found = counting.minutes_on(
            session, community_id, people, day, zone=call.settings.zone, at=call.at
        )
        call.counted |= {(one, day): found.get(one, {}) for one in people}
        call.book.look_up(session, community_id, people, day)
    if call.settings.grade_caps_hours is not None:
        known = {one for there in call.counted.values() for one in there}
        call.grades |= grades.of(session, community_id, known)


def judge(session: Session, call: Call, attendance_id: UUID) -> Verdict:
    """The verdict on one line; raises as ``approvals.approve``."""
    row = call.rows.get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    deciders.require(session, call.who, row, call.shifts[row.shift_id])
    shift = call.shift_of(row)
    deciders.require_moved(session, call.who, row, shift)
    refuse_unless_undecided(row, shift, call.at)
    stay = stays.to_decide(row, shift, call.at)
    before = call.before.get((row.id, stay.revision), [])
    deciders.refuse_twice(call.who, before)
    day = (row.person_id, times.service_on(shift, call.settings.zone))
    minutes = stay.minutes(shift)
    counted = (there for one, there in call.counted[day].items() if one != row.id)
    others = sum(counted) + call.minutes.get(day, 0)
    tiers = call.settings.approval_tiers_hours
    two = deciders.require_tier(session, call.who, shift, others + minutes, tiers)
    grade = grades.of_stay(row, shift, stay)
    of_grade = _others_of_grade(call, day, row, grade) + minutes
    two = two or grades.needs_second(call.settings.grade_caps_hours, grade, of_grade)
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
            book=call.book,
        )
        earned = Earned(award.sum.points, award.occasion_id, award.fund_id)
        call.book.add(row, award.service_on, earned)
    if award is not None or not stay.is_late:
        _count(call, day, row, grade, minutes)
    return Verdict(row, shift, stay, len(before) + 1, award)


def _others_of_grade(call: Call, day: Day, row: Attendance, grade: str) -> int:
    """The minutes of that day which stand on evidence of this grade, without this row's."""
    there = call.counted[day].items()
    before = (some for one, some in there if call.grades.get(one) == grade and one != row.id)
    return sum(before) + call.graded.get((day, grade), 0)


def _count(call: Call, day: Day, row: Attendance, grade: str, minutes: int) -> None:
    """Add what this line changes on its day to what the next lines of the call are judged by.

    What is counted already is its award, or what the first of two signed. An amendment that one of
    two has signed changes nothing: what is credited stands.
    """
    known = call.counted[day].get(row.id, 0)
    call.minutes[day] = call.minutes.get(day, 0) + minutes - known
    for of, change in ((row.evidence, -known), (grade, minutes)):
        call.graded[day, of] = call.graded.get((day, of), 0) + change


def refuse_unless_undecided(attendance: Attendance, shift: Shift, at: datetime) -> None:
    """Conflict ``not_submitted`` while the stay goes on, ``already_decided`` once it is over and
    no amendment waits."""
    status = closing.status_at(attendance, shift, at)
    if status == "open":
        raise Conflict("not_submitted", attendance_id=attendance.id)
    if status in ("rejected", "credited", "voided") and stays.asked(attendance) is None:
        raise Conflict("already_decided", status=status)


@dataclass(frozen=True)
class Decided:
    """One decision that is to be written; one with a reason is a rejection."""

    attendance: Attendance
    revision: int
    step: int
    reason: str | None = None


def write(session: Session, actor: Actor, at: datetime, decided: Sequence[Decided]) -> None:
    """Write decisions on revisions, each with its audit entry."""
    rows, deeds = [], []
    for one in decided:
        stated = None if one.reason is None else reasons.STATED
        digest = None
        if one.reason is not None:
            digest = reasons.keep(session, actor.community_id, one.reason)
        row = {
            "community_id": actor.community_id,
            "id": ids.new(),
            "attendance_id": one.attendance.id,
            "revision": one.revision,
            "step": one.step,
            "decision": "approve" if one.reason is None else "reject",
            "decided_by": actor.person,
            "decided_at": at,
            "reason_code": stated,
            "text_digest": digest,
        }
        rows.append(row)
        deeds.append(
            Deed(
                Action.APPROVED if one.reason is None else Action.REJECTED,
                ("attendance", one.attendance.id),
                after={"step": one.step, "revision": one.revision},
                row=row,
                reason_code=stated,
            )
        )
    if rows:
        session.execute(insert(Approval), rows)
    trail.record_all(session, actor=actor, at=at, deeds=deeds)


def move(session: Session, wanted: Sequence[tuple[Attendance, str]]) -> None:
    """Move each to its status, by way of ``submitted`` where the stay had closed by itself."""
    for row, _status in wanted:
        if row.status == "auto_closed":
            row.status = "submitted"
    session.flush()
    for row, status in wanted:
        if row.status != status:
            row.status = status
    session.flush()
