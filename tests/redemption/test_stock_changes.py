"""Write-offs and counts: what leaves the shelf unsold, with one hand or two."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import DomainError, Invalid, NotAllowed, NotFound
from ledger import accounts, kinds, statements
from people import communities
from people.models import Person
from redemption import checks
from redemption.models import Goods
from redemption.shelf import changing, signing, views
from redemption.shelf.tables import StockChange, StockSignature
from tests import factories
from tests.ledger.vandal import vandal
from tests.redemption import shop
from tests.redemption.shop import Shop


def _refused(deed: Callable[..., object], *args: Any, **facts: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        deed(*args, **facts)
    return refused.value


def _off(town: Shop, kind: Goods, quantity: int, who: Person | None = None) -> StockChange:
    facts = {"goods_id": kind.id, "quantity": quantity, "reason": "torn bags"}
    return town.do(who or town.treasurer, changing.write_off, **facts)


def _count(town: Shop, *lines: tuple[Goods, int], who: Person | None = None) -> StockChange:
    counted = [(kind.id, pieces) for kind, pieces in lines]
    return town.do(who or town.clerk, changing.count, lines=counted, reason="week 47")


def _sign(town: Shop, change: StockChange, who: Person | None = None) -> StockChange:
    return town.do(who or town.manager, signing.sign, change_id=change.id)


def _strict(database: Database) -> Shop:
    town = shop.open_shop(database)
    wanted = {"award_rules": False, "write_offs": True}
    town.do(town.manager, communities.change, second_signature=wanted)
    return town


def _shown(town: Shop, change: StockChange) -> views.ChangeView:
    return town.read(lambda session: views.shown(session, town.community_id, [change])[0])


def test_a_write_off_takes_pieces_off_the_shelf_at_once(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 10)
    shown = _shown(town, _off(town, rice, 3))
    assert (shown.status, shown.signed_by) == ("signed", town.treasurer.id)
    assert town.shelf(rice) == (7, 0)
    rows = town.read(lambda session: statements.trial_balance(session, town.community_id))
    gone = accounts.contra("written_off", kinds.goods(rice.id)).code
    assert {row.code: row.credits - row.debits for row in rows}[gone] == 3
    refused = _refused(_off, town, rice, 8)
    assert refused.code == "out_of_stock"
    for who in (town.clerk, town.person()):
        assert _refused(_off, town, rice, 1, who).code == "not_allowed"
    assert town.shelf(rice) == (7, 0)
    town.assert_clean()


def test_where_two_are_wanted_a_write_off_waits_for_another(database: Database) -> None:
    town = _strict(database)
    rice = town.goods(10, 10)
    wife, husband = town.person(0, "treasurer"), town.person(0, "manager")
    town.household(wife, husband)
    change = _off(town, rice, 3, wife)
    assert town.shelf(rice) == (10, 0)
    for who in (wife, husband):
        assert _refused(_sign, town, change, who).code == "own_approval"
    assert _refused(_sign, town, change, town.clerk).code == "not_allowed"
    _sign(town, change)
    assert town.shelf(rice) == (7, 0)
    assert _refused(_sign, town, change).code == "already_decided"
    assert _refused(_sign, town, change, town.treasurer).code == "already_decided"
    town.assert_clean()


def test_a_change_that_is_turned_down_moves_nothing(database: Database) -> None:
    town = _strict(database)
    rice = town.goods(10, 10)
    mine, yours = _off(town, rice, 3), _count(town, (rice, 2))

    def reject(change: StockChange, who: Person) -> StockChange:
        return town.do(who, signing.reject, change_id=change.id, reason="found them")

    assert _refused(reject, mine, town.clerk).code == "not_allowed"
    reject(mine, town.treasurer)
    reject(yours, town.clerk)
    assert _refused(_sign, town, mine).facts["status"] == "rejected"
    assert town.shelf(rice) == (10, 0)
    with pytest.raises(NotFound):
        town.do(town.manager, signing.sign, change_id=ids.new())
    town.assert_clean()


def test_a_count_posts_its_difference_whatever_was_sold_since(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice, oil = town.person(500), town.goods(10, 10), town.goods(5, 4)
    held = town.order(li, (rice, 2))
    change = _count(town, (rice, 9), (oil, 6))
    lines = {one.goods_id: one for one in _shown(town, change).lines}
    assert (lines[rice.id].expected, lines[rice.id].difference) == (10, -1)
    assert (lines[oil.id].expected, lines[oil.id].difference) == (4, 2)
    town.collect(held)
    town.order(li, (rice, 3))
    _sign(town, change)
    assert town.shelf(rice) == (4, 3)
    assert town.shelf(oil) == (6, 0)
    town.order(li, (oil, 6))
    town.assert_clean()


def test_a_count_that_finds_what_it_expected_is_signed_and_moves_nothing(
    database: Database,
) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 10)
    change = _count(town, (rice, 10))
    _sign(town, change)
    assert _shown(town, change).transfer_id is None
    late = _count(town, (rice, 0))
    town.order(town.person(500), (rice, 10))
    assert _refused(_sign, town, late).code == "out_of_stock"
    assert _shown(town, late).status == "waiting"
    town.assert_clean()


def test_a_count_out_of_bounds_is_refused(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(10, 10)
    for lines in ([], [(rice, -1)], [(rice, 2**53)], [(rice, 1), (rice, 1)]):
        with pytest.raises(Invalid):
            _count(town, *lines)
    with pytest.raises(Invalid):
        town.do(town.clerk, changing.count, lines=[(rice.id, 1)], reason=" ")
    with pytest.raises(NotFound):
        town.do(town.clerk, changing.count, lines=[(ids.new(), 1)], reason="week 47")
    for who in (town.person(), town.person(0, "captain")):
        with pytest.raises(NotAllowed):
            _count(town, (rice, 1), who=who)


def test_the_database_refuses_a_second_hand_of_the_same_person(database: Database) -> None:
    town = _strict(database)
    change = _off(town, town.goods(10, 10), 3)

    def around(session: Session) -> None:
        session.add(
            StockSignature(
                community_id=town.community_id,
                change_id=change.id,
                decision="signed",
                signed_by=change.made_by,
                signed_at=town.at,
            )
        )

    assert _refused(town.write, around).code == "own_approval"


def test_those_who_count_see_what_waits(database: Database) -> None:
    town = _strict(database)
    rice = town.goods(10, 10)
    first, second = _off(town, rice, 1), _count(town, (rice, 10))
    _sign(town, first)
    actor = factories.actor_of(town.clerk)
    seen = town.read(lambda session: views.listed(session, actor=actor, limit=9, status="waiting"))
    assert [one.id for one in seen] == [second.id]


FORGED = {
    "UPDATE stock_signatures SET signed_by = (SELECT made_by FROM stock_changes c"
    " WHERE c.id = change_id)": {"stock_signed_by_own"},
    "UPDATE stock_change_lines SET difference = -4": {"stock_change_differs"},
    "DELETE FROM stock_signatures": {"write_off_unfounded"},
    "UPDATE ledger_transfers SET source_type = 'lot' WHERE kind = 'write_off'": {
        "write_off_unfounded"
    },
    "UPDATE stock_signatures SET transfer_id = NULL": {
        "stock_change_differs",
        "write_off_unfounded",
    },
}


def test_a_forged_write_off_is_named(database: Database) -> None:
    town = _strict(database)
    _sign(town, _off(town, town.goods(10, 10), 3))
    with vandal(database) as owner:
        for forged, expected in FORGED.items():
            assert owner.run(forged) == 1, forged
            found = {one.code for one in checks.problems(owner.session(), town.community_id)}
            assert found == expected, forged
            owner.undo()
