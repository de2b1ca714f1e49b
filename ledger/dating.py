"""On which day a transfer counts: its own, or the first open one where its own is closed.

Invariant: nothing is effective in a closed period, and what is moved out of one names its own day
(research/ledger.md §3.5).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import books
from ledger.books import Calendar
from ledger.drafts import Draft
from ledger.errors import PeriodClosed
from ledger.models import Transfer

#: where a day begins first
FURTHEST_EAST = timedelta(hours=14)


def calendar(
    session: Session, community_id: UUID, drafts: Sequence[Draft], at: datetime
) -> Calendar:
    """What the books go by, for these drafts."""
    return held(session, community_id, books.of(session, community_id), drafts, at)


def held(
    session: Session, community_id: UUID, known: Calendar, drafts: Sequence[Draft], at: datetime
) -> Calendar:
    """The calendar that was read; held where a draft falls into a month that may be closed just
    now, and read anew then."""
    if any(books.past_month(known, draft.effective_on, at) for draft in drafts):
        return books.hold(session, community_id, alone=False)
    return known


def surely_open(drafts: Sequence[Draft], at: datetime) -> bool:
    """Whether no draft falls before the current month, whatever the zone: none can be closed."""
    first = (at.astimezone(UTC) + FURTHEST_EAST).date().replace(day=1)
    return all(draft.effective_on >= first for draft in drafts)


def recorded(session: Session, community_id: UUID, drafts: Sequence[Draft]) -> set[str]:
    """The keys of drafts with a chosen day that are in the books: a retry is not judged anew."""
    keys = [draft.key for draft in drafts if draft.dated]
    if not keys:
        return set()
    found = session.scalars(
        select(Transfer.natural_key).where(
            Transfer.community_id == community_id, Transfer.natural_key.in_(keys)
        )
    )
    return set(found)


def placed(draft: Draft, found: Calendar, known: Collection[str] = ()) -> Draft:
    """The draft on an open day; raises PeriodClosed where somebody chose a closed one, unless its
    key is one of the ``known``."""
    closed = found.closed_through
    if closed is None or draft.effective_on > closed:
        return draft
    if draft.dated and draft.key not in known:
        raise PeriodClosed(closed)
    first_open = closed + timedelta(days=1)
    return replace(draft, effective_on=first_open, original_on=draft.happened_on)
