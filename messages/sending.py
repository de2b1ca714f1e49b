"""What is still to leave the house: taken in short units, and marked when every carrier has it.

Invariant: a message is offered until a unit that had it delivered commits, and never again; so each
carrier has it at least once and tells it apart by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from messages.models import Message

#: messages in one unit
BATCH = 100


def unsent(session: Session, community_id: UUID) -> list[Message]:
    """Some messages that have not left yet, oldest first; two senders get different ones."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.community_id == community_id, Message.sent_at.is_(None))
            .order_by(Message.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    )


def mark_sent(
    session: Session, community_id: UUID, messages: Sequence[Message], at: datetime
) -> None:
    """They have left."""
    session.execute(
        update(Message)
        .where(Message.community_id == community_id, Message.id.in_([one.id for one in messages]))
        .values(sent_at=at)
        .execution_options(synchronize_session=False)
    )
