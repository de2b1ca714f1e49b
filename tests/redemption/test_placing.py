"""Placing an order: what is held, who may order for whom, and every way it is refused."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import ids
from kit.db import Database
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from ledger import accounts
from ledger.models import Lot
from people import register
from redemption import orders
from redemption.models import Order
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import PIN, Shop


def test_an_order_holds_points_and_goods_and_may_be_collected_at_once(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, oil = town.person(100), town.goods(20, 5), town.goods(7, 3)
    order = town.order(li, (rice, 2), (oil, 1))
    assert (order.status, order.points, order.placed_by) == ("ready", 47, li.id)
    found = town.wallet(li)
    assert (found.available, found.held) == (53, 47)
    assert town.shelf(rice) == (3, 2)
    assert town.shelf(oil) == (2, 1)
    assert (order.lapses_at - order.placed_at).days == 14
    town.assert_clean()


def test_lines_for_the_same_goods_are_put_together(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(100), town.goods(10, 5)
    order = town.order(li, (rice, 2), (rice, 1))
    lines = town.view(order, li).lines
    assert [(line.goods_id, line.quantity) for line in lines] == [(rice.id, 3)]


def test_the_price_is_that_of_the_day(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(100), town.goods(10, 5)
    order = town.order(li, (rice, 1))

    def dearer(session: Any) -> None:
        session.get(type(rice), (rice.community_id, rice.id)).points = 90

    town.write(dearer)
    assert town.view(order, li).lines[0].points_each == 10
    assert town.collect(order).points == 10


def test_points_are_spent_from_the_lots_that_earned_them(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(5), town.goods(10, 5)
    town.write(lambda session: town.award(session, li.id, 8))
    order = town.order(li, (rice, 1))
    hold = town.read(lambda session: _lots(town, session, li.id))
    assert sorted(hold) == [0, 3]
    town.assert_clean()
    assert order.status == "ready"


def _lots(town: Shop, session: Any, person_id: UUID) -> list[int]:
    place = accounts.wallet(person_id)
    account = accounts.find(session, town.community_id, [place])[place]
    rows = session.scalars(
        select(Lot.remaining).where(
            Lot.community_id == town.community_id, Lot.account_id == account.id
        )
    )
    return list(rows)


def _refused(town: Shop, *args: Any, **facts: Any) -> DomainError:
    """The refusal of an order; nothing of it was written."""
    before = town.read(lambda session: len(_all_orders(town, session)))
    with pytest.raises(DomainError) as refused:
        town.order(*args, **facts)
    assert town.read(lambda session: len(_all_orders(town, session))) == before
    town.assert_clean()
    return refused.value


def _all_orders(town: Shop, session: Any) -> list[UUID]:
    return list(session.scalars(select(Order.id).where(Order.community_id == town.community_id)))


def test_too_few_points(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(15), town.goods(10, 5)
    refused = _refused(town, li, (rice, 2))
    assert (refused.code, refused.facts) == (
        "insufficient_points",
        {"available": 15, "needed": 20, "short": 5},
    )
    nobody = town.person()
    assert _refused(town, nobody, (rice, 1)).facts["available"] == 0


def test_too_little_on_the_shelf(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, oil = town.person(500), town.goods(10, 5), town.goods(10, 1)
    refused = _refused(town, li, (rice, 2), (oil, 3))
    assert (refused.code, refused.facts) == (
        "out_of_stock",
        {"goods_id": oil.id, "available": 1, "needed": 3, "short": 2},
    )
    assert _refused(town, li, (town.goods(1, 0), 1)).code == "out_of_stock"


def test_the_limit_counts_what_is_held_and_collected_and_not_what_came_back(
    database: Database,
) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 50, limit=3)
    first = town.order(li, (rice, 2))
    refused = _refused(town, li, (rice, 2))
    assert (refused.code, refused.facts) == (
        "limit_reached",
        {"goods_id": rice.id, "limit": 3, "already": 2, "wanted": 2},
    )
    town.collect(first)
    assert _refused(town, li, (rice, 1), (rice, 1)).code == "limit_reached"
    second = town.order(li, (rice, 1))
    town.do(li, orders.cancel, order_id=second.id)
    third = town.order(li, (rice, 1))
    town.later(days=15)
    assert town.view(third, li).status == "lapsed"
    town.order(li, (rice, 1))
    town.do(town.clerk, orders.give_back, order_id=first.id, reason="torn")
    assert town.order(li, (rice, 2)).status == "ready"
    assert town.order(town.person(500), (rice, 3)).status == "ready"


def test_lines_out_of_bounds(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 50)
    for quantities in ([], [1] * 21, [0], [-1], [True], [2**63], [2**53 - 1] * 2):
        refused = _refused(town, li, *((rice, quantity) for quantity in quantities))
        assert isinstance(refused, Invalid), quantities


def test_a_sum_beyond_the_largest_amount(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(10, 50)
    assert isinstance(_refused(town, li, (rice, 2**53 - 1)), Invalid)


def test_goods_and_people_of_elsewhere_are_not_found(database: Database) -> None:
    town, other = shop.open_shop(database), shop.open_shop(database)
    li, rice, foreign = town.person(500), town.goods(10, 50), other.goods(10, 50)
    assert isinstance(_refused(town, li, (rice, 1), (foreign, 1)), NotFound)
    stranger = other.person(100)
    facts = {"person_id": stranger.id, "pin": PIN}
    assert isinstance(_refused(town, town.clerk, (rice, 1), **facts), NotFound)


def test_a_clerk_orders_for_somebody_with_their_pin(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice = town.person(50), town.goods(10, 5)
    town.set_pin(elder)
    order = town.order(town.clerk, (rice, 1), person_id=elder.id, pin=PIN)
    assert (order.person_id, order.placed_by, order.witness_id) == (elder.id, town.clerk.id, None)
    assert town.wallet(elder).held == 10


def test_five_wrong_pins_lock_it(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice = town.person(50), town.goods(10, 5)
    town.set_pin(elder)
    for left in (4, 3, 2, 1, 0):
        refused = _refused(town, town.clerk, (rice, 1), person_id=elder.id, pin="000000")
        assert (refused.code, refused.facts["tries_left"]) == ("wrong_pin", left)
    refused = _refused(town, town.clerk, (rice, 1), person_id=elder.id, pin=PIN)
    assert refused.code == "pin_locked"


def test_a_clerk_orders_with_a_witness(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice = town.person(50), town.goods(10, 5)
    town.set_pin(town.treasurer)
    facts = {"person_id": elder.id, "witness_id": town.treasurer.id}
    order = town.order(town.clerk, (rice, 1), witness_pin=PIN, **facts)
    assert order.witness_id == town.treasurer.id
    assert _refused(town, town.clerk, (rice, 1), witness_pin="000000", **facts).code == "wrong_pin"
    assert isinstance(_refused(town, town.clerk, (rice, 1), **facts), Invalid)


def test_who_may_not_be_the_witness(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice, neighbour = town.person(50), town.goods(10, 5), town.person()
    daughter = town.person(0, "clerk")
    town.household(elder, daughter)
    for one in (town.clerk, neighbour, daughter, elder):
        town.set_pin(one)
    codes = {}
    for one in (town.clerk, elder, daughter, neighbour):
        facts = {"witness_id": one.id, "witness_pin": PIN}
        refused = _refused(town, town.clerk, (rice, 1), person_id=elder.id, **facts)
        codes[one.id] = refused.code
    assert codes == {
        town.clerk.id: "own_approval",
        elder.id: "own_approval",
        daughter.id: "own_approval",
        neighbour.id: "not_allowed",
    }


def test_ordering_for_another_needs_the_role_and_exactly_one_proof(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice = town.person(50), town.goods(10, 5)
    town.set_pin(elder)
    for person in (town.person(), town.manager, town.treasurer):
        refused = _refused(town, person, (rice, 1), person_id=elder.id, pin=PIN)
        assert isinstance(refused, NotAllowed)
    both = {"pin": PIN, "witness_id": town.treasurer.id, "witness_pin": PIN}
    for facts in ({}, both):
        refused = _refused(town, town.clerk, (rice, 1), person_id=elder.id, **facts)
        assert isinstance(refused, Invalid)


def test_a_clerk_does_not_order_for_their_household_but_for_themself_as_a_volunteer(
    database: Database,
) -> None:
    town = shop.open_shop(database)
    father, rice = town.person(50), town.goods(10, 5)
    clerk = town.person(30, "clerk")
    town.household(father, clerk)
    town.set_pin(father)
    refused = _refused(town, clerk, (rice, 1), person_id=father.id, pin=PIN)
    assert refused.code == "own_approval"
    assert town.order(clerk, (rice, 1), person_id=clerk.id).person_id == clerk.id


def test_who_takes_part_no_more_gets_nothing(database: Database) -> None:
    town = shop.open_shop(database)
    elder, rice = town.person(50), town.goods(10, 5)
    town.set_pin(elder)
    town.do(town.manager, register.change, keys=factories.KEYS, person_id=elder.id, active=False)
    refused = _refused(town, town.clerk, (rice, 1), person_id=elder.id, pin=PIN)
    assert isinstance(refused, NotFound)


def test_a_clerk_of_a_unit_serves_its_people_alone(database: Database) -> None:
    town = shop.open_shop(database)
    north, south = (
        town.write(lambda session: factories.make_unit(session, community_id=town.community_id).id)
        for _ in range(2)
    )
    clerk, rice = town.person(), town.goods(10, 5)
    town.write(
        lambda session: factories.grant_role(
            session,
            community_id=town.community_id,
            person_id=clerk.id,
            role="clerk",
            unit_id=north,
        )
    )
    ours, theirs = town.person(50, unit_id=north), town.person(50, unit_id=south)
    for one in (ours, theirs):
        town.set_pin(one)
    assert town.order(clerk, (rice, 1), person_id=ours.id, pin=PIN).person_id == ours.id
    refused = _refused(town, clerk, (rice, 1), person_id=theirs.id, pin=PIN)
    assert refused.code == "not_allowed"


def test_an_unknown_order_is_not_found(database: Database) -> None:
    town = shop.open_shop(database)
    with pytest.raises(NotFound):
        town.view(Order(id=ids.new()), town.clerk)


def test_refusals_are_conflicts_for_the_edge(database: Database) -> None:
    town = shop.open_shop(database)
    assert isinstance(_refused(town, town.person(), (town.goods(), 1)), Conflict)
