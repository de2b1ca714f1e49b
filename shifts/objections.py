"""Objections: somebody says that a line is wrong, and somebody who had no hand in it decides.

Invariant: an objection is decided once, by a manager who neither recorded nor decided on the line
and is of neither's household, or is taken back by who raised it. Upheld, it asks for an amendment
that another person approves; it moves nothing by itself (decision 0025).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, NotAllowed, NotFound
from messages import outbox
from messages.kinds import Kind
from people import households
from shifts import (
    amending,
    attendance,
    closing,
    corrections,
    deciders,
    locks,
    notice,
    reasons,
    reminders,
    rota,
)
from shifts.attendance_models import Approval, Attendance
from shifts.models import Shift
from shifts.review_models import Objection, ObjectionOutcome

#: so long after a line was last decided on, its person may object
RAISE_WITHIN = timedelta(days=15)
#: so long has the decision
DECIDE_WITHIN = timedelta(days=7)


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
    shift = rota.get(session, actor.community_id, row.shift_id)
    if closing.status_at(row, shift, at) == "open":
        raise Conflict("not_submitted", attendance_id=row.id)
    if not on_notice and at > _decided_at(session, row, shift) + RAISE_WITHIN:
        raise Conflict("objection_over", days=RAISE_WITHIN.days)
    return _write(session, actor, at, row, "own" if is_own else "notice", reason)


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
        return _decide(
            session, actor, at, objection_id, row.id, "upheld", reason, entered_id=entered.id
        )
    # First the outcome, for whoever asks for the amendment has a hand in the line from then on.
    is_late = row.status == "credited"
    revision = amending.next_revision(session, row) if is_late else row.revision + 1
    made = _decide(session, actor, at, objection_id, row.id, "upheld", reason, revision=revision)
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
    return _decide(session, actor, at, objection_id, row.id, "rejected", reason)


def withdraw(
    session: Session, *, actor: Actor, at: datetime, objection_id: UUID
) -> ObjectionOutcome:
    """Take back one's own. Raises NotFound, NotAllowed (who raised it), Conflict
    ``already_decided``."""
    found = of(session, actor.community_id, objection_id)
    if found.raised_by != actor.person:
        raise NotAllowed(needs=["self"])
    locks.hold_attendances(session, actor.community_id, [found.attendance_id])
    _refuse_decided(session, actor.community_id, objection_id)
    return _decide(session, actor, at, objection_id, found.attendance_id, "withdrawn", None)


def of(session: Session, community_id: UUID, objection_id: UUID) -> Objection:
    """The objection; NotFound where the community has none of this id."""
    found = session.scalar(
        select(Objection).where(
            Objection.community_id == community_id, Objection.id == objection_id
        )
    )
    if found is None:
        raise NotFound("objection")
    return found


def _held(session: Session, actor: Actor, objection_id: UUID) -> tuple[Attendance, Shift]:
    """The line, held, once it is sure that the actor may decide on the objection."""
    found = of(session, actor.community_id, objection_id)
    row = locks.hold_attendances(session, actor.community_id, [found.attendance_id])[
        found.attendance_id
    ]
    shift = rota.get(session, actor.community_id, row.shift_id)
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


def _write(
    session: Session, actor: Actor, at: datetime, row: Attendance, ground: str, reason: str
) -> Objection:
    objection_id = ids.new()
    fact = {
        "community_id": actor.community_id,
        "id": objection_id,
        "attendance_id": row.id,
        "revision": row.revision,
        "ground": ground,
        "raised_by": actor.person,
        "raised_at": at,
        "decide_by": at + DECIDE_WITHIN,
        "reason_code": reasons.STATED,
        "text_digest": reasons.keep(session, actor.community_id, reason),
    }
    session.execute(insert(Objection), [fact])
    trail.record(
        session,
        actor=actor,
        action=Action.OBJECTED,
        subject=("objection", objection_id),
        at=at,
        reason_code=reasons.STATED,
        after={"attendance_id": row.id, "revision": row.revision, "ground": ground},
        row=fact,
    )
    outbox.tell(
        session,
        community_id=actor.community_id,
        at=at,
        person_ids=set(reminders.managers(session, actor.community_id)) - {actor.person},
        kind=Kind.OBJECTION_MADE,
        facts={
            "shift_id": row.shift_id,
            "attendance_id": row.id,
            "objection_id": objection_id,
        },
        key=f"objection:{objection_id}:made",
    )
    return of(session, actor.community_id, objection_id)


def _decide(
    session: Session,
    actor: Actor,
    at: datetime,
    objection_id: UUID,
    attendance_id: UUID,
    outcome: str,
    reason: str | None,
    *,
    revision: int | None = None,
    entered_id: UUID | None = None,
) -> ObjectionOutcome:
    digest = None if reason is None else reasons.keep(session, actor.community_id, reason)
    stated = None if reason is None else reasons.STATED
    fact = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "objection_id": objection_id,
        "attendance_id": attendance_id,
        "outcome": outcome,
        "revision": revision,
        "entered_id": entered_id,
        "decided_by": actor.person,
        "decided_at": at,
        "reason_code": stated,
        "text_digest": digest,
    }
    session.execute(insert(ObjectionOutcome), [fact])
    told = {"outcome": outcome, "revision": revision, "entered_id": entered_id}
    trail.record(
        session,
        actor=actor,
        action=Action.OBJECTION_DECIDED,
        subject=("objection", objection_id),
        at=at,
        reason_code=stated,
        after=told,
        row=fact,
    )
    found = session.scalar(
        select(ObjectionOutcome).where(
            ObjectionOutcome.community_id == actor.community_id,
            ObjectionOutcome.objection_id == objection_id,
        )
    )
    assert found is not None, "it was written just now"
    _tell_raiser(session, at, found)
    return found


def _tell_raiser(session: Session, at: datetime, done: ObjectionOutcome) -> None:
    raised = of(session, done.community_id, done.objection_id)
    row = attendance.get(session, done.community_id, done.attendance_id)
    if done.decided_by != raised.raised_by:
        outbox.tell(
            session,
            community_id=done.community_id,
            at=at,
            person_ids=[raised.raised_by],
            kind=Kind.OBJECTION_DECIDED,
            facts={
                "shift_id": row.shift_id,
                "attendance_id": row.id,
                "objection_id": done.objection_id,
            },
            key=f"objection:{done.objection_id}:decided",
        )
