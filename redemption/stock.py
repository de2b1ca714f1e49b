"""Take deliveries in: pieces come onto the shelf, and the fund that pays for them pays.

Invariant: what came in and what it cost are one transfer, so no shelf fills that nobody paid for.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from ledger import accounts, kinds, transfers
from ledger.drafts import Draft, Leg
from people import communities, roles
from redemption import bounds, funds, goods
from redemption.models import GoodsReceipt


def receive(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    goods_id: UUID,
    quantity: int,
    fund_id: UUID | None = None,
    unit_cost_fen: int = 0,
) -> GoodsReceipt:
    """Take ``quantity`` pieces in, at ``unit_cost_fen`` each from a fund (the general one if none).

    Raises NotAllowed (who is not treasurer), Invalid (bounds), NotFound (goods, fund), Conflict
    ``over_budget`` when the fund has not the money.
    """
    roles.require(session, actor, "treasurer")
    bounds.amount("quantity", quantity, 1)
    bounds.amount("unit_cost_fen", unit_cost_fen, 0)
    if unit_cost_fen:
        bounds.amount("quantity", quantity * unit_cost_fen, 1)
    goods.find_all(session, actor.community_id, [goods_id])
    fund = funds.find(session, actor.community_id, fund_id)
    receipt = GoodsReceipt(
        community_id=actor.community_id,
        id=ids.new(),
        goods_id=goods_id,
        fund_id=fund.id,
        quantity=quantity,
        unit_cost_fen=unit_cost_fen,
        received_at=at,
    )
    zone = communities.settings_of(session, actor.community_id).zone
    draft = _draft(receipt, zone)
    receipt.transfer_id = transfers.record(session, actor=actor, draft=draft, at=at)
    session.add(receipt)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.STOCK_RECEIVED,
        subject=("goods_receipt", receipt.id),
        at=at,
        after={
            "goods_id": goods_id,
            "fund_id": fund.id,
            "quantity": quantity,
            "unit_cost_fen": unit_cost_fen,
        },
    )
    return receipt


def _draft(receipt: GoodsReceipt, zone: str) -> Draft:
    supplied = accounts.contra("supplied", kinds.goods(receipt.goods_id))
    shelf = accounts.shelf(receipt.goods_id)
    legs = [Leg(supplied, shelf, receipt.quantity, unit_cost_fen=receipt.unit_cost_fen)]
    cost = receipt.quantity * receipt.unit_cost_fen
    if cost:
        purchases = accounts.contra("purchases", kinds.FEN)
        legs.append(Leg(accounts.fund_fen(receipt.fund_id), purchases, cost))
    return Draft(
        kind="receipt",
        key=f"goods_receipt:{receipt.id}",
        legs=tuple(legs),
        effective_on=local_date(receipt.received_at, zone),
        source=("goods_receipt", receipt.id),
        fund_id=receipt.fund_id,
    )
