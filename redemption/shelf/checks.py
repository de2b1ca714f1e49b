"""Proof of write-offs and counts: each moved what its lines say once it was signed, and no more.

Invariant: each transfer that takes goods off a shelf without an order has its signed change, or is
a batch whose best-before had passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from kit import paging, texts
from kit.problems import Problem
from ledger.models import Account, Lot, Posting, Transfer
from redemption.shelf.tables import StockChange, StockChangeLine, StockSignature


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong with what left a shelf unsold."""
    yield from _signed(session, community_id)
    yield from _lines(session, community_id)
    yield from _unfounded(session, community_id)


def _signed(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Changes that wanted a second person and were signed by their maker."""
    query = (
        select(texts.plain(StockChange.id))
        .join(
            StockSignature,
            (StockSignature.community_id == community_id)
            & (StockSignature.change_id == StockChange.id),
        )
        .where(
            StockChange.community_id == community_id,
            StockChange.hands == 2,
            StockSignature.decision == "signed",
            StockSignature.signed_by == StockChange.made_by,
        )
        .order_by(StockChange.id)
    )
    for (change_id,) in paging.rows(session, query):
        yield Problem("stock_signed_by_own", f"stock_change:{change_id}")


def _lines(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Signed lines whose transfer moved other than their difference."""
    moved = func.coalesce(_moved(community_id), 0)
    query = (
        select(
            texts.plain(StockChangeLine.change_id),
            texts.plain(StockChangeLine.goods_id),
            StockChangeLine.difference,
            moved,
        )
        .join(
            StockSignature,
            (StockSignature.community_id == community_id)
            & (StockSignature.change_id == StockChangeLine.change_id),
        )
        .where(
            StockChangeLine.community_id == community_id,
            StockSignature.decision == "signed",
            moved != StockChangeLine.difference,
        )
        .order_by(StockChangeLine.change_id, StockChangeLine.goods_id)
    )
    for change_id, goods_id, difference, found in paging.rows(session, query):
        facts = {"goods_id": goods_id, "difference": difference, "moved": int(found)}
        yield Problem("stock_change_differs", f"stock_change:{change_id}", facts)


def _moved(community_id: UUID) -> ColumnElement[int]:
    """What a line's signed transfer added to the goods' shelf (took away: negative)."""
    added = Posting.credit_account_id == Account.id
    return (
        select(func.sum(case((added, Posting.amount), else_=-Posting.amount)))
        .join(
            Account,
            (Account.community_id == community_id)
            & or_(added, Posting.debit_account_id == Account.id),
        )
        .where(
            Posting.community_id == community_id,
            Posting.transfer_id == StockSignature.transfer_id,
            Account.kind == "shelf",
            Account.owner_id == StockChangeLine.goods_id,
        )
        .correlate(StockSignature, StockChangeLine)
        .scalar_subquery()
    )


def _unfounded(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Goods written off by a transfer that nobody signed, and that no day explains."""
    signed = and_(
        Transfer.source_type == "stock_change",
        exists().where(
            StockSignature.community_id == community_id,
            StockSignature.change_id == Transfer.source_id,
            StockSignature.transfer_id == Transfer.id,
        ),
    )
    spoiled = and_(
        Transfer.source_type == "lot",
        exists().where(
            Lot.community_id == community_id,
            Lot.id == Transfer.source_id,
            Lot.expires_on < Transfer.effective_on,
        ),
    )
    query = (
        select(texts.plain(Transfer.id))
        .where(
            Transfer.community_id == community_id,
            Transfer.kind == "write_off",
            ~or_(signed, spoiled),
        )
        .order_by(Transfer.id)
    )
    for (transfer_id,) in paging.rows(session, query):
        yield Problem("write_off_unfounded", f"transfer:{transfer_id}")
