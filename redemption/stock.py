"""Take deliveries in: pieces come onto the shelf as batches, with their fund and their worth.

Invariant: what came in and what it cost are one transfer, so no shelf fills that nobody paid for;
the batches of a delivery come to what it cost, to the fen.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from kit.errors import Invalid
from ledger import accounts, kinds, transfers
from ledger.drafts import Draft, Leg
from people import communities, roles
from redemption import bounds, funds, goods
from redemption.models import GoodsReceipt
from redemption.money import allowed


def receive(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    goods_id: UUID,
    quantity: int,
    fund_id: UUID | None = None,
    unit_cost_fen: int | None = None,
    total_fen: int | None = None,
    donated: bool = False,
    best_before: date | None = None,
) -> GoodsReceipt:
    """Take ``quantity`` pieces in, bought from a fund (the general one if none) or ``donated``.

    They are worth ``unit_cost_fen`` each or ``total_fen`` together; a remainder is one fen more on
    each of the first pieces. Raises NotAllowed (who is not treasurer), Invalid (bounds, both
    values, a day that is past), NotFound (goods, fund), Conflict ``fund_expired``,
    ``use_not_allowed``, ``over_budget``.
    """
    roles.require(session, actor, "treasurer")
    bounds.amount("quantity", quantity, 1)
    total = _worth(quantity, unit_cost_fen, total_fen)
    wanted = goods.find_all(session, actor.community_id, [goods_id])[goods_id]
    fund = funds.find(session, actor.community_id, fund_id)
    today = local_date(at, communities.settings_of(session, actor.community_id).zone)
    if best_before is not None and best_before < today:
        raise Invalid(best_before="has passed already")
    if total and not donated:
        allowed.refuse_unless(session, fund, wanted, today)
    facts = {
        "goods_id": goods_id,
        "fund_id": fund.id,
        "quantity": quantity,
        "unit_cost_fen": total // quantity,
        "total_fen": total,
        "kind": "donation" if donated else "purchase",
        "best_before": best_before,
    }
    return _keep(session, actor, at, today, facts)


def _keep(
    session: Session, actor: Actor, at: datetime, today: date, facts: dict[str, Any]
) -> GoodsReceipt:
    """The delivery's row, its transfer and its entry in the trail."""
    community_id = actor.community_id
    receipt = GoodsReceipt(community_id=community_id, id=ids.new(), received_at=at, **facts)
    draft = _draft(receipt, today)
    receipt.transfer_id = transfers.record(session, actor=actor, draft=draft, at=at)
    session.add(receipt)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.STOCK_RECEIVED,
        subject=("goods_receipt", receipt.id),
        at=at,
        after=facts,
    )
    return receipt


def _worth(quantity: int, unit_cost_fen: int | None, total_fen: int | None) -> int:
    """What all pieces are worth together."""
    if unit_cost_fen is not None and total_fen is not None:
        raise Invalid(total_fen="is told for a piece already")
    if total_fen is not None:
        return bounds.amount("total_fen", total_fen, 0)
    each = bounds.amount("unit_cost_fen", unit_cost_fen or 0, 0)
    return bounds.amount("quantity", quantity * each, 1) if each else 0


def _draft(receipt: GoodsReceipt, today: date) -> Draft:
    legs = _batches(receipt)
    if receipt.total_fen:
        purchases = accounts.contra("purchases", kinds.FEN)
        payer = accounts.fund_fen(receipt.fund_id)
        if receipt.kind == "donation":
            payer = accounts.contra("donated", kinds.FEN)
        legs.append(Leg(payer, purchases, receipt.total_fen))
    return Draft(
        kind="receipt",
        key=f"goods_receipt:{receipt.id}",
        legs=tuple(legs),
        effective_on=today,
        source=("goods_receipt", receipt.id),
        fund_id=receipt.fund_id,
    )


def _batches(receipt: GoodsReceipt) -> list[Leg]:
    """The pieces onto the shelf: those that carry a fen of the remainder, then the others."""
    supplied = accounts.contra("supplied", kinds.goods(receipt.goods_id))
    shelf, each = accounts.shelf(receipt.goods_id), receipt.unit_cost_fen
    dearer = receipt.total_fen - receipt.quantity * each
    parts = ((dearer, each + 1), (receipt.quantity - dearer, each))
    return [
        Leg(supplied, shelf, pieces, unit_cost_fen=cost, expires_on=receipt.best_before)
        for pieces, cost in parts
        if pieces
    ]
