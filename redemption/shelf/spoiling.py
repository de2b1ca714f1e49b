"""Batches whose best-before has passed: off the shelf at the time of the call, posted when met.

Invariant: what has spoiled is ordered by nobody, whether or not tick came by. Whoever orders posts
it first, under the key that tick would use; a read leaves it out (design D6, as for points).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger import accounts, books, guards, kinds
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from ledger.models import Account, Lot, LotUse, Transfer

#: batches of one tick's unit
AT_ONCE = 50


@dataclass(frozen=True)
class Spoiled:
    """What is left of a batch after its best-before."""

    lot_id: UUID
    goods_id: UUID
    pieces: int
    best_before: date
    fund_id: UUID | None


def pieces(
    session: Session,
    community_id: UUID,
    goods_ids: Collection[UUID],
    at: datetime,
    overdue: Collection[UUID],
) -> dict[UUID, int]:
    """Pieces that have spoiled, by goods: on the shelf, or in these overdue orders."""
    back = coming_back(session, community_id, overdue, at)
    found: Counter[UUID] = Counter()
    for one in past(session, community_id, at, goods_ids, back):
        found[one.goods_id] += one.pieces
    return found


def in_the_way(
    session: Session,
    community_id: UUID,
    at: datetime,
    places: Collection[Place],
    overdue: Collection[UUID],
) -> list[Draft]:
    """What takes spoiled batches off the shelves among these places, before anybody orders.

    ``overdue`` are orders that are released before. Where there is any, the accounts are held
    first, so that nothing comes back to a spoiled batch between the look and the stroke.
    """
    goods_ids = [one.owner_id for one in places if one.kind == "shelf" and one.owner_id]
    back = coming_back(session, community_id, overdue, at)
    if not past(session, community_id, at, goods_ids, back):
        return []
    known = accounts.find(session, community_id, places).values()
    guards.hold(session, community_id, [account.id for account in known])
    return drafts(session, community_id, past(session, community_id, at, goods_ids, back))


def past(
    session: Session,
    community_id: UUID,
    at: datetime,
    goods_ids: Collection[UUID] | None = None,
    back: Mapping[UUID, int] = MappingProxyType({}),
    limit: int | None = None,
) -> list[Spoiled]:
    """Batches of these goods (of all, without any) with pieces left after their best-before.

    ``back`` are pieces that come back to batches, beside what lies on the shelf.
    """
    today = books.today(books.of(session, community_id), at)
    query = (
        select(Lot.id, Account.owner_id, Lot.remaining, Lot.expires_on, Lot.fund_id)
        .join(Account, (Account.community_id == Lot.community_id) & (Account.id == Lot.account_id))
        .where(
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Account.kind == "shelf",
            (Lot.remaining > 0) | Lot.id.in_(sorted(back)),
            Lot.expires_on < today,
        )
        .order_by(Lot.expires_on, Lot.id)
        .limit(limit)
    )
    if goods_ids is not None:
        query = query.where(Account.owner_id.in_(sorted(goods_ids)))
    found = []
    for lot_id, goods_id, remaining, best_before, fund_id in session.execute(query):
        assert goods_id is not None, "a shelf has its goods"
        assert best_before is not None, "the query asked for it"
        left = remaining + back.get(lot_id, 0)
        found.append(Spoiled(lot_id, goods_id, left, best_before, fund_id))
    return found


def coming_back(
    session: Session, community_id: UUID, order_ids: Collection[UUID], at: datetime
) -> dict[UUID, int]:
    """Pieces of spoiled batches that these orders still hold, by batch."""
    if not order_ids:
        return {}
    today = books.today(books.of(session, community_id), at)
    rows = session.execute(
        select(LotUse.lot_id, func.sum(LotUse.taken).label("pieces"))
        .join(Lot, (Lot.community_id == LotUse.community_id) & (Lot.id == LotUse.lot_id))
        .join(Account, (Account.community_id == Lot.community_id) & (Account.id == Lot.account_id))
        .join(
            Transfer,
            (Transfer.community_id == LotUse.community_id) & (Transfer.id == LotUse.transfer_id),
        )
        .where(
            LotUse.community_id == community_id,
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Transfer.community_id == community_id,
            Transfer.source_id.in_(sorted(order_ids)),
            Transfer.kind == "hold",
            Account.kind == "shelf",
            Lot.expires_on < today,
        )
        .group_by(LotUse.lot_id)
    )
    return {row.lot_id: int(row.pieces) for row in rows}


def drafts(session: Session, community_id: UUID, found: Collection[Spoiled]) -> list[Draft]:
    """What takes these off the shelf, each batch by a transfer of its own."""
    times = _times(session, community_id, found)
    return [_draft(one, times[one.lot_id]) for one in found]


def _draft(one: Spoiled, times: int) -> Draft:
    leg = Leg(
        accounts.shelf(one.goods_id),
        accounts.contra("written_off", kinds.goods(one.goods_id)),
        one.pieces,
    )
    return Draft(
        kind="write_off",
        # An order that comes back later may bring pieces of it again: told apart by a number.
        key=f"lot:{one.lot_id}:spoiled:{times + 1}",
        legs=(leg,),
        effective_on=one.best_before + timedelta(days=1),
        source=("lot", one.lot_id),
        fund_id=one.fund_id,
        reason_code="spoiled",
        takes_exactly=(one.lot_id,),
    )


def _times(session: Session, community_id: UUID, found: Collection[Spoiled]) -> Counter[UUID]:
    """How often each of these batches was taken off the shelf before."""
    rows = session.scalars(
        select(Transfer.source_id).where(
            Transfer.community_id == community_id,
            Transfer.kind == "write_off",
            Transfer.source_type == "lot",
            Transfer.source_id.in_(sorted(one.lot_id for one in found)),
        )
    )
    return Counter(rows)
