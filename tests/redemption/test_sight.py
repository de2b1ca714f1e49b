"""Who sees which orders, and whose codes."""

from functools import partial

import pytest

from kit import ids
from kit.db import Database
from kit.errors import NotAllowed, NotFound
from people.models import Person
from redemption import orders, queries
from redemption.models import Order, Voucher
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import Shop


def _listed(town: Shop, who: Person, **facts: object) -> list[queries.OrderView]:
    actor = factories.actor_of(who)
    wanted = {"limit": 10} | facts
    return town.read(
        lambda session: queries.listed(
            session,
            actor=actor,
            keys=factories.KEYS,
            at=town.at,
            **wanted,  # type: ignore[arg-type] # facts of a test
        )
    )


def test_a_person_sees_their_own_with_the_code_and_nobody_elses(database: Database) -> None:
    town = shop.open_shop(database)
    li, zhao, rice = town.person(50), town.person(50), town.goods(5, 9)
    order = town.order(li, (rice, 2))
    town.order(zhao, (rice, 1))
    seen = town.view(order, li)
    assert seen.voucher is not None
    assert [(line.name, line.quantity, line.points_each) for line in seen.lines] == [
        (rice.name, 2, 5)
    ]
    assert [one.id for one in _listed(town, li)] == [order.id]
    for who in (zhao, town.manager, town.treasurer):
        with pytest.raises(NotAllowed):
            town.view(order, who)
        with pytest.raises(NotAllowed):
            _listed(town, who, person_id=li.id)


def test_a_clerk_sees_all_and_an_auditor_all_but_the_codes(database: Database) -> None:
    town = shop.open_shop(database)
    auditor, rice = town.person(0, "auditor"), town.goods(5, 9)
    placed = [town.order(town.person(50), (rice, 1)) for _ in range(3)]
    for who, has_code in ((town.clerk, True), (auditor, False)):
        found = _listed(town, who)
        assert [one.id for one in found] == [order.id for order in reversed(placed)]
        assert {one.voucher is not None for one in found} == {has_code}
        assert (town.view(placed[0], who).voucher is not None) == has_code
    first = _listed(town, town.clerk, limit=2)
    rest = _listed(town, town.clerk, limit=2, before=first[-1].id)
    assert [one.id for one in first + rest] == [order.id for order in reversed(placed)]
    own = _listed(town, town.clerk, person_id=placed[1].person_id)
    assert [one.id for one in own] == [placed[1].id]


def test_a_role_held_for_a_unit_sees_its_people_and_one_self(database: Database) -> None:
    town = shop.open_shop(database)
    top, other = (
        town.write(lambda session: factories.make_unit(session, community_id=town.community_id))
        for _ in range(2)
    )
    team = town.write(
        lambda session: factories.make_unit(
            session, community_id=town.community_id, parent_id=top.id
        )
    )
    rice = town.goods(5, 9)
    near = town.order(town.person(50, unit_id=team.id), (rice, 1))
    far = town.order(town.person(50, unit_id=other.id), (rice, 1))
    nowhere = town.order(town.person(50), (rice, 1))
    for role, has_code in (("clerk", True), ("auditor", False)):
        who = town.person(50)
        town.write(
            partial(
                factories.grant_role,
                community_id=town.community_id,
                person_id=who.id,
                role=role,
                unit_id=top.id,
            )
        )
        own = town.order(who, (rice, 1))
        assert [one.id for one in _listed(town, who)] == [own.id, near.id]
        assert (town.view(near, who).voucher is not None) == has_code
        assert town.view(own, who).voucher is not None
        for order in (far, nowhere):
            with pytest.raises(NotAllowed):
                town.view(order, who)
            with pytest.raises(NotAllowed):
                _listed(town, who, person_id=order.person_id)


def test_an_order_of_elsewhere_is_not_found(database: Database) -> None:
    town, other = shop.open_shop(database), shop.open_shop(database)
    foreign = other.order(other.person(50), (other.goods(), 1))
    for order_id in (foreign.id, ids.new()):
        with pytest.raises(NotFound):
            town.view(Order(id=order_id), town.clerk)


def test_each_stored_state_has_a_call_that_reaches_it(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(1, 90)
    ready, collected, cancelled, lapsed, returned = (town.order(li, (rice, 1)) for _ in range(5))
    for order in (collected, returned):
        town.collect(order)
    town.do(li, orders.cancel, order_id=cancelled.id)
    town.do(town.clerk, orders.give_back, order_id=returned.id, reason="torn")
    town.later(days=14)
    assert town.tick() == 2
    town.later(days=-1)
    ready = town.order(li, (rice, 1))
    reached = {one.status for one in _listed(town, li)}
    assert reached == {"ready", "collected", "cancelled", "lapsed", "returned"}
    assert town.view(lapsed, li).status == "lapsed"
    assert town.view(ready, li).status == "ready"
    # ``held`` and ``frozen`` come with the approval of orders above a limit, in a later issue.
    assert set(queries.STATUSES) - reached == {"held"}
    states = town.read(
        lambda session: {
            row.status
            for row in session.query(Voucher).filter(Voucher.community_id == town.community_id)
        }
    )
    assert states == {"issued", "redeemed", "void", "lapsed"}
