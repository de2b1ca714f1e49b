"""The proof of the books: clean books are clean, and each planted fault is found and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import ids, paging
from kit.db import Database
from kit.problems import Problem
from ledger import accounts, checks, statements
from ledger.accounts import Place
from ledger.drafts import Leg
from ledger.models import Account, Lot
from tests.ledger.books import Books, books
from tests.ledger.vandal import Vandal, vandal


@dataclass
class Scene:
    """Books in which everything occurs once: award, stock, hold, release, debt, repayment."""

    books: Books
    person_id: UUID
    award: UUID
    hold: UUID
    reversal: UUID
    receipt: UUID
    goods_id: UUID

    def account(self, place: Place) -> UUID:
        """The id of an account."""
        query = select(Account.id).where(
            Account.community_id == self.books.community_id, Account.code == place.code
        )
        found = self.books.read(lambda session: session.scalar(query))
        assert found is not None
        return found

    def problems(self) -> list[Problem]:
        """What the check finds."""
        found = checks.problems
        return self.books.read(lambda session: list(found(session, self.books.community_id)))


@pytest.fixture
def scene(database: Database) -> Scene:
    ours = books(database, budget=1000)
    person_id, other_id, goods_id = ids.new(), ids.new(), ids.new()
    award = ours.award(person_id, 100, minutes=180)
    receipt = ours.stock(goods_id, 5)
    hold = ours.record(
        ours.draft(
            "hold",
            "order:1:hold",
            Leg(accounts.wallet(person_id), accounts.held(person_id), 40),
            Leg(accounts.shelf(goods_id), accounts.set_aside(goods_id), 2),
        )
    )[0]
    second = ours.award(other_id, 50)
    released = ours.hold(other_id, 20)
    ours.release(other_id, 20, released)
    ours.hold(other_id, 30)
    reversal = ours.reverse(second)
    ours.award(other_id, 10)
    return Scene(ours, person_id, award, hold, reversal, receipt, goods_id)


def test_the_scene_is_clean(scene: Scene) -> None:
    assert scene.problems() == []


def test_clean_over_many_pages(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    assert scene.problems() == []
    with vandal(scene.books.database) as owner:
        owner.run("DELETE FROM ledger_transfers WHERE id = :id", id=scene.hold)
    assert "posting_without_transfer" in {problem.code for problem in scene.problems()}


def _wallet(scene: Scene) -> UUID:
    return scene.account(accounts.wallet(scene.person_id))


@dataclass
class Fault:
    """SQL to plant, the values it names, and the codes that must be among the findings."""

    sql: str
    codes: tuple[str, ...]
    values: dict[str, Callable[[Scene], object]]


def _fault(sql: str, *codes: str, **values: Callable[[Scene], object]) -> Fault:
    return Fault(sql, codes, values)


ONE = " WHERE transfer_id = :id AND line = 0"
AWARD = {"id": lambda scene: scene.award}
WALLET = {"id": _wallet}

FAULTS = [
    _fault("UPDATE ledger_transfers SET leaf = :leaf WHERE id = :id", "transfer_leaf_wrong",
           "unsealed_leaf_wrong", leaf=lambda _s: bytes(32), **AWARD),
    _fault("UPDATE ledger_transfers SET leaf = :leaf WHERE id = :id", "transfer_leaf_wrong",
           leaf=lambda _s: b"", **AWARD),
    _fault("UPDATE ledger_transfers SET actor_id = NULL WHERE id = :id", "transfer_leaf_wrong",
           **AWARD),
    _fault("UPDATE ledger_transfers SET effective_on = '2020-01-01' WHERE id = :id",
           "transfer_leaf_wrong", **AWARD),
    _fault("UPDATE ledger_transfers SET natural_key = 'other' WHERE id = :id",
           "transfer_leaf_wrong", **AWARD),
    _fault("UPDATE ledger_transfers SET request_id = source_id WHERE id = :id",
           "request_without_entry", "transfer_leaf_wrong", **AWARD),
    _fault("UPDATE ledger_transfers SET reverses_id = :id WHERE kind = 'reversal'",
           "reversal_not_mirrored", **AWARD),
    _fault("UPDATE ledger_transfers SET reverses_id = source_id WHERE kind = 'reversal'",
           "reversal_of_nothing"),
    _fault("DELETE FROM audit_unsealed WHERE subject_id = :id", "unsealed_leaf_missing", **AWARD),
    _fault("DELETE FROM ledger_postings WHERE transfer_id = :id", "transfer_without_postings",
           "balance_wrong", "lot_without_posting", **AWARD),
    _fault("DELETE FROM ledger_transfers WHERE id = :id", "posting_without_transfer",
           "unsealed_without_transfer", **AWARD),
    _fault("DELETE FROM ledger_transfers", "posting_without_transfer"),
    _fault("UPDATE ledger_postings SET amount = amount + 1" + ONE, "transfer_leaf_wrong",
           "balance_wrong", "posting_not_in_lots", **AWARD),
    _fault("UPDATE ledger_postings SET amount = -amount" + ONE, "amount_not_positive", **AWARD),
    _fault("UPDATE ledger_postings SET commodity = 'fen'" + ONE, "commodity_wrong", **AWARD),
    _fault("UPDATE ledger_postings SET debit_account_id = credit_account_id" + ONE,
           "posting_to_itself", "trial_balance_not_zero|balance_wrong", **AWARD),
    _fault("UPDATE ledger_postings SET credit_account_id = transfer_id" + ONE,
           "posting_without_account", "trial_balance_not_zero", **AWARD),
    _fault("UPDATE ledger_postings SET amount = amount + 1 WHERE transfer_id = :id",
           "reversal_not_mirrored", id=lambda scene: scene.reversal),
    _fault("UPDATE ledger_balances SET balance = balance + 1 WHERE account_id = :id",
           "balance_wrong", "lots_differ_from_balance", **WALLET),
    _fault("UPDATE ledger_balances SET balance = -1 WHERE account_id = :id",
           "balance_below_floor", **WALLET),
    _fault("UPDATE ledger_balances SET floor = -100 WHERE account_id = :id",
           "balance_floor_wrong", **WALLET),
    _fault("DELETE FROM ledger_balances WHERE account_id = :id", "balance_missing", **WALLET),
    _fault("DELETE FROM ledger_accounts WHERE id = :id", "balance_without_account",
           "posting_without_account", **WALLET),
    _fault("UPDATE ledger_accounts SET floor = NULL WHERE id = :id", "account_floor_wrong",
           "balance_not_wanted", **WALLET),
    _fault("UPDATE ledger_accounts SET commodity = 'fen' WHERE id = :id", "account_code_wrong",
           "commodity_wrong", "trial_balance_not_zero", **WALLET),
    _fault("UPDATE ledger_accounts SET owner_id = community_id, code = :code WHERE id = :id",
           "transfer_leaf_wrong", code=lambda s: accounts.wallet(s.books.community_id).code,
           **WALLET),
    _fault("UPDATE ledger_balances SET balance = 5 WHERE floor < 0", "owed_above_zero"),
    _fault("UPDATE ledger_lots SET remaining = remaining - 1 WHERE account_id = :id",
           "lot_remaining_wrong", "lots_differ_from_balance", **WALLET),
    _fault("UPDATE ledger_lots SET original = original + 1 WHERE account_id = :id",
           "lot_remaining_wrong", "posting_not_in_lots", **WALLET),
    _fault("UPDATE ledger_lots SET expires_on = '2030-01-01' WHERE account_id = :id",
           "transfer_leaf_wrong", **WALLET),
    _fault("UPDATE ledger_lots SET unit_cost_fen = 1 WHERE unit_cost_fen = 250",
           "transfer_leaf_wrong"),
    _fault("UPDATE ledger_lots SET fund_id = NULL WHERE account_id = :id", "lot_fund_wrong",
           **WALLET),
    _fault("DELETE FROM ledger_lots WHERE account_id = :id", "posting_not_in_lots",
           "use_without_lot", **WALLET),
    _fault("UPDATE ledger_lots SET account_id = :to WHERE account_id = :id",
           "posting_not_in_lots", "lots_of_other_account", **WALLET,
           to=lambda scene: scene.account(accounts.held(scene.person_id))),
    _fault("DELETE FROM ledger_lot_uses WHERE transfer_id = :id", "posting_not_in_lots",
           "lot_remaining_wrong", id=lambda scene: scene.hold),
    _fault("UPDATE ledger_lot_uses SET taken = taken + 1 WHERE transfer_id = :id",
           "posting_not_in_lots", "lot_remaining_wrong", id=lambda scene: scene.hold),
    _fault("UPDATE ledger_lot_uses SET line = line + 7 WHERE transfer_id = :id",
           "use_without_posting", id=lambda scene: scene.hold),
    _fault("DELETE FROM audit_entries", "request_without_entry"),
]  # fmt: skip


def test_each_planted_fault_is_named(scene: Scene, subtests: pytest.Subtests) -> None:
    assert len(FAULTS) >= 38
    with vandal(scene.books.database) as owner:
        for fault in FAULTS:
            with subtests.test(fault.sql):
                facts = {name: value(scene) for name, value in fault.values.items()}
                assert owner.run(fault.sql, **facts) > 0
                with owner.session() as session:
                    told = list(checks.problems(session, scene.books.community_id))
                owner.undo()
                found = {problem.code for problem in told}
                missing = [code for code in fault.codes if not found & set(code.split("|"))]
                assert not missing, f"{missing} not among {found}"


def test_a_wrong_balance_is_told_with_its_account(scene: Scene) -> None:
    wallet_id = _wallet(scene)
    with vandal(scene.books.database) as owner:
        owner.run("UPDATE ledger_balances SET balance = 99 WHERE account_id = :id", id=wallet_id)
    place = accounts.wallet(scene.person_id)
    wrong = [problem for problem in scene.problems() if problem.code == "balance_wrong"]
    assert [problem.subject for problem in wrong] == [f"account:{place.code}"]
    assert wrong[0].facts == {"account_id": str(wallet_id), "balance": 99, "postings": 60}


def test_all_problems_are_listed_not_the_first(scene: Scene) -> None:
    with vandal(scene.books.database) as owner:
        owner.run("UPDATE ledger_balances SET balance = balance + 1")
    wrong = [problem for problem in scene.problems() if problem.code == "balance_wrong"]
    guarded = scene.books.read(
        lambda s: [
            account
            for account in statements.accounts_page(s, scene.books.community_id, 100)
            if account.floor is not None
        ]
    )
    assert len(wrong) == len(guarded) > 5


def test_a_key_twice_is_found_where_the_index_is_gone(scene: Scene) -> None:
    with vandal(scene.books.database) as owner:
        _without_unique_keys(owner, scene.books.database)
        owner.run("UPDATE ledger_transfers SET natural_key = 'one'")
    assert "natural_key_twice" in {problem.code for problem in scene.problems()}


def _without_unique_keys(owner: Vandal, database: Database) -> None:
    if database.dialect == "postgresql":
        owner.run("ALTER TABLE ledger_transfers DROP CONSTRAINT uq_ledger_transfers_natural_key")
        return
    # SQLite cannot drop a constraint; a copy of the table without any stands in its place.
    owner.run("CREATE TABLE copied AS SELECT * FROM ledger_transfers")
    owner.run("DROP TABLE ledger_transfers")
    owner.run("ALTER TABLE copied RENAME TO ledger_transfers")


def test_a_late_posting_is_found(scene: Scene) -> None:
    with vandal(scene.books.database) as owner:
        owner.run(
            "INSERT INTO ledger_postings (community_id, transfer_id, line, debit_account_id,"
            " credit_account_id, commodity, amount)"
            " SELECT community_id, transfer_id, 9, debit_account_id, credit_account_id, commodity,"
            f" 7 FROM ledger_postings{ONE}",
            id=scene.award,
        )
    found = {problem.code for problem in scene.problems()}
    assert {"transfer_leaf_wrong", "balance_wrong", "posting_not_in_lots"} <= found


def test_another_communitys_fault_is_not_ours(scene: Scene) -> None:
    theirs = books(scene.books.database)
    theirs.award(ids.new(), 10)
    with vandal(scene.books.database) as owner:
        owner.run(
            "UPDATE ledger_lots SET remaining = 3 WHERE community_id = :c", c=theirs.community_id
        )
    assert scene.problems() == []
    found = theirs.read(lambda session: list(checks.problems(session, theirs.community_id)))
    assert {problem.code for problem in found} == {
        "lot_remaining_wrong",
        "lots_differ_from_balance",
    }
    lots = theirs.read(
        lambda s: s.scalars(select(Lot).where(Lot.community_id == theirs.community_id)).all()
    )
    assert found[0].subject == f"lot:{lots[0].id}"
