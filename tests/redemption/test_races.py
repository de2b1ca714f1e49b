"""Races at the counter and the shelf: whoever comes at once, nothing is sold or spent twice."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from kit.db import Database
from kit.errors import DomainError
from people.models import Person
from redemption import orders
from tests.redemption import shop
from tests.redemption.shop import Shop


def _outcomes(deeds: Sequence[Callable[[], Any]], at_once: int) -> Counter[str]:
    """How the deeds ended, started together: ``done``, or the code of their refusal."""
    gate = Barrier(at_once)

    def run(number: int) -> str:
        if number < at_once:
            gate.wait()
        try:
            deeds[number]()
        except DomainError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(at_once) as pool:
        return Counter(pool.map(run, range(len(deeds))))


def test_a_hundred_people_and_one_item(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 1)
    people = [town.person(10) for _ in range(100)]
    deeds = [partial(town.order, person, (rice, 1)) for person in people]
    assert _outcomes(deeds, 50) == {"done": 1, "out_of_stock": 99}
    assert town.shelf(rice) == (0, 1)
    assert sum(town.wallet(person).held for person in people) == 10
    town.assert_clean()


def test_fifty_at_once_spend_tens_of_a_hundred(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(100), town.goods(10, 2_000)
    deeds = [partial(town.order, li, (rice, 1)) for _ in range(50 * 4)]
    assert _outcomes(deeds, 50) == {"done": 10, "insufficient_points": 190}
    assert (town.wallet(li).available, town.wallet(li).held) == (0, 100)
    town.assert_clean()


def test_the_limit_of_a_person_holds_among_twenty_orders_at_once(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(1_000), town.goods(10, 100, limit=3)
    deeds = [partial(town.order, li, (rice, 1)) for _ in range(20)]
    assert _outcomes(deeds, 20) == {"done": 3, "limit_reached": 17}
    town.assert_clean()


def test_one_voucher_at_two_counters(database: Database) -> None:
    town = shop.open_shop(database)
    clerks = [town.person(0, "clerk") for _ in range(2)]
    li, rice = town.person(1_000), town.goods(10, 100)
    for _ in range(5):
        order = town.order(li, (rice, 1))
        code = town.code(order)
        deeds = [partial(town.collect, order, clerk, code) for clerk in clerks]
        assert _outcomes(deeds, 2) == {"done": 1, "voucher_used": 1}
    town.assert_clean()


def test_collecting_against_cancelling(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(1_000), town.goods(10, 100)
    for _ in range(5):
        order = town.order(li, (rice, 1))
        collect = partial(town.collect, order, code=town.code(order))
        cancel = partial(town.do, li, orders.cancel, order_id=order.id)
        found = _outcomes([collect, cancel], 2)
        ended = town.view(order, li).status
        assert found == {
            "done": 1,
            {"collected": "already_decided", "cancelled": "voucher_void"}[ended]: 1,
        }
    town.assert_clean()


def test_two_tickers_and_a_counter_release_an_overdue_order_once(database: Database) -> None:
    town = shop.open_shop(database)
    people, rice = [town.person(10) for _ in range(8)], town.goods(10, 8)
    for person in people:
        town.order(person, (rice, 1))
    town.later(days=15)
    late = town.person(10)
    deeds: list[Callable[[], Any]] = [town.tick, town.tick, partial(town.order, late, (rice, 8))]
    found = _outcomes(deeds, 3)
    assert found == {"done": 2, "insufficient_points": 1}
    town.tick()
    assert [town.wallet(person).available for person in people] == [10] * 8
    assert town.shelf(rice) == (8, 0)
    town.assert_clean()


def test_orders_of_the_same_goods_in_any_order_do_not_lock_each_other(database: Database) -> None:
    town = shop.open_shop(database)
    kinds = [town.goods(1, 1_000) for _ in range(4)]
    deeds = []
    for number in range(40):
        person = town.person(10)
        turned = kinds[number % 4 :] + kinds[: number % 4]
        deeds.append(partial(town.order, person, *((one, 1) for one in turned)))
    assert _outcomes(deeds, 20) == {"done": 40}
    assert [town.shelf(one) for one in kinds] == [(960, 40)] * 4
    town.assert_clean()


def test_the_same_pin_tried_at_once_stays_within_five(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice = town.person(50), town.goods()
    town.set_pin(elder)
    order: Callable[..., Any] = partial(_order_for, town, elder, rice)
    found = _outcomes([partial(order, "000000") for _ in range(40)], 40)
    assert found == {"wrong_pin": 5, "pin_locked": 35}
    assert _outcomes([partial(order, shop.PIN)], 1) == {"pin_locked": 1}


def test_a_witnesss_pin_tried_at_once_stays_within_five(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice, witness = town.person(50), town.goods(), town.treasurer
    town.set_pin(witness)

    def order(pin: str) -> Any:
        return town.order(
            town.clerk,
            (rice, 1),
            person_id=elder.id,
            witness_id=witness.id,
            witness_pin=pin,
        )

    found = _outcomes([partial(order, "000000") for _ in range(40)], 40)
    assert found == {"wrong_pin": 5, "pin_locked": 35}
    assert _outcomes([partial(order, shop.PIN)], 1) == {"pin_locked": 1}


def _order_for(town: Shop, elder: Person, rice: Any, pin: str) -> Any:
    return town.order(town.clerk, (rice, 1), person_id=elder.id, pin=pin)
