"""Vouchers that somebody else may have seen: frozen, freed and replaced."""

from collections.abc import Callable
from typing import Any

import pytest

from kit.db import Database
from kit.errors import DomainError
from people.models import Person
from redemption import checks, freezing, orders
from redemption.models import Order
from tests import factories
from tests.ledger.vandal import vandal
from tests.redemption import shop
from tests.redemption.shop import Shop


def _refused(deed: Callable[..., object], *args: Any, **facts: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        deed(*args, **facts)
    return refused.value


def _turn(town: Shop, who: Person, deed: Callable[..., Order], order: Order) -> Order:
    return town.do(who, deed, order_id=order.id)


def _reissue(town: Shop, who: Person, order: Order) -> Order:
    facts = {"keys": factories.KEYS, "order_id": order.id, "reason": "seen by others"}
    return town.do(who, freezing.reissue, **facts)


def test_a_frozen_voucher_collects_nothing_until_it_is_freed(database: Database) -> None:
    town = shop.open_shop(database)
    li = town.person(50)
    order = town.order(li, (town.goods(), 1))
    _turn(town, li, freezing.freeze, order)
    shown = town.view(order, li).voucher
    assert shown is not None
    assert shown.frozen
    refused = _refused(town.collect, order)
    assert (refused.code, refused.facts["why"]) == ("blocked", "frozen")
    assert _refused(_turn, town, li, freezing.freeze, order).code == "already_decided"
    _turn(town, town.clerk, freezing.free, order)
    assert _refused(_turn, town, li, freezing.free, order).code == "already_decided"
    assert town.collect(order).status == "collected"
    assert _refused(_turn, town, li, freezing.freeze, order).facts["status"] == "collected"
    town.assert_clean()


def test_a_replaced_voucher_is_void_for_ever(database: Database) -> None:
    town = shop.open_shop(database)
    li = town.person(50)
    order = town.order(li, (town.goods(), 1))
    old = town.code(order)
    _turn(town, li, freezing.freeze, order)
    _reissue(town, town.clerk, order)
    new = town.code(order)
    assert new != old
    assert _refused(town.collect, order, code=old).code == "voucher_void"
    _reissue(town, town.clerk, order)
    assert _refused(town.collect, order, code=new).code == "voucher_void"
    assert town.collect(order).status == "collected"
    assert _refused(town.collect, order, code=old).code == "voucher_void"
    assert _refused(_reissue, town, town.clerk, order).code == "already_decided"
    town.assert_clean()


def test_a_frozen_voucher_lapses_and_is_cancelled_with_its_order(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(50), town.goods()
    given_up, late = town.order(li, (rice, 1)), town.order(li, (rice, 1))
    for order in (given_up, late):
        _turn(town, li, freezing.freeze, order)
    town.do(li, orders.cancel, order_id=given_up.id)
    assert _refused(town.collect, given_up).code == "voucher_void"
    town.later(days=15)
    assert _refused(town.collect, late).code == "voucher_lapsed"
    assert _refused(_turn, town, li, freezing.free, late).facts["status"] == "lapsed"
    town.tick()
    assert _refused(town.collect, late).code == "voucher_lapsed"
    assert town.wallet(li).available == 50
    town.assert_clean()


def test_who_may_freeze_and_who_replace(database: Database) -> None:
    town = shop.open_shop(database)
    li, clerk = town.person(50), town.person(50, "clerk")
    town.household(li, clerk)
    order = town.order(li, (town.goods(), 1))
    for who in (town.person(), town.manager, town.treasurer):
        assert _refused(_turn, town, who, freezing.freeze, order).code == "not_allowed"
        assert _refused(_reissue, town, who, order).code == "not_allowed"
    assert _refused(_reissue, town, li, order).code == "not_allowed"
    assert _refused(_reissue, town, clerk, order).code == "own_approval"
    town.assert_clean()


def test_an_older_voucher_that_is_not_void_is_named(database: Database) -> None:
    town = shop.open_shop(database)
    order = town.order(town.person(50), (town.goods(), 1))
    _reissue(town, town.clerk, order)
    with vandal(database) as owner:
        forged = "UPDATE vouchers SET status = 'redeemed' WHERE order_id = :id AND issue = 1"
        assert owner.run(forged, id=order.id) == 1
        found = {one.code for one in checks.problems(owner.session(), town.community_id)}
        assert found == {"voucher_not_void"}
        owner.undo()
