"""Which lots time has reached: notices that are over, points whose last day has passed.

Invariant: a day counts from midnight in the community's zone; a lot may be used on its last day.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from ledger.models import Account, Lot, Transfer

#: People of one tick's unit: short, so that nobody waits for it long.
AT_ONCE = 50


@dataclass(frozen=True)
class DueLot:
    """A lot that time has reached, with the transfer that made it."""

    id: UUID
    owner_id: UUID
    remaining: int
    available_on: date | None
    last_day: date | None
    expires_on: date | None
    fund_id: UUID | None
    natural_key: str
    source_type: str
    source_id: UUID


def ended(
    session: Session, community_id: UUID, account_ids: Collection[UUID], today: date
) -> list[DueLot]:
    """Lots of these accounts that were on notice and are so no longer, by day."""
    query = _lots(community_id, account_ids).where(
        Account.kind == "pending", Lot.available_on <= today
    )
    rows = session.execute(query.order_by(Lot.available_on, Lot.id))
    return [_told(row, None) for row in rows]


def lapsed(
    session: Session,
    community_id: UUID,
    account_ids: Collection[UUID],
    today: date,
    grace_until: date | None,
) -> list[DueLot]:
    """Lots of these wallets whose last day has passed, by that day."""
    query = _lots(community_id, account_ids).where(
        Account.kind == "wallet", _past(today, grace_until)
    )
    found = [_told(row, grace_until) for row in session.execute(query)]
    return sorted(found, key=lambda lot: (lot.last_day, lot.id))


def people(
    session: Session, community_id: UUID, today: date, grace_until: date | None
) -> list[UUID]:
    """Some people with lots that time has reached."""
    kinds = (
        (Account.kind == "pending", Lot.available_on <= today),
        (Account.kind == "wallet", _past(today, grace_until)),
    )
    found: set[UUID] = set()
    for kind, reached in kinds:
        rows = session.scalars(
            select(Account.owner_id)
            .join(Lot, and_(Lot.community_id == Account.community_id, Lot.account_id == Account.id))
            .where(
                Account.community_id == community_id,
                Lot.community_id == community_id,
                Lot.remaining > 0,
                kind,
                reached,
            )
            .distinct()
            .order_by(Account.owner_id)
            .limit(AT_ONCE)
        )
        found |= {owner_id for owner_id in rows if owner_id is not None}
    return sorted(found)[:AT_ONCE]


def _past(today: date, grace_until: date | None) -> ColumnElement[bool]:
    past = Lot.expires_on < today
    if grace_until is not None and grace_until < today:
        return or_(past, Lot.expires_on.is_(None))
    return past


def _lots(community_id: UUID, account_ids: Collection[UUID]) -> Select[Any]:
    return cast(
        "Select[Any]",
        select(
            Lot.id,
            Account.owner_id,
            Lot.remaining,
            Lot.available_on,
            Lot.expires_on,
            Lot.fund_id,
            Transfer.natural_key,
            Transfer.source_type,
            Transfer.source_id,
        )
        .join(Account, and_(Account.community_id == Lot.community_id, Account.id == Lot.account_id))
        .join(
            Transfer,
            and_(Transfer.community_id == Lot.community_id, Transfer.id == Lot.transfer_id),
        )
        .where(
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Transfer.community_id == community_id,
            Lot.account_id.in_(sorted(account_ids)),
            Lot.remaining > 0,
        ),
    )


def _told(row: Any, grace_until: date | None) -> DueLot:
    return DueLot(**row._asdict(), last_day=row.expires_on or grace_until)
