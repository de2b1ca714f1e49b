"""Reads: running balances under paging, balances as of a time, the trial balance, the journal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import NotFound
from ledger import accounts, statements, transfers
from ledger.drafts import Draft, Leg
from ledger.views import StatementLine
from tests.ledger.books import AT, ON, Books, books, told


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


def test_a_stranger_has_an_empty_wallet_and_statement(ours: Books) -> None:
    someone = ids.new()
    wallet = ours.read(lambda s: statements.wallet(s, ours.community_id, someone, AT))
    assert (wallet.available, wallet.held, wallet.owed, wallet.minutes) == (0, 0, 0, 0)
    assert ours.read(lambda s: statements.statement(s, ours.community_id, someone, 5, None)) == []


def test_running_balances_are_the_same_on_every_page_size(ours: Books) -> None:
    person_id, other_id = ids.new(), ids.new()
    for points in (50, 20, 30):
        ours.award(person_id, points)
        ours.award(other_id, 7)
    hold = ours.hold(person_id, 60)
    ours.release(person_id, 60, hold)
    ours.hold(person_id, 15)

    def page(limit: int, before: object = None) -> list[StatementLine]:
        return ours.read(
            lambda s: statements.statement(s, ours.community_id, person_id, limit, before)  # type: ignore[arg-type] # an id or none
        )

    whole = page(100)
    assert [line.points for line in whole] == [-15, 60, -60, 30, 20, 50]
    assert [line.balance for line in whole] == [85, 100, 40, 100, 70, 50]
    assert [line.kind for line in whole] == ["hold", "release", "hold", "award", "award", "award"]
    for size in (1, 2, 4):
        found = page(size)
        while more := page(size, found[-1].transfer_id):
            found += more
        assert found == whole
    ours.award(person_id, 1)
    assert page(100, whole[0].transfer_id) == whole[1:]


def test_a_debt_is_told_on_its_lines(ours: Books) -> None:
    person_id = ids.new()
    award = ours.award(person_id, 100)
    ours.hold(person_id, 70)
    ours.reverse(award)
    ours.award(person_id, 90)
    lines = ours.read(lambda s: statements.statement(s, ours.community_id, person_id, 9, None))
    assert [(line.kind, line.points, line.owed, line.balance) for line in lines] == [
        ("award", 20, 70, 20),
        ("reversal", -30, -70, 0),
        ("hold", -70, 0, 30),
        ("award", 100, 0, 100),
    ]


def _dated(
    ours: Books, person_id: object, points: int, effective_on: date, days_later: int
) -> None:
    leg = Leg(
        accounts.fund_points(ours.fund_id),
        accounts.wallet(person_id),  # type: ignore[arg-type] # an id
        points,
    )
    draft = Draft("award", f"dated:{ids.new()}", (leg,), effective_on, ("test", ours.fund_id))
    actor = ours.actor()

    def work(session: Session) -> None:
        made = transfers.record(
            session, actor=actor, draft=draft, at=AT + timedelta(days=days_later)
        )
        told(session, actor, made)

    ours.write(work)


def test_balances_as_effective_and_as_known(ours: Books) -> None:
    person_id = ids.new()
    _dated(ours, person_id, 10, ON, 0)
    _dated(ours, person_id, 5, ON - timedelta(days=30), 2)
    _dated(ours, person_id, 1, ON + timedelta(days=3), 3)
    place = accounts.wallet(person_id)

    def at(effective: int | None, known: int | None) -> int:
        return ours.read(
            lambda s: statements.balance_of(
                s,
                ours.community_id,
                place,
                effective_on=None if effective is None else ON + timedelta(days=effective),
                known_at=None if known is None else AT + timedelta(days=known),
            )
        )

    assert (at(None, None), at(0, None), at(None, 0), at(0, 0)) == (16, 15, 10, 10)
    assert (at(-1, 0), at(-1, 2), at(-31, None), at(3, 2)) == (0, 5, 0, 15)


def test_the_trial_balance_comes_to_nothing_in_each_commodity(ours: Books) -> None:
    person_id, goods_id = ids.new(), ids.new()
    ours.award(person_id, 40, minutes=120)
    ours.stock(goods_id, 6)
    ours.hold(person_id, 15)
    rows = ours.read(lambda s: statements.trial_balance(s, ours.community_id))
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.commodity] = totals.get(row.commodity, 0) + row.balance
    assert totals == {"points": 0, "minutes": 0, f"goods:{goods_id}": 0}
    wallet = next(row for row in rows if row.kind == "wallet")
    assert (wallet.debits, wallet.credits, wallet.balance) == (15, 40, 25)
    assert wallet.owner_id == person_id
    minutes = ours.read(lambda s: statements.trial_balance(s, ours.community_id, "minutes"))
    assert {row.kind for row in minutes} == {"served", "hours"}
    early = ours.read(
        lambda s: statements.trial_balance(
            s, ours.community_id, effective_on=ON - timedelta(days=1)
        )
    )
    assert early == []


def test_accounts_and_transfers_come_by_page_newest_first(ours: Books) -> None:
    person_id = ids.new()
    made = [ours.award(person_id, points) for points in (1, 2, 3)]

    def page(limit: int, before: object = None) -> list[object]:
        views = ours.read(
            lambda s: statements.transfers_page(s, ours.community_id, limit, before)  # type: ignore[arg-type] # an id or none
        )
        return [view.id for view in views]

    assert page(2) == [made[2], made[1]]
    assert page(2, made[1]) == [made[0]]
    listed = ours.read(lambda s: statements.accounts_page(s, ours.community_id, 10))
    assert {(view.kind, view.balance) for view in listed} == {
        ("wallet", 6), ("owed", 0), ("fund_points", -6),
    }  # fmt: skip
    only = ours.read(
        lambda s: statements.accounts_page(s, ours.community_id, 10, owner_id=person_id)
    )
    mine = {accounts.wallet(person_id).code, accounts.owed(person_id).code}
    assert {view.code for view in only} == mine
    second = ours.read(lambda s: statements.accounts_page(s, ours.community_id, 10, listed[0].id))
    assert [view.id for view in second] == [view.id for view in listed[1:]]


def test_a_transfer_shows_its_postings(ours: Books) -> None:
    person_id = ids.new()
    view = ours.read(
        lambda s: statements.transfer(s, ours.community_id, ours.award(person_id, 9, minutes=60))
    )
    fund, wallet = accounts.fund_points(ours.fund_id), accounts.wallet(person_id)
    assert [(p.debit, p.credit, p.commodity, p.amount) for p in view.postings] == [
        (fund.code, wallet.code, "points", 9),
        (
            accounts.contra("served", "minutes").code,
            accounts.hours(person_id).code,
            "minutes",
            60,
        ),
    ]
    assert (view.kind, view.fund_id, view.actor_id) == ("award", ours.fund_id, ours.clerk_id)


def test_another_communitys_transfer_is_not_found(ours: Books) -> None:
    theirs = books(ours.database).award(ids.new(), 1)
    with pytest.raises(NotFound):
        ours.read(lambda s: statements.transfer(s, ours.community_id, theirs))


def test_available_of_many_places_at_once(ours: Books) -> None:
    first, second, nobody = ids.new(), ids.new(), ids.new()
    ours.award(first, 3)
    ours.award(second, 4)
    places = [accounts.wallet(person_id) for person_id in (first, second, nobody)]
    found = ours.read(lambda s: statements.available_of(s, ours.community_id, places))
    assert [found[place] for place in places] == [3, 4, 0]
