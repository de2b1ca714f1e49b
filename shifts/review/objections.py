"""Objections: somebody says that a line is wrong, and somebody who had no hand in it decides.

Invariant: an objection is decided once, by a manager who neither recorded nor decided on the line
and is of neither's household, or is taken back by who raised it. Upheld, it asks for an amendment
that another person approves; it moves nothing by itself (decision 0025).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Conflict, NotAllowed, NotFound
from people import communities, households
from shifts import locks
from shifts.approval import amending, deciders, notice
from shifts.presence import attendance, closing
from shifts.review import corrections, objection_records
from shifts.rota import finding
from shifts.tables.attendance import Approval, Attendance
from shifts.tables.reviews import Objection, ObjectionOutcome
from shifts.tables.rota import Shift


def raise_one(
    session: Session, *, actor: Actor, at: datetime, attendance_id: UUID, reason: str
) -> Objection:
    """Object to one's own line, or to a line that is on public notice now.

    Whoever has objected to this revision of it already is told of that one. Raises, in this order:
    NotFound, NotAllowed (neither one's own nor on notice), Conflict ``not_submitted`` (the stay
    goes on), ``objection_over`` (too late), Invalid (reason).
    """
    row = locks.hold_attendances(session, actor.community_id, [attendance_id]).get(attendance_id)
    if row is None:
        raise NotFound("attendance")
    is_own = row.person_id == actor.person
    today = notice.today(session, actor.community_id, at)
    on_notice = row.status == "credited" and notice.is_on(row, today)
    if not is_own and not on_notice:
        raise NotAllowed(needs=["self"])
    there = session.scalar(
        select(Objection).where(
            Objection.community_id == actor.community_id,
            Objection.attendance_id == row.id,
            Objection.revision == row.revision,
            Objection.raised_by == actor.person,
        )
    )
    if there is not None:
        return there
    shift = finding.get(session, actor.community_id, row.shift_id)
    if closing.status_at(row, shift, at) == "open":
        raise Conflict("not_submitted", attendance_id=row.id)
    settings = communities.settings_of(session, actor.community_id)
    decided_at = _decided_at(session, row, shift)
    days = settings.objection_days_at(decided_at)
    if not on_notice and at > decided_at + timedelta(days=days):
        raise Conflict("objection_over", days=days)
    decide_by = at + timedelta(days=settings.decision_days)
    return objection_records.write(
        session,
        actor,
        at,
        row,
        ground="own" if is_own else "notice",
        reason=reason,
        decide_by=decide_by,
    )


def uphold(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    objection_id: UUID,
    reason: str,
    checked_in_at: datetime | None = None,
    checked_out_at: datetime | None = None,
) -> ObjectionOutcome:
    """Uphold it: the line is amended to these times, which another person then approves; a line
    that was rejected or voided is entered anew.

    Raises, in this order: NotFound, NotAllowed (``decider``), Conflict ``already_decided``, and
    what ``corrections`` raises.
    """
    row, shift = _held(session, actor, objection_id)
    if row.status in attendance.GONE:
        entered = corrections.by_hand(
            session,
            actor=actor,
            at=at,
            shift_id=shift.id,
            person_id=row.person_id,
            checked_in_at=checked_in_at or row.checked_in_at,
            checked_out_at=checked_out_at or row.checked_out_at or shift.ends_at,
            reason=reason,
        )
        return objection_records.decide(
            session, actor, at, objection_id, row.id, "upheld", reason, entered_id=entered.id
        )
    # First the outcome, for whoever asks for the amendment has a hand in the line from then on.
    is_late = row.status == "credited"
    revision = amending.next_revision(session, row) if is_late else row.revision + 1
    made = objection_records.decide(
        session, actor, at, objection_id, row.id, "upheld", reason, revision=revision
    )
    done = corrections.amend(
        session,
        actor=actor,
        at=at,
        attendance_id=row.id,
        reason=reason,
        checked_in_at=checked_in_at,
        checked_out_at=checked_out_at,
    )
    assert revision in (done.asked_revision, done.revision), "the amendment that was foreseen"
    return made


def reject(
    session: Session, *, actor: Actor, at: datetime, objection_id: UUID, reason: str
) -> ObjectionOutcome:
    """Reject it, and say why: the line stands. Raises as ``uphold``."""
    row, _shift = _held(session, actor, objection_id)
    return objection_records.decide(session, actor, at, objection_id, row.id, "rejected", reason)


def withdraw(
    session: Session, *, actor: Actor, at: datetime, objection_id: UUID
) -> ObjectionOutcome:
    """Take back one's own. Raises NotFound, NotAllowed (who raised it), Conflict
    ``already_decided``."""
    found = objection_records.of(session, actor.community_id, objection_id)
    if found.raised_by != actor.person:
        raise NotAllowed(needs=["self"])
    locks.hold_attendances(session, actor.community_id, [found.attendance_id])
    _refuse_decided(session, actor.community_id, objection_id)
    return objection_records.decide(
        session, actor, at, objection_id, found.attendance_id, "withdrawn", None
    )


def _held(session: Session, actor: Actor, objection_id: UUID) -> tuple[Attendance, Shift]:
    """The line, held, once it is sure that the actor may decide on the objection."""
    found = objection_records.of(session, actor.community_id, objection_id)
    row = locks.hold_attendances(session, actor.community_id, [found.attendance_id])[
        found.attendance_id
    ]
    shift = finding.get(session, actor.community_id, row.shift_id)
    who = deciders.decider(session, actor)
    if not who.is_manager(session, shift):
        raise NotAllowed(needs=["manager"])
    deciders.require(session, who, row, shift)
    if households.same(session, actor.community_id, actor.person, found.raised_by):
        raise NotAllowed("own_approval", cause="raised")
    deciders.refuse_twice(who, deciders.decisions_of(session, actor.community_id, row.id))
    _refuse_decided(session, actor.community_id, objection_id)
    return row, shift


def _refuse_decided(session: Session, community_id: UUID, objection_id: UUID) -> None:
    there = session.scalar(
        select(ObjectionOutcome.outcome).where(
            ObjectionOutcome.community_id == community_id,
            ObjectionOutcome.objection_id == objection_id,
        )
    )
    if there is not None:
        raise Conflict("already_decided", status=there)


def _decided_at(session: Session, row: Attendance, shift: Shift) -> datetime:
    """When the line was last decided on; one that was not: when its shift was over."""
    found = session.scalar(
        select(func.max(Approval.decided_at)).where(
            Approval.community_id == row.community_id, Approval.attendance_id == row.id
        )
    )
    return found or shift.ends_at
