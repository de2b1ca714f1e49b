"""Recording transfers: balances, natural keys, floors, budgets, debts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from kit import ids
from kit.db import Database
from kit.errors import DomainError
from kit.types import AMOUNT_MAX
from ledger import accounts, statements
from ledger.accounts import Place
from ledger.drafts import Leg
from ledger.models import Account, Posting, Transfer
from tests.ledger.books import AT, Books, books


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


def _count(ours: Books, model: type[Transfer] | type[Posting] | type[Account]) -> int:
    found = ours.read(
        lambda session: session.scalar(
            select(func.count()).select_from(model).where(model.community_id == ours.community_id)
        )
    )
    return int(found or 0)


def test_an_award_brings_points_and_minutes(ours: Books) -> None:
    person_id = ids.new()
    ours.award(person_id, 30, minutes=180)
    wallet = ours.read(lambda s: statements.wallet(s, ours.community_id, person_id, AT))
    assert (wallet.available, wallet.minutes, wallet.held, wallet.owed) == (30, 180, 0, 0)
    assert (wallet.pending, wallet.next_expiry) == (0, None)


def test_the_same_natural_key_counts_once(ours: Books) -> None:
    person_id = ids.new()
    first = ours.award(person_id, 30, key="attendance:1:award")
    second = ours.award(person_id, 30, key="attendance:1:award")
    assert first == second
    assert ours.balance(accounts.wallet(person_id)) == 30
    assert _count(ours, Posting) == 1


def test_the_same_key_twice_in_one_batch_counts_once(ours: Books) -> None:
    person_id = ids.new()
    leg = Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), 5)
    draft = ours.draft("award", "twice", leg)
    first, second = ours.record(draft, draft)
    assert first == second
    assert ours.balance(accounts.wallet(person_id)) == 5


def test_keys_of_two_communities_do_not_meet(ours: Books) -> None:
    theirs, person_id = books(ours.database), ids.new()
    assert ours.award(person_id, 10, key="k") != theirs.award(person_id, 10, key="k")
    assert ours.balance(accounts.wallet(person_id)) == 10


def test_a_wallet_refuses_to_go_below_zero_and_nothing_is_left(ours: Books) -> None:
    person_id = ids.new()
    ours.award(person_id, 30)
    before = [_count(ours, model) for model in (Transfer, Posting, Account)]
    with pytest.raises(DomainError) as refused:
        ours.hold(person_id, 31)
    assert refused.value.code == "insufficient_points"
    assert refused.value.facts == {"available": 30, "needed": 31, "short": 1}
    assert [_count(ours, model) for model in (Transfer, Posting, Account)] == before
    assert ours.balance(accounts.wallet(person_id)) == 30


def test_a_balance_refuses_to_rise_above_the_largest_amount(ours: Books) -> None:
    goods_id, person_id = ids.new(), ids.new()
    ours.stock(goods_id, AMOUNT_MAX - 1)
    ours.stock(goods_id, 1)
    with pytest.raises(DomainError) as refused:
        ours.stock(goods_id, 1)
    assert refused.value.code == "too_much"
    assert ours.balance(accounts.shelf(goods_id)) == AMOUNT_MAX
    legs = [Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), AMOUNT_MAX)] * 3
    with pytest.raises(DomainError) as refused:
        ours.record(*(ours.draft("award", f"big:{n}", leg) for n, leg in enumerate(legs)))
    assert refused.value.code == "too_much"
    assert ours.balance(accounts.wallet(person_id)) == 0


def test_a_shelf_refuses_to_be_oversold(ours: Books) -> None:
    goods_id = ids.new()
    ours.stock(goods_id, 2)
    leg = Leg(accounts.shelf(goods_id), accounts.set_aside(goods_id), 3)
    with pytest.raises(DomainError) as refused:
        ours.record(ours.draft("hold", "o", leg))
    assert refused.value.code == "out_of_stock"


def test_a_budget_refuses_the_whole_batch(database: Database) -> None:
    ours = books(database, budget=100)
    people = [ids.new() for _ in range(3)]
    fund = accounts.fund_points(ours.fund_id)
    drafts = [
        ours.draft("award", f"a{number}", Leg(fund, accounts.wallet(person_id), 40))
        for number, person_id in enumerate(people)
    ]
    with pytest.raises(DomainError) as refused:
        ours.record(*drafts)
    assert refused.value.code == "over_budget"
    assert [ours.balance(accounts.wallet(person_id)) for person_id in people] == [0, 0, 0]
    ours.record(*drafts[:2])
    assert ours.balance(fund) == 20


def test_a_fund_without_budget_is_issued_without_bound(ours: Books) -> None:
    ours.award(ids.new(), 2**50)
    fund = accounts.fund_points(ours.fund_id)
    found = ours.read(lambda s: statements.balance_of(s, ours.community_id, fund))
    assert found == -(2**50)


def test_an_amount_is_a_positive_integer() -> None:
    here, there = accounts.wallet(ids.new()), accounts.held(ids.new())
    for amount in (0, -1, True, 2**53, 1.0):
        with pytest.raises(AssertionError):
            Leg(here, there, amount)  # type: ignore[arg-type] # the fault that is tested


def test_a_posting_has_one_commodity() -> None:
    with pytest.raises(AssertionError):
        Leg(accounts.wallet(ids.new()), accounts.hours(ids.new()), 1)


def test_only_its_own_room_opens_a_fund(ours: Books) -> None:
    stranger = accounts.fund_points(ids.new())
    with pytest.raises(AssertionError, match="opened by its own room"):
        ours.record(ours.draft("award", "x", Leg(stranger, accounts.wallet(ids.new()), 1)))


def test_an_unknown_kind_of_account_is_our_mistake(ours: Books) -> None:
    with pytest.raises(AssertionError, match="not a kind"):
        ours.record(
            ours.draft(
                "award", "x", Leg(Place("purse", None, "points"), accounts.wallet(ids.new()), 1)
            )
        )
