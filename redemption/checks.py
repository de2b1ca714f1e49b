"""Prove this room's rows against the books: each order has moved what its state says, and no more.

Invariant: a check only reads, and reports every problem it finds, never just the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import Subquery, exists, func, select
from sqlalchemy.orm import Session

from kit import ids, paging, texts
from kit.problems import Problem
from ledger import accounts
from ledger.accounts import Place
from ledger.models import Account, Balance
from redemption import budget_checks, order_checks
from redemption.models import Order, OrderLine
from redemption.money import checks as money_checks
from redemption.overdue import HOLDING
from redemption.shelf import checks as shelf_checks


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong with orders, vouchers, deliveries and budgets of this community."""
    yield from order_checks.problems(session, community_id)
    yield from _held_points(session, community_id)
    yield from _set_aside(session, community_id)
    yield from money_checks.problems(session, community_id)
    yield from shelf_checks.problems(session, community_id)
    yield from budget_checks.problems(session, community_id)


def _held_points(session: Session, community_id: UUID) -> Iterator[Problem]:
    wanted = (
        select(Order.person_id.label("owner_id"), func.sum(Order.points).label("amount"))
        .where(Order.community_id == community_id, Order.status.in_(HOLDING))
        .group_by(Order.person_id)
        .subquery()
    )
    yield from _differences(session, community_id, wanted, accounts.held)


def _set_aside(session: Session, community_id: UUID) -> Iterator[Problem]:
    wanted = (
        select(OrderLine.goods_id.label("owner_id"), func.sum(OrderLine.quantity).label("amount"))
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
        .subquery()
    )
    yield from _differences(session, community_id, wanted, accounts.set_aside)


def _differences(
    session: Session, community_id: UUID, wanted: Subquery, place: Callable[[UUID], Place]
) -> Iterator[Problem]:
    """Accounts of one kind whose balance is not what the open orders come to, and open orders
    whose owner has none."""
    kind = place(ids.NIL).kind
    amount = func.coalesce(wanted.c.amount, 0)
    balance = func.coalesce(Balance.balance, 0)
    off = (
        select(Account.code, amount, balance)
        .outerjoin(
            Balance, (Balance.community_id == community_id) & (Balance.account_id == Account.id)
        )
        .outerjoin(wanted, wanted.c.owner_id == Account.owner_id)
        .where(Account.community_id == community_id, Account.kind == kind, balance != amount)
        .order_by(Account.code)
    )
    for code, orders, books in paging.rows(session, off):
        facts = {"orders": int(orders), "books": int(books)}
        yield Problem(f"{kind}_differs", f"account:{code}", facts)
    there = exists().where(
        Account.community_id == community_id,
        Account.kind == kind,
        Account.owner_id == wanted.c.owner_id,
    )
    lost = (
        select(texts.plain(wanted.c.owner_id), wanted.c.amount)
        .where(~there)
        .order_by(wanted.c.owner_id)
    )
    for owner_id, orders in paging.rows(session, lost):
        facts = {"orders": int(orders), "books": 0}
        yield Problem(f"{kind}_differs", f"account:{place(UUID(owner_id)).code}", facts)
