"""Orders given up after their points lapsed: the points come back with thirty days, no goods spoil
by a date, and an order that is ready can always be collected."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.clock import local_date
from kit.db import Database
from ledger import accounts, settling, transfers
from ledger.accounts import contra
from ledger.drafts import Draft, Leg
from ledger.views import Expiry, Wallet
from people.models import Person
from redemption import orders, wallets
from redemption.models import Goods, Order
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import Shop

TODAY = date(2026, 11, 22)


@pytest.fixture
def town(database: Database) -> Shop:
    return shop.open_shop(database)


def _seen(town: Shop, person: Person) -> Wallet:
    return town.read(lambda session: wallets.of(session, town.community_id, person.id, town.at))


def _ordered(town: Shop, pieces: int = 2) -> tuple[Person, Goods, Order]:
    """An order of points that last five days, and ten more that last for ever."""
    li, rice = town.person(), town.goods(10, 9)
    town.write(lambda session: town.award(session, li.id, 20, lasts=5))
    town.write(lambda session: town.award(session, li.id, 10))
    return li, rice, town.order(li, (rice, pieces))


def test_a_cancelled_order_gives_lapsed_points_thirty_days_and_the_others_back(town: Shop) -> None:
    li, rice, order = _ordered(town, pieces=3)
    town.later(days=8)
    assert (_seen(town, li).available, _seen(town, li).held) == (0, 30)
    town.do(li, orders.cancel, order_id=order.id)
    assert _seen(town, li) == Wallet(
        30, 0, 0, 0, next_expiry=Expiry(20, TODAY + timedelta(days=8 + 30))
    )
    assert town.shelf(rice) == (9, 0)
    town.later(days=30)
    assert _seen(town, li).available == 30
    town.later(days=1)
    assert (_seen(town, li).available, _seen(town, li).next_expiry) == (10, None)
    town.assert_clean()


def test_a_returned_order_does_too_whether_or_not_tick_came_by(town: Shop) -> None:
    li, _rice, order = _ordered(town)
    town.collect(order)
    town.later(days=6)
    town.write(lambda session: settling.tick(session, town.community_id, town.at))
    town.do(town.clerk, orders.give_back, order_id=order.id, reason="broken")
    assert _seen(town, li).next_expiry == Expiry(20, TODAY + timedelta(days=6 + 30))
    # The grace is spent first, for it ends first.
    town.order(li, (town.goods(10, 9), 1))
    assert _seen(town, li).next_expiry == Expiry(10, TODAY + timedelta(days=6 + 30))
    town.assert_clean()


def test_what_is_given_back_in_time_keeps_its_day(town: Shop) -> None:
    li, _rice, order = _ordered(town)
    town.later(days=5)
    town.do(li, orders.cancel, order_id=order.id)
    assert _seen(town, li).next_expiry == Expiry(20, TODAY + timedelta(days=5))
    town.later(days=1)
    assert _seen(town, li).available == 10


def test_a_ready_order_is_collected_although_its_points_lapsed_and_were_reversed(
    town: Shop,
) -> None:
    li, rice = town.person(), town.goods(10, 1)
    award = town.write(lambda session: town.award(session, li.id, 10, lasts=2))
    order = town.order(li, (rice, 1))
    town.later(days=4)
    town.write(lambda session: town.reverse(session, award))
    assert town.collect(order).status == "collected"
    assert (_seen(town, li).available, _seen(town, li).owed) == (0, 10)
    town.assert_clean()


def test_goods_do_not_lapse(town: Shop) -> None:
    """A day that a delivery may name is for the shelf to know; no rule of points touches it."""
    rice, li = town.goods(10, 0), town.person(10)
    place, actor = accounts.shelf(rice.id), factories.actor_of(town.treasurer)
    leg = Leg(contra("supplied", place.commodity), place, 3, expires_on=TODAY)
    draft = Draft("receipt", f"test:{ids.new()}", (leg,), TODAY, ("test", ids.new()))

    def receive(session: Session) -> None:
        transfers.record(session, actor=actor, draft=draft, at=town.at)

    town.write(receive)
    order = town.order(li, (rice, 1))
    town.later(days=9)
    assert town.write(lambda s: settling.tick(s, town.community_id, town.at)) == 0
    assert town.shelf(rice) == (2, 1)
    town.do(li, orders.cancel, order_id=order.id)
    assert town.shelf(rice) == (3, 0)
    assert local_date(town.at, "Asia/Shanghai") > TODAY
