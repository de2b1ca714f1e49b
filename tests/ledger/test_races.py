"""Races on one wallet, one budget, one key: what the rows allow happens, and no more."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from kit import ids
from kit.db import Database
from kit.errors import DomainError
from ledger import accounts, checks
from ledger.drafts import Leg
from tests.ledger.books import Books, books

# The proof ``one_balance`` asks for as many as the issue, over HTTP.
CLIENTS, SPENDS, BALANCE, PRICE = 50, 8, 100, 10


def _at_once(clients: int, work: Callable[[int], None]) -> None:
    """Run ``work`` in so many threads that start together; the first failure is raised."""
    start, failures = threading.Barrier(clients), []

    def client(number: int) -> None:
        start.wait(30)
        try:
            work(number)
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _outcome(deed: Callable[[], object]) -> str:
    try:
        deed()
    except DomainError as refusal:
        return refusal.code
    return "done"


def _clean(ours: Books) -> bool:
    return ours.read(lambda session: list(checks.problems(session, ours.community_id))) == []


def test_fifty_clients_spend_a_balance_exactly(database: Database) -> None:
    ours, person_id = books(database), ids.new()
    for _ in range(BALANCE // 25):
        ours.award(person_id, 25)
    outcomes: list[str] = []

    def client(number: int) -> None:
        for spend in range(SPENDS):
            key = f"spend:{number}:{spend}"
            outcomes.append(_outcome(lambda key=key: ours.hold(person_id, PRICE, key)))  # type: ignore[misc] # bound at once

    _at_once(CLIENTS, client)
    assert Counter(outcomes) == {
        "done": BALANCE // PRICE,
        "insufficient_points": CLIENTS * SPENDS - BALANCE // PRICE,
    }
    assert ours.balance(accounts.wallet(person_id)) == 0
    assert ours.balance(accounts.held(person_id)) == BALANCE
    assert _clean(ours)


def test_one_key_from_many_clients_counts_once(database: Database) -> None:
    ours, person_id = books(database), ids.new()
    made: list[object] = []
    _at_once(20, lambda _number: made.append(ours.award(person_id, 30, key="attendance:1:award")))
    assert len(set(made)) == 1
    assert ours.balance(accounts.wallet(person_id)) == 30
    assert _clean(ours)


def test_a_budget_is_never_overdrawn(database: Database) -> None:
    ours = books(database, budget=70)
    outcomes: list[str] = []
    _at_once(20, lambda _number: outcomes.append(_outcome(lambda: ours.award(ids.new(), 10))))
    assert Counter(outcomes) == {"done": 7, "over_budget": 13}
    assert _clean(ours)


def test_crossing_transfers_do_not_block_each_other_for_ever(database: Database) -> None:
    ours, people = books(database), [ids.new() for _ in range(4)]
    fund = accounts.fund_points(ours.fund_id)

    def client(number: int) -> None:
        for turn in range(5):
            order = people[number % 4 :] + people[: number % 4]
            drafts = [
                ours.draft(
                    "award", f"{number}:{turn}:{person}", Leg(fund, accounts.wallet(person), 1)
                )
                for person in order
            ]
            ours.record(*drafts)

    _at_once(8, client)
    assert [ours.balance(accounts.wallet(person)) for person in people] == [40] * 4
    assert _clean(ours)


@pytest.mark.parametrize("turn", range(3))
def test_a_reversal_and_a_spend_meet(database: Database, turn: int) -> None:
    ours, person_id = books(database), ids.new()
    award = ours.award(person_id, 10)

    def client(number: int) -> None:
        if number == 0:
            ours.reverse(award)
        elif number == 1:
            _outcome(lambda: ours.hold(person_id, 10))
        else:
            ours.award(person_id, 3)

    _at_once(4, client)
    wallet = ours.balance(accounts.wallet(person_id))
    held = ours.balance(accounts.held(person_id))
    owed = -ours.balance(accounts.owed(person_id))
    assert wallet + held - owed == 6
    assert wallet == 0 or owed == 0
    assert turn < 3
    assert _clean(ours)
