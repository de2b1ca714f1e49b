"""The shop of a town's past: a delivery, and orders that were collected or cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from audit.actions import Action
from bench.deeds import Deed
from bench.ledger_rows import Ledger
from kit import ids
from ledger import accounts
from ledger.drafts import Leg
from ledger.kinds import POINTS, goods
from redemption.models import GoodsReceipt, Order, OrderLine, Voucher

ORDER_POINTS = 60
CANCELLED_IN = 20


def stock(goods_id: UUID, fund_id: UUID, treasurer_id: UUID, books: Ledger, at: datetime) -> None:
    """One delivery that lasts."""
    commodity = goods(goods_id)
    leg = Leg(accounts.contra("supplied", commodity), accounts.shelf(goods_id), 10**9,
              unit_cost_fen=0)  # fmt: skip
    deed = Deed(books, treasurer_id, at)
    receipt_id = ids.new()
    transfer_id = deed.record("receipt", f"goods_receipt:{receipt_id}", [leg],
                              ("goods_receipt", receipt_id), fund_id=fund_id)  # fmt: skip
    row = {"id": receipt_id, "goods_id": goods_id, "fund_id": fund_id,
           "quantity": 10**9, "unit_cost_fen": 0, "total_fen": 0, "kind": "purchase",
           "transfer_id": transfer_id, "received_at": at}  # fmt: skip
    deed.add(GoodsReceipt, row)
    deed.tell(Action.STOCK_RECEIVED, ("goods_receipt", receipt_id), after={"quantity": 10**9})


def order(
    goods_id: UUID, clerk_id: UUID, books: Ledger, person_id: UUID, at: datetime, chance: Random
) -> None:
    """One bag of rice: held, and then collected, or cancelled."""
    deed = Deed(books, person_id, at)
    order_id, cancelled = ids.new(), chance.randrange(CANCELLED_IN) == 0
    source, aside = ("order", order_id), accounts.set_aside(goods_id)
    shelf = accounts.shelf(goods_id)
    line = {"order_id": order_id, "line": 1, "goods_id": goods_id, "quantity": 1,
            "points_each": ORDER_POINTS}  # fmt: skip
    deed.add(OrderLine, line)
    deed.tell(Action.ORDER_PLACED, source, after={"person_id": person_id, "points": ORDER_POINTS})
    away = Leg(accounts.wallet(person_id), accounts.held(person_id), ORDER_POINTS)
    deed.record("hold", f"order:{order_id}:hold", [away, Leg(shelf, aside, 1)], source)
    used = books.used
    counter = Deed(books, clerk_id, at + timedelta(hours=1))
    row = {"id": order_id, "person_id": person_id, "points": ORDER_POINTS,
           "status": "cancelled" if cancelled else "collected", "placed_by": person_id,
           "placed_at": at, "lapses_at": at + timedelta(days=14)}  # fmt: skip
    voucher = {"id": ids.new(), "order_id": order_id, "issue": 1, "key_no": "k", "issued_at": at,
               "status": "void" if cancelled else "redeemed",
               "token_hash": ids.new().bytes * 2, "typed_hash": ids.new().bytes * 2}  # fmt: skip
    deed.add(Voucher, voucher)
    if cancelled:
        deed.add(Order, row)
        legs = [Leg(accounts.held(person_id), accounts.wallet(person_id), ORDER_POINTS),
                Leg(aside, shelf, 1)]  # fmt: skip
        key = f"order:{order_id}:release"
        counter.record("release", key, legs, source, back=used, gives_back=order_id)
        counter.tell(Action.ORDER_CANCELLED, source, reason="cancelled")
        return
    deed.add(Order, row | {"collected_by": clerk_id, "collected_at": counter.at})
    legs = [
        Leg(accounts.held(person_id), accounts.contra("redeemed", POINTS), ORDER_POINTS),
        Leg(aside, accounts.contra("handed_over", goods(goods_id)), 1),
    ]
    counter.record("collect", f"order:{order_id}:collect", legs, source)
    counter.tell(Action.ORDER_COLLECTED, source)
