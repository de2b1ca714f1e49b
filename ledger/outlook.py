"""What time has brought about for a person and the books do not show yet, and what lapses next.

Invariant: the same rule as ``settling``, read without writing: whoever asks before tick and after
it gets the same answer (contract).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import accounts, books
from ledger.models import Lot
from ledger.views import Expiry


@dataclass(frozen=True)
class Outlook:
    """Points, as they will be posted: ``ended`` notices, of which ``repaid`` goes to a debt and
    ``to_wallet`` to the wallet; ``lapsed`` there; and what lapses first of the rest."""

    ended: int
    repaid: int
    to_wallet: int
    lapsed: int
    expiry: Expiry | None


@dataclass(frozen=True)
class _Group:
    """Points that go the same way: on notice until ``available_on``, or in the wallet."""

    available_on: date | None
    last_day: date | None
    points: int


def of(
    session: Session, community_id: UUID, person_id: UUID, at: datetime, *, debt: int
) -> Outlook:
    """The outlook of a person who owes ``debt`` in the books."""
    calendar = books.of(session, community_id)
    today = books.today(calendar, at)
    groups = _groups(session, community_id, person_id, calendar.grace_until)
    ended = [one for one in groups if one.available_on is not None and one.available_on <= today]
    arriving, left = [], debt
    for one in ended:
        repaid = min(left, one.points)
        left -= repaid
        arriving.append(_Group(None, one.last_day, one.points - repaid))
    free = [one for one in groups if one.available_on is None] + arriving
    lapsed = sum(one.points for one in free if one.last_day and one.last_day < today)
    days = [one.last_day for one in free if one.last_day and one.last_day >= today and one.points]
    first = min(days, default=None)
    expiry = None
    if first is not None:
        expiry = Expiry(sum(one.points for one in free if one.last_day == first), first)
    return Outlook(
        ended=sum(one.points for one in ended),
        repaid=debt - left,
        to_wallet=sum(one.points for one in arriving),
        lapsed=lapsed,
        expiry=expiry,
    )


def _groups(
    session: Session, community_id: UUID, person_id: UUID, grace_until: date | None
) -> list[_Group]:
    """What may still lapse, by last day; and what waits, lot by lot in the order in which notices
    end, for the elder repays first. Points in the wallet without a last day are left out."""
    free, waits = accounts.wallet(person_id), accounts.pending(person_id)
    found = accounts.find(session, community_id, (free, waits))
    groups = []
    if free in found:
        rows = session.execute(
            select(Lot.expires_on, func.sum(Lot.remaining))
            .where(
                Lot.community_id == community_id,
                Lot.account_id == found[free].id,
                Lot.remaining > 0,
                *([Lot.expires_on.is_not(None)] if grace_until is None else []),
            )
            .group_by(Lot.expires_on)
        )
        groups += [_Group(None, last or grace_until, int(points)) for last, points in rows]
    if waits in found:
        waiting = session.execute(
            select(Lot.available_on, Lot.expires_on, Lot.remaining)
            .where(
                Lot.community_id == community_id,
                Lot.account_id == found[waits].id,
                Lot.remaining > 0,
            )
            .order_by(Lot.available_on, Lot.id)
        )
        groups += [_Group(day, last or grace_until, points) for day, last, points in waiting]
    return groups
