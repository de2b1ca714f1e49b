"""Rows whose fingerprint stands in an audit entry: scans, amendments, approvals, awards (D10).

Invariant: each such row is as its entry says, and each entry's row is there; told in both
directions, so that neither can be changed, added or taken away alone. Both sides are added up, each
pair of subject and digest as one number under a salt that is drawn anew for each proof; only where
the sums differ are they compared pair by pair and named. That others come to the same sum is as
likely as guessing 61 bits.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
Kind = tuple[str, Sequence[Covered]]
"""The subject of entries, and the rows that they cover."""
_Told = list[tuple[str, str, bytes]]
"""Entries that cover a row: subject, entry, digest."""
_SALT_BITS = 61


class Covers:
    """What entries cover, added up by the type of their subject."""

    def __init__(self) -> None:
        self.salt = secrets.randbits(_SALT_BITS)
        self.sums: dict[str, int] = defaultdict(int)

    def add(self, covering: Iterable[tuple[str, str, bytes]]) -> None:
        """Entries that cover a row: type and id of the subject, digest."""
        sums, salt = self.sums, self.salt
        for subject_type, subject, digest in covering:
            sums[subject_type] += hash((salt, subject, digest))


def problems(
    session: Session, community_id: UUID, kinds: Sequence[Kind], covers: Covers
) -> Iterator[Problem]:
    """Rows without their entry, and entries whose row was changed or is gone."""
    for subject_type, models in kinds:
        rows = sum(_sum_of_rows(session, community_id, covers.salt, covered) for covered in models)
        if rows != covers.sums[subject_type]:
            yield from _compared(session, community_id, subject_type, models)


def _sum_of_rows(session: Session, community_id: UUID, salt: int, covered: Covered) -> int:
    """What the rows of a table are, added up."""
    model, column = covered
    table = model.__table__
    query = select(
        texts.plain(table.c.id), texts.plain(table.c[column]), texts.of_row(table.columns)
    ).where(table.c.community_id == community_id)
    total = 0
    for page in paging.pages(session, query, [table.c.id]):
        digests = leaves.digests_of_texts([row[2] for row in page])
        total += sum([hash((salt, row[1], one)) for row, one in zip(page, digests, strict=True)])
    return total


def _compared(
    session: Session, community_id: UUID, subject_type: str, models: Sequence[Covered]
) -> Iterator[Problem]:
    """Pair by pair, a part of the subjects after the other."""
    after = None
    for told, last in _subjects(session, community_id, subject_type):
        covered = {(subject, digest) for subject, _entry, digest in told}
        there = set()
        for model, column in models:
            for row_id, found in _rows(session, community_id, model, column, after, last):
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
) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Id, and subject and digest, of each row whose subject lies in the range."""
    table = model.__table__
    subject = table.c[column]
    query = select(
        texts.plain(table.c.id), texts.plain(subject), texts.of_row(table.columns)
    ).where(table.c.community_id == community_id, paging.within(subject, after, last))
    for page in paging.pages(session, query, [table.c.id]):
        digests = leaves.digests_of_texts([row[2] for row in page])
        for (row_id, told, _text), digest in zip(page, digests, strict=True):
            yield row_id, (told, digest)
