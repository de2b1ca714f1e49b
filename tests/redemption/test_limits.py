"""Limits of goods: by person, by household, within days."""

from typing import Any

import pytest

from kit.db import Database
from kit.errors import Conflict, Invalid
from redemption import goods, orders, stock
from redemption.models import Goods
from tests.redemption import shop
from tests.redemption.shop import Shop


def _goods(town: Shop, **facts: Any) -> Goods:
    made = town.do(town.treasurer, goods.add, name="Rice", points=10, **facts)
    town.do(town.treasurer, stock.receive, goods_id=made.id, quantity=50)
    return made


def _facts(town: Shop, who: Any, kind: Goods, pieces: int) -> dict[str, Any]:
    with pytest.raises(Conflict) as refused:
        town.order(who, (kind, pieces))
    assert refused.value.code == "limit_reached"
    return refused.value.facts


def test_who_share_a_household_share_its_limit(database: Database) -> None:
    town = shop.open_shop(database)
    father, mother, stranger = (town.person(200) for _ in range(3))
    town.household(father, mother)
    rice = _goods(town, per_person_limit=3, per_household_limit=4)
    town.order(father, (rice, 3))
    assert _facts(town, father, rice, 1)["limit"] == 3
    facts = _facts(town, mother, rice, 2)
    assert (facts["household_limit"], facts["already"], facts["wanted"]) == (4, 3, 2)
    last = town.order(mother, (rice, 1))
    _facts(town, mother, rice, 1)
    town.order(stranger, (rice, 3))
    town.do(mother, orders.cancel, order_id=last.id)
    town.order(mother, (rice, 1))
    town.assert_clean()


def test_a_household_limit_counts_for_one_who_lives_alone(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(200), _goods(town, per_household_limit=2)
    town.collect(town.order(li, (rice, 2)))
    assert _facts(town, li, rice, 1)["household_limit"] == 2


def test_a_limit_within_days_is_free_again_at_a_midnight(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(200), _goods(town, per_person_limit=1, limit_days=7)
    town.collect(town.order(li, (rice, 1)))
    town.later(days=6)
    _facts(town, li, rice, 1)
    # The day of the community began: the first order is of the eighth day back.
    midnight = town.at.replace(hour=16, minute=0, second=0, microsecond=0)
    town.at = midnight
    town.later(microseconds=-1)
    _facts(town, li, rice, 1)
    town.later(microseconds=1)
    assert town.order(li, (rice, 1)).status == "ready"
    town.assert_clean()


@pytest.mark.parametrize(
    "facts",
    [{"per_household_limit": 0}, {"limit_days": 0}, {"limit_days": 3_661}, {"limit_days": True}],
)
def test_a_limit_out_of_bounds_is_refused(database: Database, facts: dict[str, Any]) -> None:
    town = shop.open_shop(database)
    with pytest.raises(Invalid):
        town.do(town.treasurer, goods.add, name="Rice", points=10, **facts)
