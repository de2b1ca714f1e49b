"""Batches: handed out by best-before, then arrival; what has spoiled is ordered by nobody."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from kit.clock import local_date
from kit.db import Database
from kit.errors import Conflict, Invalid
from ledger import accounts, kinds
from ledger.models import Lot, Transfer
from redemption import goods, orders, stock
from redemption.models import Goods
from tests.redemption import shop
from tests.redemption.shop import Shop


def _days(town: Shop, days: int) -> date:
    return local_date(town.at, "Asia/Shanghai") + timedelta(days=days)


def _deliver(town: Shop, kind: Goods, pieces: int, days: int | None) -> None:
    last = None if days is None else _days(town, days)
    facts = {"goods_id": kind.id, "quantity": pieces, "best_before": last}
    town.do(town.treasurer, stock.receive, **facts)


def _left(town: Shop, kind: Goods) -> list[int]:
    """What remains of each batch, in the order of delivery."""
    commodity = kinds.goods(kind.id)
    found = town.read(
        lambda session: session.scalars(
            select(Lot.remaining)
            .join(Transfer, Transfer.id == Lot.transfer_id)
            .where(
                Lot.community_id == town.community_id,
                Transfer.community_id == town.community_id,
                Lot.account_id
                == accounts.find(session, town.community_id, [accounts.shelf(kind.id)])[
                    accounts.shelf(kind.id)
                ].id,
            )
            .order_by(Lot.id)
        ).all()
    )
    assert commodity == accounts.shelf(kind.id).commodity
    return list(found)


def _available(town: Shop, kind: Goods) -> int:
    shown = town.read(lambda session: goods.shown(session, town.community_id, kind.id, town.at))
    return shown.available


def test_what_spoils_first_is_handed_out_first_then_what_came_first(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 0)
    for pieces, days in ((3, None), (3, 20), (3, 10), (3, 20)):
        _deliver(town, rice, pieces, days)
    town.order(li, (rice, 4))
    assert _left(town, rice) == [3, 2, 0, 3]
    town.order(li, (rice, 4))
    assert _left(town, rice) == [3, 0, 0, 1]
    town.order(li, (rice, 3))
    assert _left(town, rice) == [1, 0, 0, 0]
    town.assert_clean()


def test_a_day_that_is_past_is_refused_and_the_last_day_counts(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 0)
    with pytest.raises(Invalid):
        _deliver(town, rice, 1, -1)
    _deliver(town, rice, 1, 0)
    assert _available(town, rice) == 1
    assert town.order(town.person(50), (rice, 1)).status == "ready"


@pytest.mark.parametrize("ticks", [True, False])
def test_what_has_spoiled_is_ordered_by_nobody(database: Database, *, ticks: bool) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 0)
    _deliver(town, rice, 6, 3)
    _deliver(town, rice, 4, 30)
    town.later(days=4)
    if ticks:
        while town.tick():
            pass
    assert _available(town, rice) == 4
    with pytest.raises(Conflict) as refused:
        town.order(li, (rice, 5))
    assert (refused.value.code, refused.value.facts["available"]) == ("out_of_stock", 4)
    town.order(li, (rice, 3))
    assert _available(town, rice) == 1
    while town.tick():
        pass
    assert _left(town, rice) == [0, 1]
    town.assert_clean()


@pytest.mark.parametrize("ticks", [True, False])
def test_what_an_overdue_order_brings_back_spoiled_is_gone(
    database: Database, *, ticks: bool
) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 0)
    _deliver(town, rice, 6, 3)
    town.order(li, (rice, 2))
    town.later(days=4)
    town.tick()
    assert _available(town, rice) == 0
    town.later(days=14)
    _deliver(town, rice, 1, 9)
    if ticks:
        while town.tick():
            pass
    assert _available(town, rice) == 1
    with pytest.raises(Conflict):
        town.order(li, (rice, 2))
    town.order(li, (rice, 1))
    assert town.wallet(li).available == 490
    assert _left(town, rice) == [0, 0]
    town.assert_clean()


def test_what_is_given_back_after_its_day_leaves_the_shelf_again(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 0)
    _deliver(town, rice, 5, 3)
    first, second = town.order(li, (rice, 1)), town.order(li, (rice, 1))
    town.collect(first)
    town.later(days=4)
    while town.tick():
        pass
    for order in (first, second):
        deed = orders.give_back if order is first else orders.cancel
        town.do(town.clerk, deed, order_id=order.id, reason="mouldy")
        assert _available(town, rice) == 0
        assert town.tick() == 1
        assert town.tick() == 0
    assert town.shelf(rice) == (0, 0)
    town.assert_clean()
