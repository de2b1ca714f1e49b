"""The proof of this room: each planted fault is named, and a whole life of orders is clean."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import system
from kit import ids
from kit.clock import local_date
from kit.db import Database
from ledger import accounts, kinds, transfers
from ledger.drafts import Draft, Leg
from redemption import checks, orders
from redemption.models import GoodsReceipt, Order, OrderLine, Voucher
from tests.redemption import shop
from tests.redemption.shop import Shop


def _codes(town: Shop) -> set[str]:
    return town.read(
        lambda session: {one.code for one in checks.problems(session, town.community_id)}
    )


def test_a_whole_life_of_orders_is_clean(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, oil = town.person(500), town.goods(10, 50), town.goods(3, 50)
    made = [town.order(li, (rice, 1), (oil, 2)) for _ in range(5)]
    town.collect(made[0])
    town.collect(made[1])
    town.do(town.clerk, orders.give_back, order_id=made[1].id, reason="torn")
    town.do(li, orders.cancel, order_id=made[2].id)
    town.later(days=15)
    town.tick()
    town.order(li, (rice, 1))
    town.assert_clean()


def _collected_in_the_row(town: Shop, session: Session, order: Order) -> None:
    session.execute(
        update(Order)
        .where(Order.community_id == town.community_id, Order.id == order.id)
        .values(status="collected", collected_by=town.clerk.id, collected_at=town.at)
    )


def _voided_in_the_row(town: Shop, session: Session, order: Order) -> None:
    session.execute(
        update(Voucher)
        .where(Voucher.community_id == town.community_id, Voucher.order_id == order.id)
        .values(status="void")
    )


def _another_line(town: Shop, session: Session, order: Order) -> None:
    goods_id = town.extra["rice"]
    row = {"line": 9, "goods_id": goods_id, "quantity": 1, "points_each": 1}
    session.execute(
        insert(OrderLine), [row | {"community_id": town.community_id, "order_id": order.id}]
    )


def _orphan(town: Shop, session: Session, order: Order) -> None:
    lost = Order(community_id=town.community_id, id=ids.new(), person_id=order.person_id)
    _record(
        town,
        session,
        Draft(
            kind="hold",
            key=f"order:{lost.id}:hold",
            legs=(Leg(accounts.wallet(lost.person_id), accounts.held(lost.person_id), 1),),
            effective_on=local_date(town.at, "Asia/Shanghai"),
            source=("order", lost.id),
        ),
    )


def _delivery_without_a_receipt(town: Shop, session: Session, _order: Order) -> None:
    goods_id = town.extra["rice"]
    supplied = accounts.contra("supplied", kinds.goods(goods_id))
    receipt_id = ids.new()
    _record(
        town,
        session,
        Draft(
            kind="receipt",
            key=f"goods_receipt:{receipt_id}",
            legs=(Leg(supplied, accounts.shelf(goods_id), 5),),
            effective_on=local_date(town.at, "Asia/Shanghai"),
            source=("goods_receipt", receipt_id),
        ),
    )


def _record(town: Shop, session: Session, draft: Draft) -> None:
    actor = system(town.community_id, "cli")
    made = transfers.record(session, actor=actor, draft=draft, at=town.at)
    subject = ("transfer", made)
    trail.record(session, actor=actor, action=Action.TRANSFER_REVERSED, subject=subject, at=town.at)


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (
            _collected_in_the_row,
            {
                "order_moved_otherwise",
                "voucher_state_differs",
                "held_differs",
                "set_aside_differs",
            },
        ),
        (_voided_in_the_row, {"voucher_state_differs"}),
        (_another_line, {"order_lines_differ", "set_aside_differs"}),
        (_orphan, {"order_missing", "held_differs"}),
        (_delivery_without_a_receipt, {"receipt_missing"}),
    ],
)
def test_a_planted_fault_is_named(
    database: Database, plant: Callable[[Shop, Session, Order], None], found: set[str]
) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 5)
    town.extra["rice"] = rice.id
    order = town.order(town.person(50), (rice, 1))
    assert _codes(town) == set()

    def do(session: Session) -> Any:
        plant(town, session, order)

    town.write(do)
    assert _codes(town) == found


def test_a_receipt_that_is_not_booked_is_named(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 5)

    def lie(session: Session) -> None:
        first = session.query(GoodsReceipt).filter_by(community_id=town.community_id).one()
        row = {
            "community_id": town.community_id,
            "id": ids.new(),
            "goods_id": rice.id,
            "fund_id": first.fund_id,
            "quantity": 7,
            "unit_cost_fen": 0,
            "total_fen": 0,
            "kind": "purchase",
            "transfer_id": first.transfer_id,
            "received_at": town.at,
        }
        session.execute(insert(GoodsReceipt), [row])

    town.write(lie)
    # The batches are those of the first, so they are not those of the second.
    assert _codes(town) == {"receipt_not_booked", "batches_differ"}
