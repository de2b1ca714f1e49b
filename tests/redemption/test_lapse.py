"""Orders that nobody collects: judged by the time of the call, whether tick came by or not."""

from datetime import timedelta

import pytest

from kit.clock import local_date
from kit.db import Database
from kit.errors import Conflict
from ledger import accounts, reversals, statements
from ledger.past import AsOf
from ledger.views import Wallet
from people.models import Person
from redemption import goods, orders, overdue, queries, wallets
from redemption.models import Goods, Order
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import Shop


def _late(town: Shop, points: int = 20, pieces: int = 1) -> tuple[Person, Goods, Order]:
    li, rice = town.person(points), town.goods(10, pieces)
    order = town.order(li, (rice, 1))
    town.later(days=14)
    return li, rice, order


def test_an_order_lapses_at_its_instant_without_a_tick(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(20), town.goods(10, 1)
    order = town.order(li, (rice, 1))
    town.later(days=14, seconds=-1)
    assert town.view(order, li).status == "ready"
    town.later(seconds=1)
    assert town.view(order, li).status == "lapsed"
    with pytest.raises(Conflict) as refused:
        town.collect(order)
    assert refused.value.code == "voucher_lapsed"
    with pytest.raises(Conflict) as refused:
        town.do(li, orders.cancel, order_id=order.id)
    assert refused.value.facts == {"status": "lapsed"}
    assert town.wallet(li).held == 10


def test_tick_posts_the_release_once(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, order = _late(town)
    assert (town.tick(), town.tick()) == (1, 0)
    assert (town.wallet(li).available, town.wallet(li).held) == (20, 0)
    assert town.shelf(rice) == (1, 0)
    assert town.view(order, li).status == "lapsed"
    with pytest.raises(Conflict) as refused:
        town.collect(order)
    assert refused.value.code == "voucher_lapsed"
    town.assert_clean()


def test_tick_leaves_what_is_not_due(database: Database) -> None:
    town = shop.open_shop(database)
    town.order(town.person(20), (town.goods(), 1))
    town.later(days=13)
    assert town.tick() == 0


def test_a_late_tick_keeps_no_points_and_no_goods_from_an_order(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, first = _late(town)
    assert town.order(li, (rice, 1), (town.goods(10, 1), 1)).points == 20
    assert town.view(first, li).status == "lapsed"
    assert town.wallet(li).available == 0
    town.assert_clean()
    assert town.tick() == 0


def test_a_late_tick_keeps_no_goods_from_somebody_else(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, _order = _late(town)
    assert town.order(town.person(20), (rice, 1)).status == "ready"
    assert town.wallet(li).available == 20
    town.assert_clean()


def test_what_an_overdue_order_holds_is_read_as_given_back(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, order = _late(town)

    def seen() -> tuple[int, int]:
        return town.read(
            lambda session: (
                sum(
                    part.points
                    for part in overdue.coming_back(session, town.community_id, li.id, town.at)
                ),
                goods.shown(session, town.community_id, rice.id, town.at).available,
            )
        )

    assert seen() == (10, 1)
    town.tick()
    assert seen() == (0, 1)
    assert order.points == 10


def test_a_refusal_after_a_late_tick_tells_the_true_figures(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, _order = _late(town)
    with pytest.raises(Conflict) as refused:
        town.order(li, (town.goods(10, 9), 3))
    assert refused.value.facts == {"available": 20, "needed": 30, "short": 10}
    with pytest.raises(Conflict) as refused:
        town.order(li, (rice, 2))
    assert refused.value.facts["available"] == 1
    assert town.wallet(li).held == 10


def test_orders_are_listed_by_their_state_at_the_time(database: Database) -> None:
    town = shop.open_shop(database)
    li, _rice, late = _late(town)
    fresh = town.order(li, (town.goods(), 1))

    def listed(status: str | None) -> list[object]:
        actor = factories.actor_of(li)
        found = town.read(
            lambda session: queries.listed(
                session, actor=actor, keys=factories.KEYS, at=town.at, limit=10, status=status
            )
        )
        return [order.id for order in found]

    assert listed("lapsed") == [late.id]
    assert listed("ready") == [fresh.id]
    assert listed("collected") == []
    assert listed(None) == [fresh.id, late.id]


def test_what_an_overdue_order_gives_back_repays_a_debt_before_the_tick_too(
    database: Database,
) -> None:
    town = shop.open_shop(database)
    li = town.person()
    award = town.write(lambda session: town.award(session, li.id, 30))
    town.order(li, (town.goods(10, 9), 3))
    town.later(days=15)
    town.do(
        town.treasurer,
        reversals.reverse,
        transfer_id=award,
        effective_on=local_date(town.at, "Asia/Shanghai"),
        reason_code="stated",
    )

    def told() -> Wallet:
        return town.read(lambda session: wallets.of(session, town.community_id, li.id, town.at))

    late = told()
    assert (late.available, late.held, late.owed) == (0, 0, 0)
    assert town.tick() == 1
    assert told() == late == town.wallet(li)


def test_an_order_lapses_in_the_books_on_its_day_however_late_the_tick(database: Database) -> None:
    town = shop.open_shop(database)
    li, _rice, order = _late(town)
    day = local_date(order.lapses_at, "Asia/Shanghai")
    town.later(days=3)
    assert town.tick() == 1
    held = town.read(
        lambda session: statements.balance_of(
            session, town.community_id, accounts.held(li.id), effective_on=day
        )
    )
    assert held == 0


def test_a_wallet_as_of_a_day_is_the_same_before_tick_and_after_it(database: Database) -> None:
    town = shop.open_shop(database)
    li, _rice, order = _late(town)
    day = local_date(order.lapses_at, "Asia/Shanghai")
    town.later(days=3)

    def told() -> list[Wallet]:
        days = [AsOf(day + timedelta(days=number)) for number in (-1, 0, 1, 9)]
        return town.read(
            lambda session: [
                wallets.as_of(session, town.community_id, li.id, town.at, then) for then in days
            ]
        )

    before = told()
    assert before[0].held > 0
    assert [wallet.held for wallet in before[1:]] == [0, 0, 0]
    assert town.tick() == 1
    assert told() == before
