"""The rows that tell of lots: what a transfer took, gave back, and made of it.

Invariant: reads only, of one community; nothing is worked out here that a row does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ledger.models import Account, Lot, LotUse, Transfer

#: kinds of transfers that give back; what has lapsed meanwhile makes a lot anew
GIVING_BACK = ("release", "return", "reversal")


def head_of(session: Session, lot: Lot) -> Transfer:
    """The transfer that made the lot."""
    return session.scalars(
        select(Transfer).where(
            Transfer.community_id == lot.community_id, Transfer.id == lot.transfer_id
        )
    ).one()


def taken_in(session: Session, lot: Lot) -> list[tuple[Lot, int]]:
    """What the posting that made the lot took itself: points whose notice was over."""
    return read(
        session,
        used(lot.community_id).where(
            LotUse.transfer_id == lot.transfer_id, LotUse.line == lot.line, LotUse.taken > 0
        ),
    )


def renewed_from(session: Session, lot: Lot, head: Transfer) -> list[tuple[Lot, int]]:
    """What a lot with a grace stood in before: taken once, lapsed, and not given back."""
    if head.kind not in GIVING_BACK:
        return []
    if head.source_type == "order":
        taken = held_by(session, lot.community_id, head.source_id)
    else:
        taken = taken_by(session, lot.community_id, head.reverses_id)
    back = {same.id for same, _points in given_back(session, head)}
    return [(one, n) for one, n in taken if one.id not in back and one.fund_id == lot.fund_id]


def made_of(session: Session, lot: Lot, head: Transfer, line: int) -> list[UUID]:
    """The lots that were made of what a transfer took."""
    same = select(Lot.id).where(
        Lot.community_id == lot.community_id, Lot.transfer_id == head.id, Lot.line == line
    )
    made = list(session.scalars(same.order_by(Lot.id)))
    for later in returns(session, head):
        if lot.id in {one.id for one, _points in given_back(session, later)}:
            continue
        renewed = (
            select(Lot.id)
            .where(
                Lot.community_id == lot.community_id,
                Lot.transfer_id == later.id,
                Lot.account_id == lot.account_id,
                Lot.fund_id.is_not_distinct_from(lot.fund_id),
            )
            .order_by(Lot.id)
        )
        made += session.scalars(renewed)
    return made


def returns(session: Session, head: Transfer) -> Sequence[Transfer]:
    """What gave back what this transfer took."""
    query = select(Transfer).where(Transfer.community_id == head.community_id)
    if head.kind == "hold":
        query = query.where(
            Transfer.source_id == head.source_id, Transfer.kind.in_(("release", "return"))
        )
    else:
        query = query.where(Transfer.reverses_id == head.id)
    return session.scalars(query.order_by(Transfer.id)).all()


def given_back(session: Session, head: Transfer) -> list[tuple[Lot, int]]:
    """What a transfer gave back to the lots it had been taken from: below zero."""
    return read(
        session,
        used(head.community_id).where(LotUse.transfer_id == head.id, LotUse.taken < 0),
    )


def held_by(session: Session, community_id: UUID, order_id: UUID) -> list[tuple[Lot, int]]:
    """The lots of points that an order took."""
    held = session.scalar(
        select(Transfer.id).where(
            Transfer.community_id == community_id,
            Transfer.source_type == "order",
            Transfer.source_id == order_id,
            Transfer.kind == "hold",
        )
    )
    return taken_by(session, community_id, held)


def taken_by(
    session: Session, community_id: UUID, transfer_id: UUID | None
) -> list[tuple[Lot, int]]:
    """What a transfer took from lots of points that may be spent."""
    query = (
        used(community_id)
        .join(Account, Account.id == Lot.account_id)
        .where(
            Account.community_id == community_id,
            Account.kind == "wallet",
            LotUse.transfer_id == transfer_id,
            LotUse.taken > 0,
        )
    )
    return read(session, query)


def used(community_id: UUID) -> Select[Any]:
    """Lots with what was taken from them, for a question about one transfer."""
    return cast(
        "Select[Any]",
        select(Lot, LotUse.taken)
        .join(LotUse, LotUse.lot_id == Lot.id)
        .where(Lot.community_id == community_id, LotUse.community_id == community_id)
        .order_by(LotUse.line, Lot.id),
    )


def read(session: Session, query: Select[Any]) -> list[tuple[Lot, int]]:
    """The answer to such a question."""
    return [(lot, points) for lot, points in session.execute(query)]
