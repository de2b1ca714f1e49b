"""The one way an audit entry is written.

Invariant: an entry is written in the transaction of the deed it tells of; a refusal's entry in a
short one of its own, because the refused unit was rolled back.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from audit import leaves
from audit.actions import Action
from audit.actor import Actor
from audit.models import Entry, FreeText, Unsealed
from kit import ids, stroke
from kit.parts import Added

_ENTRIES = cast("Table", Entry.__table__)
_UNSEALED = cast("Table", Unsealed.__table__)


@dataclass(frozen=True)
class Deed:
    """One deed of many that are written together; the facts are those of ``record``."""

    action: Action
    subject: tuple[str, UUID]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    row: dict[str, Any] | None = None
    reason_code: str | None = None
    text_digest: bytes | None = None


def record(
    session: Session,
    *,
    actor: Actor,
    action: Action,
    subject: tuple[str, UUID],
    at: datetime,
    reason_code: str | None = None,
    text: str | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    row: dict[str, Any] | None = None,
    refused: str | None = None,
) -> UUID:
    """Write one entry and its unsealed leaf; returns the entry's id.

    ``before`` and ``after`` never hold names, phones or free text (D12). ``row`` is the canonical
    row that the entry covers by digest; ``text`` is free text, kept apart and erasable.
    """
    kept = keep_text(session, actor.community_id, text) if text else None
    deed = Deed(action, subject, before, after, row, reason_code, kept)
    entry, unsealed = _rows_of(actor, at, deed, refused)
    stroke.write(
        session, actor.community_id, [Added(_ENTRIES, [entry]), Added(_UNSEALED, [unsealed])]
    )
    entry_id: UUID = entry["id"]
    return entry_id


def record_all(session: Session, *, actor: Actor, at: datetime, deeds: Sequence[Deed]) -> None:
    """Write one entry for each of these deeds, as ``record`` does for one."""
    if not deeds:
        return
    made = [_rows_of(actor, at, deed) for deed in deeds]
    entries, unsealed = [entry for entry, _ in made], [leaf for _, leaf in made]
    stroke.write(
        session, actor.community_id, [Added(_ENTRIES, entries), Added(_UNSEALED, unsealed)]
    )


def _rows_of(
    actor: Actor, at: datetime, deed: Deed, refused: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row of one entry, and that of its unsealed leaf."""
    facts: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "at": at,
        "actor_id": actor.person_id,
        "via": actor.via,
        "action": str(deed.action),
        "subject_type": deed.subject[0],
        "subject_id": deed.subject[1],
        "refused": refused,
        "reason_code": deed.reason_code,
        "text_digest": deed.text_digest,
        "request_id": actor.request_id,
        "before": leaves.plain(deed.before),
        "after": leaves.plain(deed.after),
        "row_digest": leaves.digest(deed.row) if deed.row is not None else None,
    }
    leaf = leaves.leaf("entry", facts)
    unsealed = {
        "community_id": actor.community_id,
        "kind": "entry",
        "subject_id": facts["id"],
        "leaf": leaf,
    }
    return {**facts, "leaf": leaf}, unsealed


def keep_text(session: Session, community_id: UUID, text: str) -> bytes:
    """Keep free text in the erasable table; returns SHA-256(salt ‖ text)."""
    salt = secrets.token_bytes(16)
    found = hashlib.sha256(salt + text.encode()).digest()
    row = {"community_id": community_id, "digest": found, "salt": salt, "text": text}
    session.execute(insert(FreeText), [row])
    return found


def text_of(session: Session, community_id: UUID, digest: bytes | None) -> str | None:
    """The free text behind a digest; none where there was none or it was erased."""
    if digest is None:
        return None
    return session.scalar(
        select(FreeText.text).where(
            FreeText.community_id == community_id, FreeText.digest == digest
        )
    )


def landed(session: Session, actor: Actor) -> bool:
    """Whether the request of this actor left its entry: resolves an unknown commit (D11)."""
    found = session.scalar(
        select(Entry.id)
        .where(Entry.community_id == actor.community_id, Entry.request_id == actor.request_id)
        .limit(1)
    )
    return found is not None
