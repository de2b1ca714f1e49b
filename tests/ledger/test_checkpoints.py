"""Balances as of any day and instant against a recount in plain Python, while folds come and go."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.problems import Problem
from ledger import (
    accounts,
    checkpoints,
    checks,
    past,
    settling,
    statements,
    transfers,
    wallets,
)
from ledger.checkpoint_models import Checkpoint, Unfolded
from ledger.drafts import Leg
from ledger.models import Posting, Transfer
from ledger.past import AsOf
from ledger.views import StatementLine
from tests import quick
from tests.ledger.books import AT, ON, Books, books, told
from tests.ledger.histories import History
from tests.ledger.vandal import vandal

LATER = AT + timedelta(days=400)


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


def _fold(ours: Books, at: datetime = LATER) -> int:
    return ours.write(lambda s: checkpoints.fold(s, ours.community_id, at))


def _fold_all(ours: Books) -> None:
    while _fold(ours):
        pass


def _recounted(ours: Books, as_of: AsOf) -> dict[UUID, tuple[int, int]]:
    """Every posting read, and everything else done in Python."""
    rows = ours.read(
        lambda s: s.execute(
            select(
                Posting.debit_account_id,
                Posting.credit_account_id,
                Posting.amount,
                Transfer.effective_on,
                Transfer.recorded_at,
            )
            .join(
                Transfer,
                (Transfer.community_id == Posting.community_id)
                & (Transfer.id == Posting.transfer_id),
            )
            .where(
                Posting.community_id == ours.community_id,
                Transfer.community_id == ours.community_id,
            )
        ).all()
    )
    debits: Counter[UUID] = Counter()
    credits: Counter[UUID] = Counter()
    for debited, credited, amount, day, instant in rows:
        early = as_of.effective_on is None or day <= as_of.effective_on
        known = as_of.known_at is None or instant <= as_of.known_at
        if early and known:
            debits[debited] += amount
            credits[credited] += amount
    return {one: (debits[one], credits[one]) for one in debits | credits}


def _asked(ours: Books, as_of: AsOf) -> dict[UUID, tuple[int, int]]:
    return ours.read(lambda s: past.by_account(s, ours.community_id, as_of))


def _questions(chance: Random) -> Iterator[AsOf]:
    yield past.NOW
    for _ in range(6):
        on = ON - timedelta(days=chance.choice((0, 1, 2, 22, 23, 40, 41, 70)))
        known = AT + timedelta(seconds=chance.randrange(60))
        yield from (AsOf(on, None), AsOf(None, known), AsOf(on, known))


@pytest.mark.parametrize("seed", range(3 if quick.LONG else 2))
def test_random_histories_come_to_what_a_recount_says(ours: Books, seed: int) -> None:
    chance = Random(seed)
    past_deeds = History(ours, chance)
    for part in range(4):
        past_deeds.at = AT + timedelta(seconds=10 * part)
        past_deeds.go_on(12)
        if part % 2:
            # Some of it: what is folded and what is not stand side by side.
            _fold(ours, AT + timedelta(seconds=10 * chance.randrange(part + 1)))
        for as_of in _questions(chance):
            wanted = _recounted(ours, as_of)
            assert _asked(ours, as_of) == wanted, as_of
            _compare_places(ours, past_deeds, as_of, wanted)
    assert {"reverse", "award", "hold"} <= (+past_deeds.done).keys()
    _fold_all(ours)
    assert _asked(ours, past.NOW) == _recounted(ours, past.NOW)
    assert _problems(ours) == []


def _compare_places(
    ours: Books, history: History, as_of: AsOf, wanted: dict[UUID, tuple[int, int]]
) -> None:
    """One account at a time, and a wallet, say what all together say."""
    on, known_at = as_of.effective_on, as_of.known_at

    def read(session: Session) -> None:
        for person_id in history.people:
            places = [accounts.wallet(person_id), accounts.hours(person_id)]
            found = accounts.find(session, ours.community_id, places)
            sums = [wanted.get(found[one].id, (0, 0)) if one in found else (0, 0) for one in places]
            came = [credits - debits for debits, credits in sums]
            told = [
                statements.balance_of(
                    session, ours.community_id, place, effective_on=on, known_at=known_at
                )
                for place in places
            ]
            assert told == came
            had = wallets.as_of(session, ours.community_id, person_id, history.at, as_of)
            assert [had.available, had.minutes] == came

    ours.read(read)


@pytest.mark.parametrize("then", [past.NOW, AsOf(ON - timedelta(days=1)), AsOf(None, AT)])
def test_pages_of_a_statement_are_the_whole_statement(ours: Books, then: AsOf) -> None:
    history = History(ours, Random(7), people=[ids.new()])
    history.go_on(25)
    _fold(ours)
    history.at = AT + timedelta(seconds=9)
    history.go_on(15)
    person_id = history.people[0]

    def page(size: int, before: UUID | None = None) -> list[StatementLine]:
        return ours.read(
            lambda s: statements.statement(s, ours.community_id, person_id, size, before, then)
        )

    whole = page(500)
    assert len(whole) >= 5
    for size in (1, 2, 3, 7):
        found = page(size)
        while more := page(size, found[-1].transfer_id):
            found += more
        assert found == whole
    balance = 0
    for line in reversed(whole):
        balance += line.points
        assert line.balance == balance
    counted = [line for line in _page_now(ours, person_id) if _counts(line, then)]
    assert [line.transfer_id for line in counted] == [line.transfer_id for line in whole]


def _page_now(ours: Books, person_id: UUID) -> list[StatementLine]:
    """The statement without a filter."""
    return ours.read(lambda s: statements.statement(s, ours.community_id, person_id, 500, None))


def _counts(line: StatementLine, then: AsOf) -> bool:
    early = then.effective_on is None or line.effective_on <= then.effective_on
    return early and (then.known_at is None or line.recorded_at <= then.known_at)


def test_a_fold_that_breaks_off_leaves_nothing(ours: Books) -> None:
    person_id = ids.new()
    ours.award(person_id, 30)

    def broken(session: Session) -> None:
        assert checkpoints.fold(session, ours.community_id, LATER) == 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ours.write(broken)
    assert _asked(ours, past.NOW) == _recounted(ours, past.NOW)
    assert _fold(ours) == 1
    assert _fold(ours) == 0
    assert _asked(ours, past.NOW) == _recounted(ours, past.NOW)


def test_a_fold_leaves_out_what_was_recorded_since(ours: Books) -> None:
    ours.award(ids.new(), 1)
    assert _fold(ours, AT - timedelta(seconds=1)) == 0
    assert _fold(ours, AT) == 1


def test_two_folders_and_a_writer_at_once(ours: Books) -> None:
    people = [ids.new() for _ in range(3)]
    for person_id in people:
        ours.award(person_id, 5)
    start, folded, problems = threading.Barrier(3), Counter[str](), list[BaseException]()

    def work(name: str) -> None:
        try:
            start.wait(20)
            for number in range(12):
                if name == "writer":
                    ours.award(people[number % 3], number + 1)
                else:
                    folded[name] += _fold(ours)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two", "writer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert _asked(ours, past.NOW) == _recounted(ours, past.NOW)
    while more := _fold(ours):
        folded["after"] += more
    # Each transfer was folded once: 3 at the start, 12 of the writer.
    assert folded.total() == 15
    assert _asked(ours, past.NOW) == _recounted(ours, past.NOW)
    assert _problems(ours) == []


def test_a_transfer_that_commits_late_is_not_lost(ours: Books) -> None:
    """Its id is the older one, and everything newer is folded before it commits."""
    if ours.database.dialect == "sqlite":
        # One unit after the other: nothing commits late there.
        return
    early, late = ids.new(), ids.new()
    for person_id in (early, late):
        ours.award(person_id, 1)
    _fold_all(ours)
    with Session(ours.database.engine) as session:
        actor = ours.actor()
        leg = Leg(accounts.fund_points(ours.fund_id), accounts.wallet(late), 20)
        draft = ours.draft("award", "late", leg)
        made = transfers.record(session, actor=actor, draft=draft, at=AT)
        told(session, actor, made)
        newer = ours.award(early, 10)
        assert newer > made
        assert _fold(ours) == 1
        session.commit()
    place = accounts.wallet(late)
    for _ in range(2):
        came = ours.read(
            lambda s: statements.balance_of(s, ours.community_id, place, effective_on=ON)
        )
        assert came == 21
        _fold_all(ours)


def test_checkpoints_are_thrown_away_and_made_again(ours: Books) -> None:
    history = History(ours, Random(3))
    history.go_on(20)
    _fold_all(ours)
    history.go_on(6)
    kept = _kept(ours)
    with vandal(ours.database) as owner:
        owner.run("UPDATE ledger_checkpoints SET debits = debits + 5")
        owner.run("DELETE FROM ledger_checkpoints WHERE span = 'month'")
    assert _problems(ours) != []
    made = ours.write(lambda s: checkpoints.rebuild(s, ours.community_id))
    assert made == len(kept)
    assert _kept(ours) == kept
    assert _asked(ours, past.NOW) == _recounted(ours, past.NOW)


def _kept(ours: Books) -> set[tuple[object, ...]]:
    rows = ours.read(
        lambda s: s.execute(
            select(*Checkpoint.__table__.columns).where(
                Checkpoint.community_id == ours.community_id
            )
        ).all()
    )
    return {tuple(row) for row in rows}


FORGERIES = {
    "UPDATE ledger_checkpoints SET credits = credits + 1 WHERE span = 'day'": "day",
    "UPDATE ledger_checkpoints SET debits = debits + 1 WHERE span = 'month'": "month",
    "DELETE FROM ledger_checkpoints WHERE span = 'day'": "day",
    "DELETE FROM ledger_checkpoints": "day",
    "UPDATE ledger_checkpoints SET begins_on = '2026-11-21' WHERE span = 'day'": "day",
    "DELETE FROM ledger_unfolded": "day",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_checkpoint_that_is_not_so_is_named(ours: Books, forgery: str) -> None:
    person_id = ids.new()
    ours.award(person_id, 30)
    _fold_all(ours)
    ours.award(person_id, 3)
    assert _problems(ours) == []
    with vandal(ours.database) as owner:
        owner.run(forgery)
    found = _problems(ours)
    assert {problem.code for problem in found} == {"checkpoint_wrong"}
    assert any(f":{FORGERIES[forgery]}:" in problem.subject for problem in found)


def test_an_unfolded_row_without_its_transfer_is_named(ours: Books) -> None:
    ours.award(ids.new(), 30)
    stray = ids.new()
    row = Unfolded(community_id=ours.community_id, transfer_id=stray)
    ours.write(lambda s: s.add(row))
    found = [(problem.code, problem.subject) for problem in _problems(ours)]
    assert found == [("unfolded_without_transfer", f"transfer:{stray}")]


def _problems(ours: Books) -> list[Problem]:
    return ours.read(lambda s: list(checks.problems(s, ours.community_id)))


def test_a_late_tick_does_not_change_a_wallet_as_of_a_day(ours: Books) -> None:
    person_id = ids.new()
    leg = Leg(
        accounts.fund_points(ours.fund_id), accounts.wallet(person_id), 8,
        expires_on=ON - timedelta(days=3),
    )  # fmt: skip
    draft = replace(ours.draft("award", "lapsing", leg), effective_on=ON - timedelta(days=9))
    ours.record(draft, at=AT - timedelta(days=9))

    def read(session: Session) -> list[int]:
        days = [AsOf(ON - timedelta(days=back)) for back in (10, 9, 3, 2, 0)]
        told = [wallets.as_of(session, ours.community_id, person_id, AT, day) for day in days]
        return [wallet.available for wallet in told]

    before = ours.read(read)
    assert before == [0, 8, 8, 0, 0]
    assert ours.write(lambda s: settling.tick(s, ours.community_id, AT)) == 1
    assert ours.read(read) == before
