"""The proof of the budgets: what was granted, issued and taken back is what is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kit.clock import local_date
from kit.db import Database
from ledger import accounts, transfers
from ledger.drafts import Draft, Leg
from redemption import budget_checks, funds
from tests import factories
from tests.ledger.vandal import Vandal, vandal
from tests.redemption import shop
from tests.redemption.shop import Shop


@pytest.fixture
def town(database: Database) -> Shop:
    """A fund of 500 points that issued 120 and 30 and got the 30 back, beside one without bound."""
    made = shop.open_shop(database)
    fund = made.do(made.treasurer, funds.open_fund, name="Grant", points_budget=500)
    made.extra["fund"] = fund.id
    person = made.person(40)
    made.write(lambda session: _award(made, session, fund.id, person.id, 120))
    undone = made.write(lambda session: _award(made, session, fund.id, person.id, 30))
    made.write(lambda session: made.reverse(session, undone))
    return made


def _award(town: Shop, session: Session, fund_id: UUID, person_id: UUID, points: int) -> UUID:
    draft = Draft(
        kind="award",
        key=f"award:{points}",
        legs=(Leg(accounts.fund_points(fund_id), accounts.wallet(person_id), points),),
        effective_on=local_date(town.at, "Asia/Shanghai"),
        source=("test", fund_id),
        fund_id=fund_id,
    )
    actor = factories.actor_of(town.treasurer)
    return transfers.record(session, actor=actor, draft=draft, at=town.at)


@pytest.fixture
def owner(town: Shop) -> Iterator[Vandal]:
    with vandal(town.database) as made:
        yield made


def _found(town: Shop, owner: Vandal) -> dict[str, dict[str, Any]]:
    with owner.session() as session:
        told = list(budget_checks.problems(session, town.community_id))
    return {f"{one.code} {one.subject}": one.facts for one in told}


def test_an_honest_budget_is_clean(town: Shop) -> None:
    assert town.balance(accounts.fund_points(town.extra["fund"])) == 380
    found = town.read(lambda s: list(budget_checks.problems(s, town.community_id)))
    assert found == []


OF_FUND = "FROM ledger_accounts WHERE kind = 'fund_points' AND owner_id = :fund"
PAID = f"debit_account_id = (SELECT id {OF_FUND}) AND amount = 120"
FORGED = [
    ("UPDATE funds SET points_budget = 9000 WHERE id = :fund", {"budget_not_granted"}),
    ("UPDATE funds SET points_budget = NULL WHERE id = :fund",
     {"budget_not_granted", "budget_differs"}),
    (f"UPDATE ledger_balances SET balance = 9000 WHERE account_id = (SELECT id {OF_FUND})",
     {"budget_differs"}),
    (f"DELETE FROM ledger_balances WHERE account_id = (SELECT id {OF_FUND})", {"budget_differs"}),
    (f"UPDATE ledger_postings SET amount = 20 WHERE {PAID}", {"budget_differs"}),
    ("UPDATE ledger_transfers SET fund_id = source_id WHERE kind = 'award' AND fund_id <> :fund",
     set()),
    ("UPDATE ledger_transfers SET fund_id = :fund WHERE kind = 'award'", {"budget_differs"}),
    ("UPDATE ledger_transfers SET kind = 'award' WHERE kind = 'reversal'", {"budget_differs"}),
]  # fmt: skip


def test_each_forged_row_is_named(town: Shop, owner: Vandal, subtests: pytest.Subtests) -> None:
    fund_id = town.extra["fund"]
    for statement, codes in FORGED:
        with subtests.test(statement):
            facts = {"fund": fund_id} if ":fund" in statement else {}
            assert owner.run(statement, **facts) > 0
            found = _found(town, owner)
            owner.undo()
            assert found.keys() == {f"{code} fund:{fund_id}" for code in codes}


def test_the_figures_are_told(town: Shop, owner: Vandal) -> None:
    fund_id = town.extra["fund"]
    owner.run(f"UPDATE ledger_postings SET amount = 20 WHERE {PAID}", fund=fund_id)
    assert _found(town, owner)[f"budget_differs fund:{fund_id}"] == {
        "budget": 500, "granted": 500, "issued": 50, "returned": 30, "balance": 380,
    }  # fmt: skip


def test_points_of_no_fund_are_named(town: Shop, owner: Vandal) -> None:
    fund_id = town.extra["fund"]
    owner.run("DELETE FROM funds WHERE id = :fund", fund=fund_id)
    place = accounts.fund_points(fund_id)
    assert _found(town, owner).keys() == {f"fund_missing account:{place.code}"}
