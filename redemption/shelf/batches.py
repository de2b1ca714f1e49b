"""The batches of a kind of goods: whose money bought them, what they are worth, what is left.

Invariant: what is left is the lot of the books; the delivery only says where it came from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from ledger import accounts
from ledger.models import Account, Lot, Transfer
from people import roles
from redemption import goods
from redemption.models import GoodsReceipt

READERS = ("treasurer", "manager", "clerk", "auditor")


@dataclass(frozen=True)
class Batch:
    """Pieces that came together and are worth the same; ``receipt_id`` none: found by a count."""

    lot_id: UUID
    receipt_id: UUID | None
    fund_id: UUID | None
    kind: str | None
    unit_cost_fen: int | None
    best_before: date | None
    received_at: datetime
    quantity: int
    remaining: int


def listed(
    session: Session, *, actor: Actor, goods_id: UUID, limit: int, before: UUID | None = None
) -> list[Batch]:
    """Batches older than ``before``, newest first. Raises NotAllowed, NotFound."""
    roles.require(session, actor, *READERS, unit_id=roles.ANYWHERE)
    community_id = actor.community_id
    goods.find_all(session, community_id, [goods_id])
    query = (
        select(
            Lot.id,
            GoodsReceipt.id,
            Lot.fund_id,
            GoodsReceipt.kind,
            Lot.unit_cost_fen,
            Lot.expires_on,
            Transfer.recorded_at,
            Lot.original,
            Lot.remaining,
        )
        .join(Account, (Account.community_id == Lot.community_id) & (Account.id == Lot.account_id))
        .join(
            Transfer,
            (Transfer.community_id == Lot.community_id) & (Transfer.id == Lot.transfer_id),
        )
        .outerjoin(
            GoodsReceipt,
            (GoodsReceipt.community_id == Lot.community_id)
            & (GoodsReceipt.transfer_id == Lot.transfer_id),
        )
        .where(
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Transfer.community_id == community_id,
            Account.code == accounts.shelf(goods_id).code,
        )
    )
    if before is not None:
        query = query.where(Lot.id < before)
    rows = session.execute(query.order_by(Lot.id.desc()).limit(limit))
    return [Batch(*row) for row in rows]
