"""A person's wallet at an instant: what overdue orders still hold counts as theirs again.

Invariant: a late tick never changes an answer (contract); the books follow when it comes by. What
comes back repays a debt first, as the release will, and what lapsed since then stays out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from ledger import books, statements, wallets
from ledger.past import AsOf
from ledger.views import Expiry, Wallet
from redemption import overdue


def of(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> Wallet:
    """What the person has at ``at``."""
    found = statements.wallet(session, community_id, person_id, at)
    return _with_overdue(session, community_id, person_id, at, found)


def as_of(
    session: Session, community_id: UUID, person_id: UUID, at: datetime, then: AsOf
) -> Wallet:
    """What the person had as effective on a day and as known at an instant."""
    found = wallets.as_of(session, community_id, person_id, at, then)
    if then.known_at is not None:
        # What tick had not recorded by then was not known by then.
        return found
    judged = wallets.judged_at(books.of(session, community_id), at, then.effective_on)
    told = _with_overdue(session, community_id, person_id, judged, found)
    return replace(told, next_expiry=None)


def _with_overdue(
    session: Session, community_id: UUID, person_id: UUID, at: datetime, found: Wallet
) -> Wallet:
    back = overdue.coming_back(session, community_id, person_id, at)
    if not back:
        return found
    today = books.today(books.of(session, community_id), at)
    free, debt = 0, found.owed
    lasting: Counter[date] = Counter()
    for part in back:
        repaid = min(debt, part.points)
        debt -= repaid
        if part.last_day is None or part.last_day >= today:
            free += part.points - repaid
            if part.last_day is not None:
                lasting[part.last_day] += part.points - repaid
    return replace(
        found,
        available=found.available + free,
        held=found.held - sum(part.points for part in back),
        owed=debt,
        next_expiry=_first(found.next_expiry, lasting),
    )


def _first(known: Expiry | None, more: Counter[date]) -> Expiry | None:
    """What lapses first of what the books show and of what comes back."""
    days = more + Counter({known.on: known.points} if known else {})
    first = min(days, default=None)
    return None if first is None else Expiry(days[first], first)
