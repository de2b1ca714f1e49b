"""Prove the orders: each has moved what its state says, by whom it may, and no more.

Invariant: orders are read a page at a time, with what names them in the range of the page's ids, so
an order that is missing is found as well as one that moved otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kit import paging, texts
from kit.problems import Problem
from ledger.models import Transfer
from redemption.models import Order, OrderLine, Voucher

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

#: states that an order above the limit comes to only by a second person's yes
APPROVED = ("ready", "collected", "returned")


class _Read(NamedTuple):
    """An order as the driver reads it, ids as text."""

    id: str
    status: str
    points: int
    person_id: str
    placed_by: str
    held_above: int | None
    approved_by: str | None
    collected_by: str | None


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """The orders in the order of ids, a page at a time, with what names an id in its range."""
    query = select(
        texts.plain(Order.id),
        Order.status,
        Order.points,
        texts.plain(Order.person_id),
        texts.plain(Order.placed_by),
        Order.held_above,
        texts.plain(Order.approved_by),
        texts.plain(Order.collected_by),
    ).where(Order.community_id == community_id)
    after: str | None = None
    for page in paging.pages(session, query, [Order.id]):
        yield from _of_range(session, community_id, page, after, page[-1][0])
        after = page[-1][0]
    yield from _of_range(session, community_id, [], after, None)


def _of_range(
    session: Session, community_id: UUID, page: list[Any], after: str | None, last: str | None
) -> Iterator[Problem]:
    def within(column: texts.Expression) -> ColumnElement[bool]:
        return paging.within(column, after, last)

    moved = _kinds_by_order(session, community_id, within(Transfer.source_id))
    vouchers = _voucher_states(session, community_id, within(Voucher.order_id))
    sums = _line_sums(session, community_id, within(OrderLine.order_id))
    for row in map(_Read._make, page):
        moves = moved.pop(row.id, set())
        yield from _of_order(row, moves, vouchers.get(row.id, [None]), sums.get(row.id))
    for order_id in sorted(moved):
        yield Problem("order_missing", f"order:{order_id}")


def _of_order(
    row: _Read, moved: set[str], vouchers: Sequence[str | None], lines: int | None
) -> Iterator[Problem]:
    """What is wrong with one order: its transfers, its vouchers, its sum, who had a hand in it."""
    subject = f"order:{row.id}"
    if moved != MOVED[row.status]:
        facts: dict[str, Any] = {"status": row.status, "transfers": sorted(moved)}
        yield Problem("order_moved_otherwise", subject, facts)
    *before, voucher = vouchers
    if voucher not in VOUCHER[row.status]:
        facts = {"status": row.status, "voucher": voucher}
        yield Problem("voucher_state_differs", subject, facts)
    if set(before) - {"void"}:
        yield Problem("voucher_not_void", subject, {"vouchers": before})
    if lines != row.points:
        yield Problem("order_lines_differ", subject, {"points": row.points, "lines": lines})
    yield from _of_hands(row, subject)


def _of_hands(row: _Read, subject: str) -> Iterator[Problem]:
    """Whoever decided on an order for themself, and what nobody decided on."""
    if row.approved_by in (row.person_id, row.placed_by):
        yield Problem("order_approved_by_own", subject)
    if row.held_above is not None and row.approved_by is None and row.status in APPROVED:
        facts = {"points": row.points, "above": row.held_above}
        yield Problem("order_not_approved", subject, facts)
    if row.collected_by == row.person_id:
        yield Problem("order_handed_to_own", subject)


def _kinds_by_order(
    session: Session, community_id: UUID, within: ColumnElement[bool]
) -> dict[str, set[str]]:
    query = select(texts.plain(Transfer.source_id), Transfer.kind).where(
        Transfer.community_id == community_id, Transfer.source_type == "order", within
    )
    moved: dict[str, set[str]] = defaultdict(set)
    for order_id, kind in paging.rows(session, query):
        moved[order_id].add(kind)
    return moved


def _voucher_states(
    session: Session, community_id: UUID, within: ColumnElement[bool]
) -> dict[str, list[str]]:
    """The states of each order's vouchers, the last one's last."""
    query = (
        select(texts.plain(Voucher.order_id), Voucher.status)
        .where(Voucher.community_id == community_id, within)
        .order_by(Voucher.order_id, Voucher.issue)
    )
    states: dict[str, list[str]] = defaultdict(list)
    for order_id, status in paging.rows(session, query):
        states[order_id].append(status)
    return states


def _line_sums(session: Session, community_id: UUID, within: ColumnElement[bool]) -> dict[str, int]:
    query = (
        select(
            texts.plain(OrderLine.order_id), func.sum(OrderLine.quantity * OrderLine.points_each)
        )
        .where(OrderLine.community_id == community_id, within)
        .group_by(OrderLine.order_id)
    )
    return {order_id: int(points) for order_id, points in paging.rows(session, query)}
