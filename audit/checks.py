"""Prove the trail of one community: each entry against its fingerprint, lists every problem.

Invariant: reads page by page in the order of ids, and trusts nothing that it can work out again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from audit import leaves
from audit.actions import Action
from audit.models import Entry, FreeText, Unsealed
from kit import paging, texts
from kit.problems import Problem

_KNOWN = frozenset(action.value for action in Action)
_FACTS = [column for column in Entry.__table__.columns if column.name != "leaf"]


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Every problem of a community's trail; none when it is as it should be."""
    query = (
        select(texts.plain(Entry.id), Entry.action, Entry.leaf, Unsealed.leaf, texts.of_row(_FACTS))
        .outerjoin(
            Unsealed,
            (Unsealed.community_id == community_id)
            & (Unsealed.kind == "entry")
            & (Unsealed.subject_id == Entry.id),
        )
        .where(Entry.community_id == community_id)
    )
    for page in paging.pages(session, query, [Entry.id]):
        for entry in page:
            _id, action, leaf, unsealed, text = entry
            if leaves.of_text("entry", text) != leaf or unsealed != leaf or action not in _KNOWN:
                yield from _of_entry(entry)
    yield from _strays(session, community_id)
    yield from _texts(session, community_id)


def _of_entry(entry: Any) -> Iterator[Problem]:
    """What is wrong with an entry that is not as it should be."""
    entry_id, action, leaf, unsealed, text = entry
    subject = f"entry:{entry_id}"
    if leaves.of_text("entry", text) != leaf:
        yield Problem("entry_leaf_wrong", subject, {"action": action})
    if unsealed is None:
        yield Problem("unsealed_leaf_missing", subject)
    elif unsealed != leaf:
        yield Problem("unsealed_leaf_wrong", subject)
    if action not in _KNOWN:
        yield Problem("action_unknown", subject, {"action": action})


def _strays(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Leaves that wait for a seal and belong to no entry."""
    there = aliased(Entry)
    rows = session.execute(
        select(texts.plain(Unsealed.subject_id))
        .where(
            Unsealed.community_id == community_id,
            Unsealed.kind == "entry",
            ~select(there.id)
            .where(there.community_id == community_id, there.id == Unsealed.subject_id)
            .exists(),
        )
        .order_by(Unsealed.subject_id)
    )
    for (entry_id,) in rows:
        yield Problem("unsealed_without_entry", f"entry:{entry_id}")


def _texts(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Free text that still stands is what was written; one that was erased is no problem."""
    query = select(FreeText.digest, FreeText.salt, FreeText.text).where(
        FreeText.community_id == community_id
    )
    for page in paging.pages(session, query, [FreeText.digest]):
        for digest, salt, text in page:
            if hashlib.sha256(salt + text.encode()).digest() != digest:
                yield Problem("text_changed", f"text:{digest.hex()}")
