"""Which attendance earned each spent point, and where the points of each lot went."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.lots import LotOut, OrderExplanationOut
from redemption import orders
from reports import provenance, sight, spending
from reports.provenance import Trace


@call("GET", "/ledger/lots/{lot_id}", who="treasurer, auditor", answer=LotOut)
def lot(ask: Ask) -> Trace:
    """One lot: what it was made of, and everything that was taken from it."""
    sight.require_books(ask.session, ask.actor)
    return provenance.trace(ask.session, ask.community_id, ask.ids["lot_id"])


@call(
    "GET",
    "/orders/{order_id}/explanation",
    who="self, manager, treasurer, auditor",
    answer=OrderExplanationOut,
)
def order(ask: Ask) -> dict[str, Any]:
    """What each point of an order was earned with, and which fund bought each piece."""
    row = orders.find(ask.session, ask.community_id, ask.ids["order_id"])
    sight.require_account(ask.session, ask.actor, row.person_id)
    return {
        "order_id": row.id,
        "points": provenance.paid_with(ask.session, ask.community_id, row.id),
        "goods": spending.goods_of(ask.session, ask.community_id, row.id),
    }
