"""A fund's money: what comes in, what it may buy, what things are worth to the fen."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from kit import ids
from kit.clock import local_date
from kit.db import Database
from kit.errors import DomainError, Invalid, NotAllowed
from ledger import accounts, kinds, statements
from redemption import checks, funds, goods, stock
from redemption.models import Fund, Goods, GoodsReceipt
from redemption.money import income, views
from redemption.shelf import batches
from tests import factories
from tests.ledger.vandal import vandal
from tests.redemption import shop
from tests.redemption.shop import Shop


def _refused(deed: Callable[..., object], *args: Any, **facts: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        deed(*args, **facts)
    return refused.value


def _fund(town: Shop, **facts: Any) -> Fund:
    return town.do(town.treasurer, funds.open_fund, **({"name": "Grant"} | facts))


def _income(town: Shop, fund: Fund, fen: int) -> object:
    facts = {"fund_id": fund.id, "fen": fen, "reason": "second instalment"}
    return town.do(town.treasurer, income.receive, **facts)


def _buy(town: Shop, kind: Goods, fund: Fund, **facts: Any) -> GoodsReceipt:
    wanted = {"goods_id": kind.id, "fund_id": fund.id, "quantity": 1} | facts
    return town.do(town.treasurer, stock.receive, **wanted)


def _food(town: Shop) -> Goods:
    return town.do(town.treasurer, goods.add, name="Rice", points=10, category="food")


def _batches(town: Shop, kind: Goods) -> list[batches.Batch]:
    actor = factories.actor_of(town.treasurer)
    return town.read(
        lambda session: batches.listed(session, actor=actor, goods_id=kind.id, limit=50)
    )


def _codes(town: Shop, session: Session) -> set[str]:
    return {one.code for one in checks.problems(session, town.community_id)}


def test_money_that_comes_in_can_be_spent(database: Database) -> None:
    town = shop.open_shop(database)
    rice, fund = _food(town), _fund(town)
    assert _refused(_buy, town, rice, fund, unit_cost_fen=300).code == "over_budget"
    _income(town, fund, 500)
    _income(town, fund, 250)
    _buy(town, rice, fund, quantity=2, unit_cost_fen=300)
    assert town.balance(accounts.fund_fen(fund.id)) == 150
    actor = factories.actor_of(town.treasurer)
    shown = town.read(lambda session: views.listed(session, actor=actor, limit=9))
    assert {one.name: one.fen for one in shown}["Grant"] == 150
    town.assert_clean()


def test_money_out_of_bounds_or_without_a_word_is_refused(database: Database) -> None:
    town = shop.open_shop(database)
    rice, fund = _food(town), _fund(town)
    wrong: list[dict[str, Any]] = [{"fen": 0}, {"fen": -1}, {"fen": 2**53}, {"reason": " "}]
    for facts in (*wrong, {"reason": "x" * 501}):
        told = {"fund_id": fund.id, "fen": 5, "reason": "why"} | facts
        with pytest.raises(Invalid):
            town.do(town.treasurer, income.receive, **told)
    for who in (town.manager, town.clerk):
        with pytest.raises(NotAllowed):
            town.do(who, income.receive, fund_id=fund.id, fen=5, reason="why")
    for money in (-1, 2**53):
        with pytest.raises(Invalid):
            _buy(town, rice, fund, total_fen=money)
    assert town.balance(accounts.fund_fen(fund.id)) == 0


def test_a_fund_buys_what_it_may_and_no_other_goods(database: Database) -> None:
    town = shop.open_shop(database)
    rice, soap = _food(town), town.goods(pieces=0)
    fund = _fund(town, fen=10_000, uses=["food", "school"])
    _buy(town, rice, fund, unit_cost_fen=100)
    refused = _refused(_buy, town, soap, fund, unit_cost_fen=100)
    assert refused.code == "use_not_allowed"
    assert refused.facts["allowed"] == ["food", "school"]
    # What is given costs the fund nothing.
    _buy(town, soap, fund, unit_cost_fen=100, donated=True)
    _buy(town, soap, fund)
    assert town.balance(accounts.fund_fen(fund.id)) == 9_900
    with pytest.raises(Invalid):
        _fund(town, name="Other", uses=["weapons"])
    town.assert_clean()


def test_a_fund_buys_until_its_last_day(database: Database) -> None:
    town = shop.open_shop(database)
    last = local_date(town.at, "Asia/Shanghai") + timedelta(days=1)
    rice, fund = _food(town), _fund(town, fen=1_000, ends_on=last)
    town.later(days=1)
    _buy(town, rice, fund, unit_cost_fen=100)
    town.later(days=1)
    assert _refused(_buy, town, rice, fund, unit_cost_fen=100).code == "fund_expired"
    assert town.shelf(rice) == (1, 0)


@pytest.mark.parametrize(
    ("quantity", "total", "found"),
    [(3, 100, [(1, 34), (2, 33)]), (4, 100, [(4, 25)]), (3, 2, [(2, 1), (1, 0)]), (2, 0, [(2, 0)])],
)
def test_a_remainder_is_one_fen_on_the_first_pieces(
    database: Database, quantity: int, total: int, found: list[tuple[int, int]]
) -> None:
    town = shop.open_shop(database)
    rice, fund = _food(town), _fund(town, fen=1_000)
    made = _buy(town, rice, fund, quantity=quantity, total_fen=total)
    assert (made.unit_cost_fen, made.total_fen) == (total // quantity, total)
    shown = [(one.quantity, one.unit_cost_fen) for one in reversed(_batches(town, rice))]
    assert shown == found
    assert town.balance(accounts.fund_fen(fund.id)) == 1_000 - total
    town.assert_clean()


def test_what_is_given_has_a_value_and_costs_nothing(database: Database) -> None:
    town = shop.open_shop(database)
    rice, fund = _food(town), _fund(town)
    made = _buy(town, rice, fund, quantity=4, total_fen=1_000, donated=True)
    assert made.kind == "donation"
    rows = town.read(lambda session: statements.trial_balance(session, town.community_id))
    balances = {row.code: row.credits - row.debits for row in rows}
    assert balances[accounts.contra("donated", kinds.FEN).code] == -1_000
    assert balances[accounts.contra("purchases", kinds.FEN).code] == 1_000
    assert [one.fund_id for one in _batches(town, rice)] == [fund.id]
    with pytest.raises(Invalid):
        _buy(town, rice, fund, total_fen=5, unit_cost_fen=5)
    town.assert_clean()


def test_the_database_refuses_what_a_fund_may_not_buy(database: Database) -> None:
    town = shop.open_shop(database)
    soap = town.goods(pieces=1)
    fund = _fund(town, fen=500, uses=["food"])

    def around(session: Session) -> None:
        first = session.query(GoodsReceipt).filter_by(community_id=town.community_id).one()
        row: dict[str, Any] = {"community_id": town.community_id, "id": ids.new()}
        row |= {
            "goods_id": soap.id,
            "fund_id": fund.id,
            "quantity": 1,
            "unit_cost_fen": 5,
            "total_fen": 5,
        }
        row |= {"kind": "purchase", "transfer_id": first.transfer_id, "received_at": town.at}
        session.execute(insert(GoodsReceipt), [row])

    assert _refused(town.write, around).code == "use_not_allowed"


FORGED = {
    "UPDATE goods_receipts SET total_fen = 601 WHERE quantity = 2": {
        "batches_differ",
        "money_differs",
    },
    "UPDATE goods_receipts SET best_before = '2030-01-01' WHERE quantity = 2": {"batches_differ"},
    "UPDATE fund_receipts SET fen = 9999": {"money_differs"},
    "DELETE FROM fund_receipts": {"money_differs", "receipt_missing"},
    "UPDATE fund_uses SET category = 'school'": {"use_not_allowed"},
    "UPDATE ledger_transfers SET source_type = 'nothing' WHERE source_type = 'fund_receipt'": {
        "receipt_missing"
    },
}


def test_forged_money_is_named(database: Database) -> None:
    town = shop.open_shop(database)
    rice, fund = _food(town), _fund(town, uses=["food"])
    _income(town, fund, 5_000)
    _buy(town, rice, fund, quantity=2, unit_cost_fen=300)
    with vandal(database) as owner:
        for forged, expected in FORGED.items():
            assert owner.run(forged) == 1, forged
            assert _codes(town, owner.session()) == expected, forged
            owner.undo()
