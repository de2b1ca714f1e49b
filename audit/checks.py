"""Prove the trail of one community: each entry against its fingerprint, lists every problem.

Invariant: reads page by page in the order of ids, and trusts nothing that it can work out again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import leaves
from audit.actions import Action
from audit.coverage import Covers
from audit.models import Entry, FreeText, Unsealed
from kit import paging, texts
from kit.problems import Problem

_KNOWN = frozenset(action.value for action in Action)
_FACTS = [column for column in Entry.__table__.columns if column.name != "leaf"]


def problems(
    session: Session, community_id: UUID, covers: Covers | None = None
) -> Iterator[Problem]:
    """Every problem of a community's trail; none when it is as it should be. Where it is asked,
    adds up what its entries cover (``audit.coverage``), so that they are read once."""
    query = select(
        texts.plain(Entry.id),
        Entry.action,
        Entry.leaf,
        texts.of_row(_FACTS),
        Entry.subject_type,
        texts.plain(Entry.subject_id),
        Entry.row_digest,
    ).where(Entry.community_id == community_id)
    after: str | None = None
    for page in paging.pages(session, query, [Entry.id]):
        last = page[-1][0]
        waiting = unsealed(session, community_id, "entry", after, last)
        made = leaves.of_texts("entry", [entry[3] for entry in page])
        if covers is not None:
            covers.add((row[4], row[5], row[6]) for row in page if row[6] is not None)
        for (entry_id, action, leaf, *_rest), wanted in zip(page, made, strict=True):
            found = waiting.pop(entry_id, None)
            if wanted != leaf or found != leaf or action not in _KNOWN:
                yield from _of_entry(entry_id, action, leaf, wanted, found)
        yield from _strays(waiting)
        after = last
    yield from _strays(unsealed(session, community_id, "entry", after, None))
    yield from _texts(session, community_id)


def unsealed(
    session: Session, community_id: UUID, kind: str, after: str | None, last: str | None
) -> dict[str, bytes]:
    """The leaves of this range that wait for a seal, by their row."""
    query = select(texts.plain(Unsealed.subject_id), Unsealed.leaf).where(
        Unsealed.community_id == community_id,
        Unsealed.kind == kind,
        paging.within(Unsealed.subject_id, after, last),
    )
    return dict(paging.rows(session, query))


def _of_entry(
    entry_id: str, action: str, leaf: bytes, wanted: bytes, found: bytes | None
) -> Iterator[Problem]:
    """What is wrong with an entry that is not as it should be."""
    subject = f"entry:{entry_id}"
    if wanted != leaf:
        yield Problem("entry_leaf_wrong", subject, {"action": action})
    if found is None:
        yield Problem("unsealed_leaf_missing", subject)
    elif found != leaf:
        yield Problem("unsealed_leaf_wrong", subject)
    if action not in _KNOWN:
        yield Problem("action_unknown", subject, {"action": action})


def _strays(waiting: dict[str, bytes]) -> Iterator[Problem]:
    """Leaves that wait for a seal and belong to no entry."""
    for entry_id in sorted(waiting):
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
