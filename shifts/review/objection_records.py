"""What is kept of objections: the objection itself and what became of it, with word of both.

Invariant: both are written once, each with its audit entry and its message in the same unit.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import NotFound
from messages import outbox
from messages.kinds import Kind
from people import roles
from shifts import reasons
from shifts.presence import attendance
from shifts.tables.attendance import Attendance
from shifts.tables.reviews import Objection, ObjectionOutcome


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


def write(
    session: Session,
    actor: Actor,
    at: datetime,
    row: Attendance,
    *,
    ground: str,
    reason: str,
    decide_by: datetime,
) -> Objection:
    """The objection, its entry, and word to the managers."""
    objection_id = ids.new()
    fact = {
        "community_id": actor.community_id,
        "id": objection_id,
        "attendance_id": row.id,
        "revision": row.revision,
        "ground": ground,
        "raised_by": actor.person,
        "raised_at": at,
        "decide_by": decide_by,
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
    managers = roles.holders(session, actor.community_id, "manager", anywhere=True)
    outbox.tell(
        session,
        community_id=actor.community_id,
        at=at,
        person_ids=set(managers) - {actor.person},
        kind=Kind.OBJECTION_MADE,
        facts={
            "shift_id": row.shift_id,
            "attendance_id": row.id,
            "objection_id": objection_id,
        },
        key=f"objection:{objection_id}:made",
    )
    return of(session, actor.community_id, objection_id)


def decide(
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
    """What became of it, its entry, and word to who raised it."""
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
