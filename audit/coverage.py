"""Rows whose fingerprint stands in an audit entry: scans, amendments, approvals, awards (D10).

Invariant: each such row is as its entry says, and each entry's row is there; told in both
directions, so that neither can be changed, added or taken away alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import leaves
from audit.models import Entry
from kit import paging, texts
from kit.problems import Problem

Covered = tuple[Any, str]
"""A model, and its column that names the subject of the entry."""
_Told = list[tuple[str, str, bytes]]
"""Entries that cover a row: subject, entry, digest."""


def problems(
    session: Session, community_id: UUID, subject_type: str, models: Sequence[Covered]
) -> Iterator[Problem]:
    """Rows without their entry, and entries whose row was changed or is gone."""
    after = None
    for told, last in _subjects(session, community_id, subject_type):
        covered = {(subject, digest) for subject, _entry, digest in told}
        there = set()
        for model, column in models:
            for subject, row_id, text in _rows(session, community_id, model, column, after, last):
                found = (subject, leaves.digest_of_text(text))
                there.add(found)
                if found not in covered:
                    yield Problem("row_not_covered", f"{model.__tablename__}:{row_id}")
        for subject, entry_id, digest in told:
            if (subject, digest) not in there:
                facts = {"entry": entry_id}
                yield Problem("covered_row_missing", f"{subject_type}:{subject}", facts)
        after = last


def _subjects(
    session: Session, community_id: UUID, subject_type: str
) -> Iterator[tuple[_Told, str | None]]:
    """The entries that cover rows, all those of a subject together, with the last subject of each
    part; the last part has no end."""
    query = select(texts.plain(Entry.subject_id), texts.plain(Entry.id), Entry.row_digest).where(
        Entry.community_id == community_id,
        Entry.subject_type == subject_type,
        Entry.row_digest.is_not(None),
    )
    kept: _Told = []
    for page in paging.pages(session, query, [Entry.subject_id, Entry.id]):
        kept += page
        # The last subject of a page may go on in the next one.
        whole = len(kept)
        while whole and kept[whole - 1][0] == kept[-1][0]:
            whole -= 1
        if whole:
            yield kept[:whole], kept[whole - 1][0]
            kept = kept[whole:]
    yield kept, None


def _rows(
    session: Session,
    community_id: UUID,
    model: Any,
    column: str,
    after: str | None,
    last: str | None,
) -> Iterator[tuple[str, str, str]]:
    """Subject, id and canonical text of each row whose subject lies in the range."""
    table = model.__table__
    subject = table.c[column]
    query = select(
        texts.plain(subject), texts.plain(table.c.id), texts.of_row(table.columns)
    ).where(table.c.community_id == community_id, paging.within(subject, after, last))
    rows = session.connection().execute(query)
    for found in rows.partitions(paging.PAGE):
        paging.tell(session, len(found))
        yield from found
