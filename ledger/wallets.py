"""What a person had: a wallet as effective on a day and as known at an instant.

Invariant: what time brought about by that day is in the answer, whether or not tick has posted it
(contract); what was recorded after the instant is not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from ledger import accounts, books, outlook, past, statements
from ledger.models import Books
from ledger.past import AsOf
from ledger.views import Wallet

#: no points are older
_FIRST = date(1970, 1, 1)


def as_of(
    session: Session, community_id: UUID, person_id: UUID, at: datetime, then: AsOf
) -> Wallet:
    """What a person had as effective on a day and as known at an instant, whatever tick has done.

    No ``next_expiry``: what lapses next is a question about now.
    """
    names = ("wallet", "held", "owed", "hours", "pending")
    places = {name: getattr(accounts, name)(person_id) for name in names}
    found = accounts.find(session, community_id, places.values())
    sums = past.by_account(
        session, community_id, then, only=[account.id for account in found.values()], small=True
    )
    came = {name: 0 for name in names}
    for place, account in found.items():
        debits, credits = sums.get(account.id, (0, 0))
        came[place.kind] = credits - debits
    told = Wallet(
        available=came["wallet"],
        held=came["held"],
        owed=-came["owed"],
        minutes=came["hours"],
        pending=came["pending"],
    )
    if then.known_at is not None or not found:
        # What tick had not recorded by then was not known by then.
        return told
    ahead = _not_posted(session, community_id, person_id, at, then.effective_on)
    return replace(
        told,
        available=told.available + ahead.to_wallet - ahead.lapsed,
        owed=told.owed - ahead.repaid,
        pending=told.pending - ahead.ended,
    )


def judged_at(calendar: Books, at: datetime, on: date | None) -> datetime:
    """When a question for a day judges what time has brought about: its end, or now."""
    if on is None or on >= books.today(calendar, at):
        return at
    return datetime.combine(max(on, _FIRST), time.max, ZoneInfo(calendar.zone))


def _not_posted(
    session: Session, community_id: UUID, person_id: UUID, at: datetime, on: date | None
) -> outlook.Outlook:
    """What time had brought about by the end of a day, and tick has yet to post."""
    at = judged_at(books.of(session, community_id), at, on)
    owed = accounts.owed(person_id)
    debt = -statements.available_of(session, community_id, [owed])[owed]
    return outlook.of(session, community_id, person_id, at, debt=debt)
