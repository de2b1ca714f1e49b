"""Funds and deliveries: who may open and receive, and what a fund cannot pay."""

from typing import Any

import pytest

from kit import ids
from kit.db import Database
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from ledger import accounts
from redemption import funds, goods, stock
from tests.redemption import shop


def test_a_fund_starts_with_its_budget_and_its_money(database: Database) -> None:
    town = shop.open_shop(database)
    fund = town.do(town.treasurer, funds.open_fund, name="Grant", points_budget=500, fen=10_000)
    assert town.balance(accounts.fund_points(fund.id)) == 500
    assert town.balance(accounts.fund_fen(fund.id)) == 10_000
    town.assert_clean()


def test_a_fund_without_a_budget_has_no_floor_and_no_money(database: Database) -> None:
    town = shop.open_shop(database)
    fund = town.do(town.treasurer, funds.open_fund, name="Grant")
    found = town.read(
        lambda session: accounts.find(
            session, town.community_id, [accounts.fund_points(fund.id), accounts.fund_fen(fund.id)]
        )
    )
    assert {account.kind: account.floor for account in found.values()} == {
        "fund_points": None,
        "fund_fen": 0,
    }


def test_a_fund_with_a_wrong_fact_is_refused(database: Database) -> None:
    town = shop.open_shop(database)
    wrong: list[dict[str, Any]] = [
        {"name": ""},
        {"name": " "},
        {"points_budget": -1},
        {"points_budget": True},
        {"points_budget": 2**63},
        {"fen": -1},
        {"fen": 2**53},
    ]
    for facts in wrong:
        with pytest.raises(Invalid):
            town.do(town.treasurer, funds.open_fund, **({"name": "Grant"} | facts))


def test_a_name_is_given_once(database: Database) -> None:
    town = shop.open_shop(database)
    town.do(town.treasurer, funds.open_fund, name="Grant")
    with pytest.raises(Invalid):
        town.do(town.treasurer, funds.open_fund, name=" Grant ")
    town.do(town.treasurer, goods.add, name="Rice", points=10)
    with pytest.raises(Invalid):
        town.do(town.manager, goods.add, name="Rice", points=20)


def test_only_those_who_may_open_add_and_receive(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(pieces=0)
    for person in (town.manager, town.clerk, town.person()):
        with pytest.raises(NotAllowed):
            town.do(person, funds.open_fund, name="Grant")
        with pytest.raises(NotAllowed):
            town.do(person, stock.receive, goods_id=rice.id, quantity=1)
    for person in (town.clerk, town.person()):
        with pytest.raises(NotAllowed):
            town.do(person, goods.add, name="Oil", points=1)


def test_a_delivery_is_paid_by_its_fund(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(pieces=0)
    fund = town.do(town.treasurer, funds.open_fund, name="Grant", fen=1_000)
    facts = {"goods_id": rice.id, "fund_id": fund.id, "unit_cost_fen": 300}
    receipt = town.do(town.treasurer, stock.receive, quantity=3, **facts)
    assert receipt.transfer_id is not None
    assert town.shelf(rice) == (3, 0)
    assert town.balance(accounts.fund_fen(fund.id)) == 100
    with pytest.raises(Conflict) as refused:
        town.do(town.treasurer, stock.receive, quantity=1, **facts)
    assert refused.value.code == "over_budget"
    assert town.shelf(rice) == (3, 0)
    town.assert_clean()


def test_a_fund_without_money_gives_goods_away_but_cannot_buy(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(pieces=0)
    town.do(town.treasurer, stock.receive, goods_id=rice.id, quantity=2)
    with pytest.raises(Conflict) as refused:
        town.do(town.treasurer, stock.receive, goods_id=rice.id, quantity=1, unit_cost_fen=1)
    assert refused.value.code == "over_budget"
    assert town.shelf(rice) == (2, 0)


def test_what_is_not_here_is_not_found(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(pieces=0)
    with pytest.raises(NotFound):
        town.do(town.treasurer, stock.receive, goods_id=ids.new(), quantity=1)
    with pytest.raises(NotFound):
        town.do(town.treasurer, stock.receive, goods_id=rice.id, quantity=1, fund_id=ids.new())


def test_a_delivery_out_of_bounds_is_refused(database: Database) -> None:
    town = shop.open_shop(database)
    rice = town.goods(pieces=0)
    for facts in (
        {"quantity": 0},
        {"unit_cost_fen": -1},
        {"quantity": 2**53},
        {"quantity": 2**40, "unit_cost_fen": 2**40},
    ):
        wanted = {"goods_id": rice.id, "quantity": 1} | facts
        with pytest.raises(Invalid):
            town.do(town.treasurer, stock.receive, **wanted)


def test_goods_are_listed_newest_first_in_pages(database: Database) -> None:
    town = shop.open_shop(database)
    made = [town.goods(pieces=pieces) for pieces in (1, 2, 3)]

    def page(before: Any) -> list[goods.OnShelf]:
        return town.read(
            lambda session: goods.listed(
                session, town.community_id, at=town.at, limit=2, before=before
            )
        )

    first = page(None)
    assert [(one.id, one.available) for one in first] == [(made[2].id, 3), (made[1].id, 2)]
    assert [one.id for one in page(first[-1].id)] == [made[0].id]
