"""What a person was told: the list, and that it was seen.

Invariant: one's own alone; a message that was read stays read, and reading changes nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from messages.models import Message


def of(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    *,
    limit: int,
    before: UUID | None = None,
) -> list[Message]:
    """A person's messages, newest first, older than ``before``."""
    query = select(Message).where(
        Message.community_id == community_id, Message.person_id == person_id
    )
    if before is not None:
        query = query.where(Message.id < before)
    return list(session.scalars(query.order_by(Message.id.desc()).limit(limit)))


def unread(session: Session, community_id: UUID, person_id: UUID) -> int:
    """How many of them nobody has seen."""
    return session.execute(
        select(func.count()).where(
            Message.community_id == community_id,
            Message.person_id == person_id,
            Message.read_at.is_(None),
        )
    ).scalar_one()


def mark_read(
    session: Session, *, actor: Actor, at: datetime, ids: Collection[UUID] | None = None
) -> int:
    """Mark one's own messages as read, these or all; returns how many are still unread.

    An id that is none of one's own, or was read before, changes nothing.
    """
    query = update(Message).where(
        Message.community_id == actor.community_id,
        Message.person_id == actor.person,
        Message.read_at.is_(None),
    )
    if ids is not None:
        query = query.where(Message.id.in_(sorted(ids)))
    done = session.execute(
        query.values(read_at=at)
        .execution_options(synchronize_session="fetch")
        .returning(Message.id)
    ).all()
    if done:
        trail.record(
            session,
            actor=actor,
            action=Action.MESSAGES_READ,
            subject=("person", actor.person),
            at=at,
            after={"messages": len(done)},
        )
    return unread(session, actor.community_id, actor.person)
