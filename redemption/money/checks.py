"""Proof of a fund's money: what came in, less what its purchases cost, is what is left, to the fen.

Invariant: the money is worked out from the rows of receipts and purchases, and not from the fund's
own account, whose balance is judged by it; each delivery's batches come to what it cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import Session

from kit import paging, texts
from kit.problems import Problem
from ledger.kinds import FEN
from ledger.models import Account, Balance, Lot, Posting, Transfer
from redemption.models import Fund, Goods, GoodsReceipt
from redemption.money.tables import FundReceipt, FundUse

#: what a transfer of kind receipt may be about, and the rows that say so
RECEIPTS: tuple[tuple[str, Any], ...] = (
    ("goods_receipt", GoodsReceipt),
    ("fund_receipt", FundReceipt),
)


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong with what came in: money and goods, their rows and transfers."""
    for subject, model in RECEIPTS:
        yield from _booked(session, community_id, subject, model)
    yield from _strays(session, community_id)
    yield from _batches(session, community_id)
    yield from _uses(session, community_id)
    yield from _money(session, community_id)


def _booked(session: Session, community_id: UUID, subject: str, model: Any) -> Iterator[Problem]:
    """Each row has its transfer, and each transfer its row."""
    booked = exists().where(
        Transfer.community_id == community_id,
        Transfer.id == model.transfer_id,
        Transfer.kind == "receipt",
        Transfer.source_id == model.id,
    )
    unbooked = (
        select(texts.plain(model.id))
        .where(model.community_id == community_id, ~booked)
        .order_by(model.id)
    )
    for (receipt_id,) in paging.rows(session, unbooked):
        yield Problem("receipt_not_booked", f"{subject}:{receipt_id}")
    told = exists().where(
        model.community_id == community_id,
        model.id == Transfer.source_id,
        model.transfer_id == Transfer.id,
    )
    missing = (
        select(texts.plain(Transfer.id))
        .where(
            Transfer.community_id == community_id,
            Transfer.kind == "receipt",
            Transfer.source_type == subject,
            ~told,
        )
        .order_by(Transfer.id)
    )
    for (transfer_id,) in paging.rows(session, missing):
        yield Problem("receipt_missing", f"transfer:{transfer_id}")


def _strays(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Receipts of something that nothing here receives."""
    known = [subject for subject, _model in RECEIPTS]
    query = (
        select(texts.plain(Transfer.id))
        .where(
            Transfer.community_id == community_id,
            Transfer.kind == "receipt",
            Transfer.source_type.not_in(known),
        )
        .order_by(Transfer.id)
    )
    for (transfer_id,) in paging.rows(session, query):
        yield Problem("receipt_missing", f"transfer:{transfer_id}")


def _batches(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Deliveries whose batches have not their pieces, their fund, their day or their worth."""
    same_day = Lot.expires_on.is_not_distinct_from(GoodsReceipt.best_before)
    pieces = func.coalesce(func.sum(Lot.original), 0)
    worth = func.coalesce(func.sum(Lot.original * Lot.unit_cost_fen), 0)
    query = (
        select(
            texts.plain(GoodsReceipt.id),
            GoodsReceipt.quantity,
            GoodsReceipt.total_fen,
            pieces,
            worth,
        )
        .outerjoin(
            Lot,
            (Lot.community_id == community_id)
            & (Lot.transfer_id == GoodsReceipt.transfer_id)
            & (Lot.fund_id == GoodsReceipt.fund_id)
            & same_day,
        )
        .where(GoodsReceipt.community_id == community_id)
        .group_by(GoodsReceipt.id, GoodsReceipt.quantity, GoodsReceipt.total_fen)
        .having((pieces != GoodsReceipt.quantity) | (worth != GoodsReceipt.total_fen))
        .order_by(GoodsReceipt.id)
    )
    for receipt_id, quantity, fen, found, valued in paging.rows(session, query):
        facts = {"quantity": quantity, "fen": fen, "pieces": int(found), "worth": int(valued)}
        yield Problem("batches_differ", f"goods_receipt:{receipt_id}", facts)


def _uses(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Purchases that their fund's uses do not allow."""
    own = (FundUse.community_id == community_id, FundUse.fund_id == GoodsReceipt.fund_id)
    query = (
        select(texts.plain(GoodsReceipt.id), Goods.category)
        .join(Goods, (Goods.community_id == community_id) & (Goods.id == GoodsReceipt.goods_id))
        .where(
            GoodsReceipt.community_id == community_id,
            GoodsReceipt.kind == "purchase",
            GoodsReceipt.total_fen > 0,
            exists().where(*own),
            ~exists().where(*own, FundUse.category == Goods.category),
        )
        .order_by(GoodsReceipt.id)
    )
    for receipt_id, category in paging.rows(session, query):
        yield Problem("use_not_allowed", f"goods_receipt:{receipt_id}", {"category": category})


def _money(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Funds whose money is not what came in less what their purchases cost."""
    query = (
        select(
            texts.plain(Fund.id),
            Balance.balance,
            _opened(community_id),
            _sum(community_id, FundReceipt, FundReceipt.fen),
            _sum(community_id, GoodsReceipt, GoodsReceipt.total_fen, kind="purchase"),
        )
        .outerjoin(
            Account,
            (Account.community_id == community_id)
            & (Account.owner_id == Fund.id)
            & (Account.kind == "fund_fen"),
        )
        .outerjoin(
            Balance, (Balance.community_id == community_id) & (Balance.account_id == Account.id)
        )
        .where(Fund.community_id == community_id)
        .order_by(Fund.id)
    )
    for fund_id, balance, *sums in paging.rows(session, query):
        opened, received, spent = (int(one or 0) for one in sums)
        if balance is None or balance != opened + received - spent:
            facts = {"opened": opened, "received": received, "spent": spent, "balance": balance}
            yield Problem("money_differs", f"fund:{fund_id}", facts)


def _opened(community_id: UUID) -> ColumnElement[int]:
    """The money that a fund was opened with, less where the opening was reversed."""
    return (
        select(func.sum(case((Transfer.kind == "opening", Posting.amount), else_=-Posting.amount)))
        .join(
            Transfer,
            (Transfer.community_id == community_id) & (Transfer.id == Posting.transfer_id),
        )
        .where(
            Posting.community_id == community_id,
            Posting.commodity == FEN,
            Transfer.kind.in_(("opening", "reversal")),
            Transfer.source_id == Fund.id,
        )
        .correlate(Fund)
        .scalar_subquery()
    )


def _sum(community_id: UUID, model: Any, fen: Any, kind: str | None = None) -> ColumnElement[int]:
    query = select(func.sum(fen)).where(
        model.community_id == community_id, model.fund_id == Fund.id
    )
    if kind is not None:
        query = query.where(model.kind == kind)
    return query.correlate(Fund).scalar_subquery()
