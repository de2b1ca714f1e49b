"""The proof of the debts: what reversals left, less what credits repaid, is what is owed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from kit import ids
from kit.db import Database
from kit.problems import Problem
from ledger import accounts, checks
from tests.ledger.books import Books, books
from tests.ledger.vandal import Vandal, vandal


@dataclass
class Debtor:
    """Who had 50, spent 30 and lost the 50: owed 30, and then repaid 10."""

    books: Books
    person_id: UUID
    reversal: UUID
    repaid: UUID

    @property
    def owed(self) -> str:
        """The subject under which a debt is named."""
        return f"account:{accounts.owed(self.person_id).code}"


@pytest.fixture
def debtor(database: Database) -> Debtor:
    ours, person_id = books(database, budget=1000), ids.new()
    award = ours.award(person_id, 50)
    ours.hold(person_id, 30)
    reversal = ours.reverse(award)
    return Debtor(ours, person_id, reversal, ours.award(person_id, 10))


def _debts(debtor: Debtor, owner: Vandal) -> list[Problem]:
    with owner.session() as session:
        told = checks.problems(session, debtor.books.community_id)
        return [one for one in told if one.code == "debt_differs"]


def test_an_honest_debt_is_clean(debtor: Debtor) -> None:
    assert debtor.books.balance(accounts.owed(debtor.person_id)) == -20
    ours = debtor.books
    assert ours.read(lambda s: list(checks.problems(s, ours.community_id))) == []


def test_a_debt_that_was_repaid_and_made_anew_is_clean(debtor: Debtor) -> None:
    ours, person_id = debtor.books, debtor.person_id
    last = ours.award(person_id, 35)
    assert ours.balance(accounts.owed(person_id)) == 0
    ours.reverse(last)
    assert ours.balance(accounts.owed(person_id)) == -20
    assert ours.read(lambda s: list(checks.problems(s, ours.community_id))) == []


OWED = "(SELECT id FROM ledger_accounts WHERE kind = 'owed')"
FORGED = [
    # Less of a debt than the reversal left, more than was repaid, and a debt out of nothing.
    (f"UPDATE ledger_postings SET amount = 1 WHERE debit_account_id = {OWED}",
     {"left": 30, "repaid": 10, "owed": -9}),
    ("UPDATE ledger_lot_uses SET taken = 5 WHERE transfer_id = :reversal",
     {"left": 45, "repaid": 10, "owed": 20}),
    ("DELETE FROM ledger_lot_uses WHERE transfer_id = :reversal",
     {"left": 50, "repaid": 10, "owed": 20}),
    ("DELETE FROM ledger_postings WHERE transfer_id = :repaid",
     {"left": 30, "repaid": 0, "owed": 30}),
    ("UPDATE ledger_transfers SET kind = 'award', reverses_id = NULL WHERE id = :reversal",
     {"left": 0, "repaid": -20, "owed": 20}),
]  # fmt: skip


def test_each_forged_row_is_named(debtor: Debtor, subtests: pytest.Subtests) -> None:
    named = {"reversal": debtor.reversal, "repaid": debtor.repaid}
    with vandal(debtor.books.database) as owner:
        for statement, wanted in FORGED:
            with subtests.test(statement):
                facts = {name: one for name, one in named.items() if f":{name}" in statement}
                assert owner.run(statement, **facts) > 0
                found = _debts(debtor, owner)
                owner.undo()
                if wanted["left"] - wanted["repaid"] == wanted["owed"]:
                    assert found == []
                else:
                    assert [(one.subject, one.facts) for one in found] == [(debtor.owed, wanted)]


def test_points_that_were_turned_into_a_repayment_are_named(debtor: Debtor) -> None:
    """The posting of an award is bent from a wallet to the owed account; its lot stays."""
    stranger = ids.new()
    made = debtor.books.award(stranger, 10)
    place = accounts.owed(stranger)
    with vandal(debtor.books.database) as owner:
        owner.run(
            "UPDATE ledger_postings SET credit_account_id ="
            " (SELECT id FROM ledger_accounts WHERE code = :code) WHERE transfer_id = :made",
            code=place.code,
            made=made,
        )
        found = {one.subject: one.facts for one in _debts(debtor, owner)}
        owner.undo()
    assert found == {f"account:{place.code}": {"left": 0, "repaid": 0, "owed": -10}}
