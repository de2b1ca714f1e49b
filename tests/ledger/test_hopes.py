"""A credit that does not look first comes to the same as one that does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from ledger import accounts, checks, transfers
from ledger.drafts import Leg
from tests.ledger.books import AT, Books, books


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


@contextmanager
def _sent(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    texts: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        texts.append(text)

    event.listen(database.engine, "before_cursor_execute", note)
    yield texts
    event.remove(database.engine, "before_cursor_execute", note)


def _looks(texts: list[str]) -> int:
    return sum("ledger_books" in text for text in texts)


def test_only_the_first_credit_looks(ours: Books) -> None:
    person_id = ids.new()
    with _sent(ours.database) as first:
        ours.award(person_id, 30, minutes=180)
    ours.award(person_id, 30, minutes=180)
    with _sent(ours.database) as later:
        ours.award(person_id, 30, minutes=180)
    assert _looks(first) > 0
    assert _looks(later) == 0
    assert ours.balance(accounts.wallet(person_id)) == 90
    assert ours.balance(accounts.hours(person_id)) == 540
    assert not ours.read(lambda session: list(checks.problems(session, ours.community_id)))


def test_accounts_of_a_unit_that_was_given_up_are_not_known(ours: Books) -> None:
    person_id = ids.new()
    leg = Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), 30)

    def given_up(session: Session) -> None:
        draft = ours.draft("award", "award:first", leg)
        transfers.record(session, actor=ours.actor(), draft=draft, at=AT)
        raise RuntimeError("given up")

    with pytest.raises(RuntimeError, match="given up"):
        ours.write(given_up)
    ours.award(person_id, 30)
    assert ours.balance(accounts.wallet(person_id)) == 30


def test_a_debt_that_came_up_meanwhile_is_repaid_first(ours: Books) -> None:
    person_id = ids.new()
    first = ours.award(person_id, 40)
    ours.award(person_id, 10)
    ours.hold(person_id, 50)
    ours.reverse(first)
    with _sent(ours.database) as texts:
        ours.award(person_id, 70)
    assert _looks(texts) > 0
    assert ours.balance(accounts.owed(person_id)) == 0
    assert ours.balance(accounts.wallet(person_id)) == 30


def test_two_credits_of_one_unit_to_one_wallet_both_count(ours: Books) -> None:
    person_id = ids.new()
    ours.award(person_id, 1)
    leg = Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), 30)

    def both(session: Session) -> None:
        for key in ("award:a", "award:b"):
            draft = ours.draft("award", key, leg)
            transfers.record(session, actor=ours.actor(), draft=draft, at=AT)

    ours.write(both)
    assert ours.balance(accounts.wallet(person_id)) == 61
