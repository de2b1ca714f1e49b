"""Prove this room's rows against the books: each order has moved what its state says, and no more.

Invariant: a check only reads, and reports every problem it finds, never just the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.problems import Problem
from ledger import accounts
from ledger.accounts import Place
from ledger.models import Account, Balance, Transfer
from redemption.models import GoodsReceipt, Order, OrderLine, Voucher
from redemption.overdue import HOLDING

#: state of an order → kinds of its transfers
MOVED = {
    "held": {"hold"},
    "ready": {"hold"},
    "collected": {"hold", "collect"},
    "cancelled": {"hold", "release"},
    "lapsed": {"hold", "release"},
    "returned": {"hold", "collect", "return"},
}
#: state of an order → states its voucher may be in
VOUCHER = {
    "held": {"issued", "frozen"},
    "ready": {"issued", "frozen"},
    "collected": {"redeemed"},
    "cancelled": {"void"},
    "lapsed": {"lapsed"},
    "returned": {"redeemed"},
}


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong with orders, vouchers and deliveries of this community."""
    yield from _orders(session, community_id)
    yield from _held_points(session, community_id)
    yield from _set_aside(session, community_id)
    yield from _receipts(session, community_id)


def _orders(session: Session, community_id: UUID) -> Iterator[Problem]:
    moved = _kinds_by_order(session, community_id)
    vouchers = _voucher_states(session, community_id)
    sums = _line_sums(session, community_id)
    rows = session.execute(
        select(Order.id, Order.status, Order.points, Order.person_id, Order.collected_by)
        .where(Order.community_id == community_id)
        .order_by(Order.id)
    )
    for row in rows:
        subject = f"order:{row.id}"
        found = moved.pop(row.id, set())
        if found != MOVED[row.status]:
            facts = {"status": row.status, "transfers": sorted(found)}
            yield Problem("order_moved_otherwise", subject, facts)
        if vouchers.get(row.id) not in VOUCHER[row.status]:
            facts = {"status": row.status, "voucher": vouchers.get(row.id)}
            yield Problem("voucher_state_differs", subject, facts)
        if sums.get(row.id) != row.points:
            facts = {"points": row.points, "lines": sums.get(row.id)}
            yield Problem("order_lines_differ", subject, facts)
        if row.collected_by == row.person_id:
            yield Problem("order_handed_to_own", subject)
    for order_id in moved:
        yield Problem("order_missing", f"order:{order_id}")


def _kinds_by_order(session: Session, community_id: UUID) -> dict[UUID, set[str]]:
    rows = session.execute(
        select(Transfer.source_id, Transfer.kind).where(
            Transfer.community_id == community_id, Transfer.source_type == "order"
        )
    )
    moved: dict[UUID, set[str]] = {}
    for row in rows:
        moved.setdefault(row.source_id, set()).add(row.kind)
    return moved


def _voucher_states(session: Session, community_id: UUID) -> dict[UUID, str]:
    rows = session.execute(
        select(Voucher.order_id, Voucher.status)
        .where(Voucher.community_id == community_id)
        .order_by(Voucher.issue)
    )
    return {row.order_id: row.status for row in rows}


def _line_sums(session: Session, community_id: UUID) -> dict[UUID, int]:
    rows = session.execute(
        select(
            OrderLine.order_id,
            func.sum(OrderLine.quantity * OrderLine.points_each).label("points"),
        )
        .where(OrderLine.community_id == community_id)
        .group_by(OrderLine.order_id)
    )
    return {row.order_id: int(row.points) for row in rows}


def _held_points(session: Session, community_id: UUID) -> Iterator[Problem]:
    rows = session.execute(
        select(Order.person_id, func.sum(Order.points).label("points"))
        .where(Order.community_id == community_id, Order.status.in_(HOLDING))
        .group_by(Order.person_id)
    )
    wanted = {accounts.held(row.person_id): int(row.points) for row in rows}
    yield from _differences(session, community_id, "held", wanted)


def _set_aside(session: Session, community_id: UUID) -> Iterator[Problem]:
    rows = session.execute(
        select(OrderLine.goods_id, func.sum(OrderLine.quantity).label("pieces"))
        .join(
            Order,
            (Order.community_id == OrderLine.community_id) & (Order.id == OrderLine.order_id),
        )
        .where(
            OrderLine.community_id == community_id,
            Order.community_id == community_id,
            Order.status.in_(HOLDING),
        )
        .group_by(OrderLine.goods_id)
    )
    wanted = {accounts.set_aside(row.goods_id): int(row.pieces) for row in rows}
    yield from _differences(session, community_id, "set_aside", wanted)


def _differences(
    session: Session, community_id: UUID, kind: str, wanted: dict[Place, int]
) -> Iterator[Problem]:
    """Accounts of this kind whose balance is not what the open orders come to."""
    there = _balances(session, community_id, kind)
    for place in sorted(wanted.keys() | there.keys(), key=lambda place: place.code):
        orders, books = wanted.get(place, 0), there.get(place, 0)
        if orders != books:
            facts = {"orders": orders, "books": books}
            yield Problem(f"{kind}_differs", f"account:{place.code}", facts)


def _balances(session: Session, community_id: UUID, kind: str) -> dict[Place, int]:
    rows = session.execute(
        select(Account.owner_id, Account.commodity, Balance.balance)
        .join(
            Balance,
            (Balance.community_id == Account.community_id) & (Balance.account_id == Account.id),
        )
        .where(
            Account.community_id == community_id,
            Balance.community_id == community_id,
            Account.kind == kind,
        )
    )
    return {Place(kind, row.owner_id, row.commodity): row.balance for row in rows}


def _receipts(session: Session, community_id: UUID) -> Iterator[Problem]:
    rows = session.execute(
        select(GoodsReceipt.id, GoodsReceipt.transfer_id).where(
            GoodsReceipt.community_id == community_id
        )
    )
    told = {row.transfer_id: row.id for row in rows}
    made = session.execute(
        select(Transfer.id, Transfer.source_id).where(
            Transfer.community_id == community_id, Transfer.kind == "receipt"
        )
    )
    booked = {row.id: row.source_id for row in made}
    for transfer_id, receipt_id in told.items():
        if booked.pop(transfer_id, None) != receipt_id:
            yield Problem("receipt_not_booked", f"goods_receipt:{receipt_id}")
    for transfer_id in booked:
        yield Problem("receipt_missing", f"transfer:{transfer_id}")
