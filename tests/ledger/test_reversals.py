"""Undoing a transfer: once, linked, and what was spent meanwhile becomes a debt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kit import ids
from kit.db import Database
from kit.errors import DomainError
from ledger import accounts, checks, statements
from ledger.drafts import Leg
from tests.ledger.books import AT, Books, books


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


def _clean(ours: Books) -> bool:
    return not ours.read(lambda session: list(checks.problems(session, ours.community_id)))


def test_a_reversal_is_linked_and_takes_all_back(ours: Books) -> None:
    person_id = ids.new()
    award = ours.award(person_id, 30, minutes=180)
    made = ours.reverse(award)
    wallet = ours.read(lambda s: statements.wallet(s, ours.community_id, person_id, AT))
    assert (wallet.available, wallet.minutes, wallet.owed) == (0, 0, 0)
    first = ours.read(lambda s: statements.transfer(s, ours.community_id, award))
    second = ours.read(lambda s: statements.transfer(s, ours.community_id, made))
    assert (first.reversed_by_id, second.reverses_id, second.kind) == (made, award, "reversal")
    assert _clean(ours)


def test_what_was_spent_becomes_a_debt_and_later_credits_repay_it_first(ours: Books) -> None:
    person_id = ids.new()
    award = ours.award(person_id, 100, minutes=60)
    ours.hold(person_id, 70)
    ours.reverse(award)
    wallet = ours.read(lambda s: statements.wallet(s, ours.community_id, person_id, AT))
    assert (wallet.available, wallet.owed, wallet.minutes) == (0, 70, 0)

    ours.award(person_id, 50)
    assert ours.balance(accounts.wallet(person_id)) == 0
    assert ours.balance(accounts.owed(person_id)) == -20

    repaying = ours.award(person_id, 50)
    assert ours.balance(accounts.wallet(person_id)) == 30
    assert ours.balance(accounts.owed(person_id)) == 0

    ours.reverse(repaying)
    assert ours.balance(accounts.wallet(person_id)) == 0
    assert ours.balance(accounts.owed(person_id)) == -20
    assert _clean(ours)


def test_two_awards_of_one_call_repay_a_debt_once(ours: Books) -> None:
    person_id = ids.new()
    award = ours.award(person_id, 40)
    ours.hold(person_id, 40)
    ours.reverse(award)
    legs = Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), 30)
    ours.record(*(ours.draft("award", f"award:{turn}", legs) for turn in ("first", "second")))
    assert ours.balance(accounts.owed(person_id)) == 0
    assert ours.balance(accounts.wallet(person_id)) == 20
    assert _clean(ours)


def test_a_release_gives_its_lots_back_and_repays_from_them(ours: Books) -> None:
    person_id = ids.new()
    award = ours.award(person_id, 100)
    hold = ours.hold(person_id, 70)
    ours.reverse(award)
    assert ours.balance(accounts.owed(person_id)) == -70
    ours.release(person_id, 70, hold)
    assert ours.balance(accounts.wallet(person_id)) == 0
    assert ours.balance(accounts.owed(person_id)) == 0
    assert ours.balance(accounts.held(person_id)) == 0
    assert _clean(ours)


def test_a_reversal_takes_back_the_lots_of_what_it_undoes_first(ours: Books) -> None:
    person_id = ids.new()
    ours.award(person_id, 10)
    second = ours.award(person_id, 10)
    made = ours.reverse(second)
    from ledger import lots
    from ledger.models import Lot

    uses = ours.read(lambda s: lots.uses_of(s, ours.community_id, made))
    assert [taken for _lot, taken in uses] == [10]
    lot = ours.read(lambda s: s.get(Lot, (ours.community_id, uses[0][0])))
    assert lot is not None
    assert lot.transfer_id == second


def test_a_transfer_is_reversed_once(ours: Books) -> None:
    award = ours.award(ids.new(), 10)
    ours.reverse(award)
    with pytest.raises(DomainError) as refused:
        ours.reverse(award)
    assert refused.value.code == "already_reversed"


def test_two_reversals_at_once_are_one(ours: Books) -> None:
    person_id = ids.new()
    award = ours.award(person_id, 10)

    def reverse(_number: int) -> str:
        try:
            ours.reverse(award)
        except DomainError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(reverse, range(8)))
    assert outcomes == ["already_reversed"] * 7 + ["done"]
    assert ours.balance(accounts.wallet(person_id)) == 0
    assert ours.balance(accounts.owed(person_id)) == 0
    assert _clean(ours)


def test_what_an_order_made_is_undone_by_the_order(ours: Books) -> None:
    person_id = ids.new()
    ours.award(person_id, 10)
    hold = ours.hold(person_id, 5)
    with pytest.raises(DomainError) as refused:
        ours.reverse(hold)
    assert refused.value.code == "reverse_at_source"


def test_a_reversal_is_not_reversed(ours: Books) -> None:
    made = ours.reverse(ours.award(ids.new(), 10))
    with pytest.raises(DomainError) as refused:
        ours.reverse(made)
    assert refused.value.code == "reverse_at_source"


def test_another_communitys_transfer_is_not_found(ours: Books) -> None:
    theirs = books(ours.database)
    award = theirs.award(ids.new(), 10)
    with pytest.raises(DomainError) as refused:
        ours.reverse(award)
    assert refused.value.code == "not_found"


def test_a_grant_that_was_spent_cannot_be_taken_back(database: Database) -> None:
    ours = books(database, budget=100)
    ours.award(ids.new(), 60)
    opening = ours.read(
        lambda s: statements.transfers_page(s, ours.community_id, 10, kind="opening")
    )[0]
    with pytest.raises(DomainError) as refused:
        ours.reverse(opening.id)
    assert refused.value.code == "over_budget"
