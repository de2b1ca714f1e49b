"""Lots: used in the order of their expiry, given back to the same, and always the wallet's sum."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from kit import ids
from kit.db import Database
from kit.errors import DomainError
from ledger import accounts, checks, lots
from ledger.drafts import Leg
from ledger.models import Account, Lot
from tests.ledger.books import ON, Books, books


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


def _credit(ours: Books, person_id: UUID, points: int, expires_on: date | None) -> UUID:
    leg = Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), points, expires_on)
    return ours.record(ours.draft("award", f"lot:{ids.new()}", leg))[0]


def _remaining(ours: Books, person_id: UUID) -> dict[UUID, int]:
    """Transfer that made the lot → what remains of it."""
    wallet = accounts.wallet(person_id).code
    query = (
        select(Lot.transfer_id, Lot.remaining)
        .join(Account, (Account.community_id == Lot.community_id) & (Account.id == Lot.account_id))
        .where(
            Lot.community_id == ours.community_id,
            Account.community_id == ours.community_id,
            Account.code == wallet,
        )
    )
    return {row.transfer_id: row.remaining for row in ours.read(lambda s: s.execute(query).all())}


def test_lots_are_used_by_expiry_and_those_without_come_last(ours: Books) -> None:
    person_id = ids.new()
    never = _credit(ours, person_id, 10, None)
    late = _credit(ours, person_id, 10, ON + timedelta(days=60))
    soon = _credit(ours, person_id, 10, ON + timedelta(days=10))
    second = _credit(ours, person_id, 10, ON + timedelta(days=10))
    ours.hold(person_id, 25)
    assert _remaining(ours, person_id) == {never: 10, late: 5, soon: 0, second: 0}
    ours.hold(person_id, 12)
    assert _remaining(ours, person_id) == {never: 3, late: 0, soon: 0, second: 0}


def test_what_is_given_back_goes_to_the_same_lots(ours: Books) -> None:
    person_id = ids.new()
    first = _credit(ours, person_id, 10, ON + timedelta(days=10))
    second = _credit(ours, person_id, 10, None)
    hold = ours.hold(person_id, 15)
    third = _credit(ours, person_id, 10, ON + timedelta(days=5))
    ours.release(person_id, 15, hold)
    assert _remaining(ours, person_id) == {first: 10, second: 10, third: 10}
    assert ours.read(lambda s: list(checks.problems(s, ours.community_id))) == []


def test_a_hold_is_given_back_once(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10, None)
    hold = ours.hold(person_id, 4)
    first = ours.release(person_id, 4, hold)
    assert ours.release(person_id, 4, hold) == first
    assert ours.balance(accounts.wallet(person_id)) == 10


def test_more_than_was_taken_cannot_be_given_back(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10, None)
    hold = ours.hold(person_id, 4)
    ours.hold(person_id, 3)
    with pytest.raises(AssertionError, match="did not take"):
        ours.release(person_id, 5, hold)
    assert ours.balance(accounts.wallet(person_id)) == 3


def test_a_use_names_lot_and_amount(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 3, ON)
    _credit(ours, person_id, 9, None)
    hold = ours.hold(person_id, 5)
    uses = ours.read(lambda s: lots.uses_of(s, ours.community_id, hold))
    assert [taken for _lot, taken in uses] == [3, 2]


def test_deliveries_are_lots_with_their_cost(ours: Books) -> None:
    goods_id = ids.new()
    ours.stock(goods_id, 3)
    ours.stock(goods_id, 4)
    leg = Leg(accounts.shelf(goods_id), accounts.set_aside(goods_id), 5)
    ours.record(ours.draft("hold", "order", leg))
    query = select(Lot.remaining, Lot.unit_cost_fen).where(
        Lot.community_id == ours.community_id
    ).order_by(Lot.id)  # fmt: skip
    assert ours.read(lambda s: [tuple(row) for row in s.execute(query)]) == [(0, 250), (2, 250)]


def test_a_refused_spend_leaves_the_lots_alone(ours: Books) -> None:
    person_id = ids.new()
    made = _credit(ours, person_id, 10, None)
    with pytest.raises(DomainError):
        ours.hold(person_id, 11)
    assert _remaining(ours, person_id) == {made: 10}
