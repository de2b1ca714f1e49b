"""What is told of objections and of the public notice: lists, single ones, and public counts.

Invariant: who raised an objection sees it, and managers and auditors all; the counts are for
everybody, and name nobody. A notice list names people masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actor import Actor
from kit.errors import NotAllowed, NotFound
from people import masking, roles
from people.models import Person
from shifts.approval import notice
from shifts.tables.attendance import Approval, Attendance, Award
from shifts.tables.reviews import Objection, ObjectionOutcome
from shifts.tables.rota import Shift

STATUSES = ("open", "upheld", "rejected", "withdrawn")
NOTICE_MOST = 1000


@dataclass(frozen=True)
class ObjectionView:
    """An objection and its outcome. ``remedy``: none yet, ``waiting`` for a second person,
    ``done`` or ``refused``."""

    id: UUID
    attendance_id: UUID
    revision: int
    ground: str
    raised_by: UUID
    raised_at: datetime
    decide_by: datetime
    reason: str | None
    status: str
    overdue: bool
    decided_by: UUID | None
    decided_at: datetime | None
    answer: str | None
    amendment_revision: int | None
    entered_id: UUID | None
    remedy: str | None


@dataclass(frozen=True)
class Counts:
    """How many objections there are, by what became of them."""

    open: int
    overdue: int
    upheld: int
    rejected: int
    withdrawn: int


@dataclass(frozen=True)
class NoticeLine:
    """One award that is on public notice; ``until`` is its last day."""

    attendance_id: UUID
    name: str
    title: str
    service_on: date
    minutes: int
    points: int
    until: date


def one(session: Session, *, actor: Actor, at: datetime, objection_id: UUID) -> ObjectionView:
    """One objection. Raises NotFound, NotAllowed (who raised it, manager, auditor)."""
    found = _views(session, actor, at, Objection.id == objection_id)
    if not found:
        raise NotFound("objection")
    if found[0].raised_by != actor.person_id and not _sees_all(session, actor):
        raise NotAllowed(needs=["self", "manager", "auditor"])
    return found[0]


def listed(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    limit: int,
    before: UUID | None = None,
    status: str | None = None,
    own: bool = False,
) -> list[ObjectionView]:
    """The objections that the actor may see, newest first, older than ``before``; ``own`` alone
    where told."""
    wanted: list[ColumnElement[bool]] = []
    if own or not _sees_all(session, actor):
        wanted.append(Objection.raised_by == actor.person)
    if before is not None:
        wanted.append(Objection.id < before)
    if status == "open":
        wanted.append(ObjectionOutcome.id.is_(None))
    elif status is not None:
        wanted.append(ObjectionOutcome.outcome == status)
    return _views(session, actor, at, *wanted, limit=limit)


def counts(session: Session, *, community_id: UUID, at: datetime) -> Counts:
    """How many were raised and what became of them: for everybody."""
    rows = session.execute(
        select(Objection.decide_by, ObjectionOutcome.outcome)
        .outerjoin(
            ObjectionOutcome,
            (ObjectionOutcome.community_id == Objection.community_id)
            & (ObjectionOutcome.objection_id == Objection.id),
        )
        .where(Objection.community_id == community_id)
    ).all()
    found = {name: sum(row.outcome == name for row in rows) for name in STATUSES[1:]}
    waiting = [row.decide_by for row in rows if row.outcome is None]
    overdue = sum(decide_by < at for decide_by in waiting)
    return Counts(open=len(waiting), overdue=overdue, **found)


def notice_list(session: Session, *, community_id: UUID, at: datetime) -> list[NoticeLine]:
    """What is on public notice now, the first to end first; names are masked."""
    today = notice.today(session, community_id, at)
    rows = session.execute(
        select(Attendance, Award, Shift.title, Person.name)
        .join(
            Award,
            (Award.attendance_id == Attendance.id) & (Award.revision == Attendance.revision),
        )
        .join(Shift, Shift.id == Attendance.shift_id)
        .join(Person, Person.id == Attendance.person_id)
        .where(
            Attendance.community_id == community_id,
            Award.community_id == community_id,
            Shift.community_id == community_id,
            Person.community_id == community_id,
            Attendance.status == "credited",
            notice.running(today),
        )
        .order_by(Attendance.available_on, Attendance.id)
        .limit(NOTICE_MOST)
    )
    return [
        NoticeLine(
            attendance_id=row.id,
            name=masking.masked(name),
            title=title,
            service_on=award.service_on,
            minutes=award.minutes,
            points=award.points,
            until=row.available_on - timedelta(days=1),
        )
        for row, award, title, name in rows
        # The condition of the list again, so that the last day can be told.
        if row.available_on is not None
    ]


def _sees_all(session: Session, actor: Actor) -> bool:
    return roles.holds(session, actor, "manager", "auditor", unit_id=roles.ANYWHERE)


def _views(
    session: Session,
    actor: Actor,
    at: datetime,
    *wanted: ColumnElement[bool],
    limit: int = 1,
) -> list[ObjectionView]:
    rows = session.execute(
        select(Objection, ObjectionOutcome)
        .outerjoin(
            ObjectionOutcome,
            (ObjectionOutcome.community_id == Objection.community_id)
            & (ObjectionOutcome.objection_id == Objection.id),
        )
        .where(Objection.community_id == actor.community_id, *wanted)
        .order_by(Objection.id.desc())
        .limit(limit)
    )
    found: list[tuple[Objection, ObjectionOutcome | None]] = [(row, done) for row, done in rows]
    return [_view(session, row, done, at) for row, done in found]


def _view(
    session: Session, row: Objection, done: ObjectionOutcome | None, at: datetime
) -> ObjectionView:
    return ObjectionView(
        id=row.id,
        attendance_id=row.attendance_id,
        revision=row.revision,
        ground=row.ground,
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        decide_by=row.decide_by,
        reason=trail.text_of(session, row.community_id, row.text_digest),
        status="open" if done is None else done.outcome,
        overdue=done is None and row.decide_by < at,
        decided_by=None if done is None else done.decided_by,
        decided_at=None if done is None else done.decided_at,
        answer=None if done is None else trail.text_of(session, row.community_id, done.text_digest),
        amendment_revision=None if done is None else done.revision,
        entered_id=None if done is None else done.entered_id,
        remedy=None if done is None else _remedy(session, done),
    )


def _remedy(session: Session, done: ObjectionOutcome) -> str | None:
    """What became of that which follows from an objection that was upheld."""
    if done.outcome != "upheld":
        return None
    line_id = done.entered_id or done.attendance_id
    row = session.get(Attendance, (done.community_id, line_id))
    assert row is not None, "what an outcome names is there"
    revision = done.revision or 1
    refused = session.scalar(
        select(Approval.id).where(
            Approval.community_id == done.community_id,
            Approval.attendance_id == line_id,
            Approval.revision == revision,
            Approval.decision == "reject",
        )
    )
    if refused is not None:
        return "refused"
    stands = row.status in ("credited", "voided") and row.revision >= revision
    return "done" if stands else "waiting"
