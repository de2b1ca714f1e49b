"""From a lot of points to the orders it was spent on, their goods, and the funds that bought them.

Invariant: what an order gave back is taken off again, so the parts of a lot never exceed it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import books
from ledger.models import Account, Lot, LotUse, Transfer
from redemption import steps
from redemption.models import Fund, Goods, Order
from reports import provenance
from reports.provenance import Use


@dataclass(frozen=True)
class GoodsPart:
    """Pieces of an order and the fund whose delivery they came from."""

    goods_id: UUID
    name: str
    quantity: int
    fund_id: UUID | None
    fund_name: str | None


@dataclass(frozen=True)
class OrderPart:
    """What one order took of a lot; nothing is left of it where the order gave it back."""

    order_id: UUID
    status: str
    points: int
    goods: list[GoodsPart]


@dataclass(frozen=True)
class LotLink:
    """One lot, what of it remains, and where the rest went.

    ``renewed``: points that came back after their last day, and may be used a while longer.
    ``lapsed`` is judged at the time of the call; ``repaid`` went to an older debt.
    """

    lot_id: UUID
    original: int
    remaining: int
    expires_on: date | None
    orders: list[OrderPart]
    renewed: bool = False
    lapsed: int = 0
    repaid: int = 0


def lots_of(session: Session, community_id: UUID, transfer_id: UUID, at: datetime) -> list[LotLink]:
    """The lots of points that a transfer made, and those that were made of them later."""
    rows = session.scalars(
        select(Lot)
        .join(Account, Account.id == Lot.account_id)
        .where(
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Lot.transfer_id == transfer_id,
            Account.kind.in_(("wallet", "pending")),
        )
        .order_by(Lot.id)
    )
    calendar = books.of(session, community_id)
    today = books.today(calendar, at)
    waiting, seen, told = list(rows), set[UUID](), []
    while waiting:
        lot = waiting.pop(0)
        if lot.id in seen:
            continue
        seen.add(lot.id)
        uses = provenance.uses(session, lot)
        later = {made for use in uses for made in use.lots}
        waiting += session.scalars(
            select(Lot).where(Lot.community_id == community_id, Lot.id.in_(sorted(later)))
        )
        # Points whose notice is over stand in the lot that was made of them.
        moved_on = {use.to for use in uses} == {"wallet"} and not lot.remaining
        if not moved_on:
            last = lot.expires_on or calendar.grace_until
            is_past = last is not None and last < today
            told.append(_link(session, lot, uses, at, is_past=is_past))
    return told


def _link(
    session: Session, lot: Lot, uses: Sequence[Use], at: datetime, *, is_past: bool
) -> LotLink:
    lapsed = sum(use.points for use in uses if use.kind == "lapse")
    return LotLink(
        lot_id=lot.id,
        original=lot.original,
        remaining=0 if is_past else lot.remaining,
        expires_on=lot.expires_on,
        orders=_orders(session, lot.community_id, uses, at),
        renewed=provenance.is_renewed(session, lot),
        lapsed=lapsed + (lot.remaining if is_past else 0),
        repaid=sum(use.points for use in uses if use.to == "owed"),
    )


def _orders_in(uses: Sequence[Use]) -> dict[UUID, int]:
    """Order → what it took of the lot; what came back is taken off, to whichever lot it came."""
    taken: dict[UUID, int] = defaultdict(int)
    for use in uses:
        if use.source_type == "order" and use.to != "owed" and not use.lots:
            taken[use.source_id] += use.points
    return taken


def _orders(
    session: Session, community_id: UUID, uses: Sequence[Use], at: datetime
) -> list[OrderPart]:
    taken = _orders_in(uses)
    orders = session.scalars(
        select(Order)
        .where(Order.community_id == community_id, Order.id.in_(list(taken)))
        .order_by(Order.id)
    ).all()
    return [
        OrderPart(
            order_id=order.id,
            status=steps.status_at(order, at),
            points=taken[order.id],
            goods=goods_of(session, community_id, order.id),
        )
        for order in orders
    ]


def goods_of(session: Session, community_id: UUID, order_id: UUID) -> list[GoodsPart]:
    """The pieces that an order set aside, by the delivery's fund."""
    uses = session.execute(
        select(Account.owner_id, Lot.fund_id, LotUse.taken)
        .join(LotUse, LotUse.lot_id == Lot.id)
        .join(Account, Account.id == Lot.account_id)
        .join(Transfer, Transfer.id == LotUse.transfer_id)
        .where(
            Lot.community_id == community_id,
            LotUse.community_id == community_id,
            Account.community_id == community_id,
            Transfer.community_id == community_id,
            Transfer.source_type == "order",
            Transfer.source_id == order_id,
            Transfer.kind == "hold",
            Account.kind == "shelf",
        )
        .order_by(Lot.id)
    )
    pieces: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    for use in uses:
        assert use.owner_id is not None, "a shelf belongs to its goods"
        pieces[use.owner_id, use.fund_id] += use.taken
    goods = _named(session, community_id, Goods, [goods_id for goods_id, _fund in pieces])
    funds = _named(session, community_id, Fund, [fund for _goods_id, fund in pieces if fund])
    return [
        GoodsPart(goods_id, goods[goods_id], quantity, fund_id, funds.get(fund_id or goods_id))
        for (goods_id, fund_id), quantity in pieces.items()
    ]


def _named(
    session: Session, community_id: UUID, model: type[Goods] | type[Fund], wanted: Sequence[UUID]
) -> dict[UUID, str]:
    rows = session.execute(
        select(model.id, model.name).where(
            model.community_id == community_id, model.id.in_(set(wanted))
        )
    )
    return {row.id: row.name for row in rows}
