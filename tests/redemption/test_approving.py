"""Orders above the community's limit: held until a second person says yes, and only then."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import Conflict, DomainError, NotAllowed, NotFound
from messages.models import Message
from people import communities
from people.models import Person
from redemption import approving, checks, orders, queries
from redemption.models import Order
from tests import factories
from tests.ledger.vandal import vandal
from tests.redemption import shop
from tests.redemption.shop import Shop

LIMIT = 20


def _strict(database: Database) -> Shop:
    town = shop.open_shop(database)
    town.do(town.manager, communities.change, order_approval_above=LIMIT)
    return town


def _approve(town: Shop, order: Order, who: Person | None = None) -> Order:
    return town.do(who or town.manager, approving.approve, order_id=order.id)


def _refused(deed: Callable[..., object], *args: Any, **facts: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        deed(*args, **facts)
    return refused.value


def test_only_an_order_above_the_limit_waits(database: Database) -> None:
    town = _strict(database)
    li, rice = town.person(100), town.goods(10, 9)
    small, large = town.order(li, (rice, 2)), town.order(li, (rice, 3))
    assert (small.status, small.held_above) == ("ready", None)
    assert (large.status, large.held_above) == ("held", LIMIT)
    assert town.wallet(li).held == 50
    refused = _refused(town.collect, large)
    assert (refused.code, refused.facts["why"]) == ("blocked", "not_approved")
    approved = _approve(town, large)
    assert (approved.status, approved.approved_by) == ("ready", town.manager.id)
    assert town.collect(large).status == "collected"
    town.assert_clean()


def test_a_changed_limit_does_not_act_backwards(database: Database) -> None:
    town = _strict(database)
    li, rice = town.person(100), town.goods(10, 9)
    held = town.order(li, (rice, 3))
    town.do(town.manager, communities.change, order_approval_above=None)
    assert town.view(held, li).status == "held"
    assert town.order(li, (rice, 4)).status == "ready"
    town.do(town.manager, communities.change, order_approval_above=0)
    assert town.order(li, (rice, 1)).status == "held"
    assert _approve(town, held).status == "ready"


def test_the_person_is_told_once(database: Database) -> None:
    town = _strict(database)
    li = town.person(100)
    order = town.order(li, (town.goods(), 3))
    _approve(town, order)
    told = town.read(
        lambda session: session.scalars(
            select(Message).where(
                Message.community_id == town.community_id, Message.person_id == li.id
            )
        ).all()
    )
    assert [(one.kind, one.facts["points"]) for one in told] == [("order_ready", 30)]


def test_nobody_approves_for_themself_their_household_or_what_they_placed(
    database: Database,
) -> None:
    town = _strict(database)
    manager = town.person(100, "manager")
    father, stranger = town.person(100), town.person(100)
    both = town.person(0, "manager", "clerk")
    sister = town.person(0, "manager")
    town.household(manager, father)
    town.household(both, sister)
    rice = town.goods(10, 30)
    town.set_pin(stranger)
    for order, who in (
        (town.order(manager, (rice, 3)), manager),
        (town.order(father, (rice, 3)), manager),
        (town.order(both, (rice, 3), person_id=stranger.id, pin=shop.PIN), both),
        (town.order(both, (rice, 3), person_id=stranger.id, pin=shop.PIN), sister),
    ):
        assert _refused(_approve, town, order, who).code == "own_approval"
        assert town.view(order, town.clerk).status == "held"
        for other in (town.clerk, town.treasurer, father):
            assert _refused(_approve, town, order, other).code == "not_allowed"
        assert _approve(town, order).status == "ready"
    town.assert_clean()


def test_what_waits_for_nobody_is_not_approved(database: Database) -> None:
    town = _strict(database)
    li, rice = town.person(200), town.goods(10, 30)
    small, late, given_up = (town.order(li, (rice, pieces)) for pieces in (1, 3, 3))
    assert _refused(_approve, town, small).code == "already_decided"
    town.do(li, orders.cancel, order_id=given_up.id)
    assert _refused(_approve, town, given_up).facts["status"] == "cancelled"
    again = town.order(li, (rice, 3))
    _approve(town, again)
    assert _refused(_approve, town, again).code == "already_decided"
    town.later(days=15)
    assert _refused(_approve, town, late).facts["status"] == "lapsed"
    town.tick()
    with pytest.raises(NotFound):
        town.do(town.manager, approving.approve, order_id=ids.new())
    town.assert_clean()


def test_a_manager_sees_what_needed_an_approval_and_no_other_order(database: Database) -> None:
    town = _strict(database)
    rice = town.goods(10, 30)
    small, large = (town.order(town.person(100), (rice, pieces)) for pieces in (1, 3))
    assert town.view(large, town.manager).voucher is None
    with pytest.raises(NotAllowed):
        town.view(small, town.manager)
    actor = factories.actor_of(town.manager)
    seen = town.read(
        lambda session: queries.listed(
            session, actor=actor, keys=factories.KEYS, at=town.at, limit=9, status="held"
        )
    )
    assert [one.id for one in seen] == [large.id]


def _to(status: str, **values: Any) -> Callable[[Shop, Session, Order], None]:
    def forge(town: Shop, session: Session, order: Order) -> None:
        session.execute(
            update(Order)
            .where(Order.community_id == town.community_id, Order.id == order.id)
            .values(status=status, **values)
        )

    return forge


def test_the_database_itself_wants_the_second_person(database: Database) -> None:
    town = _strict(database)
    li = town.person(100)
    order = town.order(li, (town.goods(), 3))
    with pytest.raises((IntegrityError, Conflict)):
        town.write(lambda session: _to("ready")(town, session, order))
    own = _to("ready", approved_by=li.id, approved_at=town.at)
    assert _refused(town.write, lambda session: own(town, session, order)).code == "own_approval"
    _approve(town, order)
    other = _to("ready", approved_by=town.clerk.id)
    forged = _refused(town.write, lambda session: other(town, session, order))
    assert forged.code == "append_only"


FORGED = {
    "approved_by = person_id, approved_at = placed_at, status = 'ready'": {"order_approved_by_own"},
    "status = 'ready'": {"order_not_approved"},
}


def test_a_forged_approval_is_named(database: Database) -> None:
    town = _strict(database)
    order = town.order(town.person(100), (town.goods(), 3))
    with vandal(database) as owner:
        for forged, expected in FORGED.items():
            assert owner.run(f"UPDATE orders SET {forged} WHERE id = :id", id=order.id) == 1
            found = {one.code for one in checks.problems(owner.session(), town.community_id)}
            assert found == expected
            owner.undo()
