"""Reading the trail: who did what, why and when.

Invariant: reads only; free text is shown where it still stands and was not erased (design D12).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.models import Entry, FreeText


@dataclass(frozen=True)
class EntryView:
    """One deed or refusal as an auditor reads it; ``text`` is the free reason, if it stands."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    via: str
    action: str
    subject_type: str
    subject_id: UUID
    refused: str | None
    reason_code: str | None
    text: str | None
    request_id: UUID
    before: Any
    after: Any


def entries(
    session: Session,
    community_id: UUID,
    subject_type: str | None,
    subject_id: UUID | None,
    limit: int,
    before: UUID | None,
) -> list[EntryView]:
    """Entries about a subject (of any, without one), newest first, older than ``before``."""
    query = select(Entry).where(Entry.community_id == community_id)
    if subject_type is not None:
        query = query.where(Entry.subject_type == subject_type)
    if subject_id is not None:
        query = query.where(Entry.subject_id == subject_id)
    if before is not None:
        query = query.where(Entry.id < before)
    found = session.scalars(query.order_by(Entry.id.desc()).limit(limit)).all()
    texts = _texts(session, community_id, {entry.text_digest for entry in found} - {None})
    return [
        EntryView(
            id=entry.id,
            at=entry.at,
            actor_id=entry.actor_id,
            via=entry.via,
            action=entry.action,
            subject_type=entry.subject_type,
            subject_id=entry.subject_id,
            refused=entry.refused,
            reason_code=entry.reason_code,
            text=texts.get(entry.text_digest) if entry.text_digest else None,
            request_id=entry.request_id,
            before=entry.before,
            after=entry.after,
        )
        for entry in found
    ]


def _texts(session: Session, community_id: UUID, digests: set[bytes | None]) -> dict[bytes, str]:
    if not digests:
        return {}
    rows = session.execute(
        select(FreeText.digest, FreeText.text).where(
            FreeText.community_id == community_id, FreeText.digest.in_(digests)
        )
    )
    return {digest: text for digest, text in rows}
