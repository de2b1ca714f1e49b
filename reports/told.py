"""Messages as people read them: with the titles of the shifts that they are about.

Invariant: read-only; a message whose shift is not there is still told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from messages import wording
from messages.models import Message
from people import communities
from shifts.tables.rota import Shift


@dataclass(frozen=True)
class Told:
    """One message with its sentence."""

    id: UUID
    kind: str
    facts: Mapping[str, Any]
    text: str
    told_at: datetime
    read_at: datetime | None


def told(
    session: Session, community_id: UUID, messages: Sequence[Message], language: str
) -> list[Told]:
    """The sentences of some messages of one community."""
    zone = communities.settings_of(session, community_id).zone
    titles = _titles(session, community_id, messages)
    return [
        Told(
            id=one.id,
            kind=one.kind,
            facts=one.facts,
            text=wording.said(one.kind, one.facts, language, zone=zone, titles=titles),
            told_at=one.told_at,
            read_at=one.read_at,
        )
        for one in messages
    ]


def _titles(session: Session, community_id: UUID, messages: Sequence[Message]) -> dict[str, str]:
    wanted = {UUID(one.facts["shift_id"]) for one in messages if "shift_id" in one.facts}
    if not wanted:
        return {}
    rows = session.execute(
        select(Shift.id, Shift.title).where(
            Shift.community_id == community_id, Shift.id.in_(sorted(wanted))
        )
    )
    return {str(row.id): row.title for row in rows}
