"""Goods and the deliveries that fill the shelf."""

from __future__ import annotations

from uuid import UUID

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.goods import BatchOut, GoodsIn, GoodsOut, ReceiptIn, ReceiptOut
from api.schemas.shared import Made
from redemption import goods, stock
from redemption.models import Goods, GoodsReceipt
from redemption.shelf import batches
from redemption.shelf.batches import Batch


@call("POST", "/goods", who="treasurer, manager", body=GoodsIn, answer=Made, status=201)
def add(ask: Ask) -> Goods:
    """Put goods on the list, for a price in points."""
    return goods.add(ask.session, actor=ask.actor, at=ask.at, **ask.body)


@call("GET", "/goods", who="anyone signed in", query=PageQuery, answer=GoodsOut, paged=True)
def listed(ask: Ask) -> Page:
    """Goods with what is available, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: goods.listed(
            ask.session, ask.community_id, at=ask.at, limit=limit, before=before
        ),
    )


@call(
    "POST",
    "/goods/{goods_id}/receipts",
    who="treasurer",
    body=ReceiptIn,
    answer=ReceiptOut,
    status=201,
)
def receive(ask: Ask) -> GoodsReceipt:
    """Take a delivery in; its fund pays."""
    return stock.receive(
        ask.session, actor=ask.actor, at=ask.at, goods_id=ask.ids["goods_id"], **ask.body
    )


@call(
    "GET",
    "/goods/{goods_id}/batches",
    who="treasurer, manager, clerk, auditor",
    query=PageQuery,
    answer=BatchOut,
    paged=True,
)
def of_deliveries(ask: Ask) -> Page:
    """The batches of these goods, newest first: whose money, what worth, what is left."""

    def page(limit: int, before: UUID | None) -> list[Batch]:
        return batches.listed(
            ask.session,
            actor=ask.actor,
            goods_id=ask.ids["goods_id"],
            limit=limit,
            before=before,
        )

    return cursors.page(ask, page, id_name="lot_id")
