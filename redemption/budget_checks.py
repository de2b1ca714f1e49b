"""Proof of the budgets: what a fund was granted, less what it issued, plus what came back.

Invariant: what was issued and what came back is counted by the fund that each transfer names, and
not by the fund's own account, whose balance is judged by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from kit import paging, texts
from kit.problems import Problem
from ledger.kinds import POINTS
from ledger.models import Account, Balance, Posting, Transfer
from redemption.models import Fund


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Every fund whose budget is not what its row promises, or what its transfers left of it."""
    query = (
        select(
            texts.plain(Fund.id),
            Fund.points_budget,
            Balance.balance,
            _granted(community_id, Posting.credit_account_id, Posting.debit_account_id),
            _granted(community_id, Posting.debit_account_id, Posting.credit_account_id),
            _moved(community_id, "award"),
            _moved(community_id, "reversal"),
        )
        .outerjoin(
            Account,
            (Account.community_id == community_id)
            & (Account.owner_id == Fund.id)
            & (Account.kind == "fund_points"),
        )
        .outerjoin(
            Balance, (Balance.community_id == community_id) & (Balance.account_id == Account.id)
        )
        .where(
            Fund.community_id == community_id,
            Fund.points_budget.is_not(None) | Balance.account_id.is_not(None),
        )
        .order_by(Fund.id)
    )
    for fund_id, budget, balance, *sums in paging.rows(session, query):
        granted, taken_back, issued, returned = (int(one or 0) for one in sums)
        granted -= taken_back
        promised = {"budget": budget, "granted": granted}
        if granted != (budget or 0):
            yield Problem("budget_not_granted", f"fund:{fund_id}", promised)
        if budget is None or balance is None or balance != granted - issued + returned:
            left = {"issued": issued, "returned": returned, "balance": balance}
            yield Problem("budget_differs", f"fund:{fund_id}", promised | left)
    yield from _without_fund(session, community_id)


def _granted(community_id: UUID, own: Any, other: Any) -> ColumnElement[int]:
    """What the contra account of grants gave to the fund, or took back from it."""
    giver = aliased(Account)
    return (
        select(func.sum(Posting.amount))
        .join(giver, (giver.community_id == community_id) & (giver.id == other))
        .where(Posting.community_id == community_id, own == Account.id, giver.kind == "granted")
        .correlate(Account)
        .scalar_subquery()
    )


def _moved(community_id: UUID, kind: str) -> ColumnElement[int]:
    """Points that transfers of this kind moved which name the fund."""
    return (
        select(func.sum(Posting.amount))
        .join(
            Transfer,
            (Transfer.community_id == community_id) & (Transfer.id == Posting.transfer_id),
        )
        .where(
            Posting.community_id == community_id,
            Posting.commodity == POINTS,
            Transfer.kind == kind,
            Transfer.fund_id == Fund.id,
        )
        .correlate(Fund)
        .scalar_subquery()
    )


def _without_fund(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Points of a fund that is not there."""
    there = exists().where(Fund.community_id == community_id, Fund.id == Account.owner_id)
    query = (
        select(Account.code)
        .where(Account.community_id == community_id, Account.kind == "fund_points", ~there)
        .order_by(Account.code)
    )
    for (code,) in paging.rows(session, query):
        yield Problem("fund_missing", f"account:{code}")
