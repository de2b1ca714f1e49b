"""What time alone brings about: lapse, the end of a notice, and reads that know it before tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kit import ids
from kit.db import Database
from kit.errors import Conflict
from ledger import accounts, checks, settling, statements
from ledger import books as calendars
from ledger.drafts import Leg
from ledger.errors import PeriodClosed, Short
from ledger.models import Lot, Transfer
from ledger.views import Expiry, Wallet
from tests.ledger.books import AT, ON, Books, books

LAST = ON + timedelta(days=8)
"""The last day of the lots that lapse here."""


@pytest.fixture
def ours(database: Database) -> Books:
    return books(database)


def _at(day: date, hour: int = 4) -> datetime:
    """Noon of a day in Shanghai, or another hour of the day in UTC."""
    return AT.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=0)


def _credit(
    ours: Books,
    person_id: UUID,
    points: int,
    expires_on: date | None = LAST,
    *,
    waits_until: date | None = None,
    at: datetime = AT,
) -> UUID:
    place = accounts.pending if waits_until else accounts.wallet
    leg = Leg(
        accounts.fund_points(ours.fund_id),
        place(person_id),
        points,
        expires_on=expires_on,
        available_on=waits_until,
    )
    return ours.record(ours.draft("award", f"award:{ids.new()}", leg), at=at)[0]


def _spend(ours: Books, person_id: UUID, points: int, at: datetime) -> UUID:
    leg = Leg(accounts.wallet(person_id), accounts.held(person_id), points)
    draft = replace(ours.draft("hold", f"hold:{ids.new()}", leg), effective_on=at.date())
    return ours.record(draft, at=at)[0]


def _wallet(ours: Books, person_id: UUID, at: datetime) -> Wallet:
    return ours.read(lambda s: statements.wallet(s, ours.community_id, person_id, at))


def _tick(ours: Books, at: datetime) -> int:
    done = 0
    while count := ours.write(lambda s: settling.tick(s, ours.community_id, at)):
        done += count
    return done


def _same_before_and_after_tick(ours: Books, person_id: UUID, at: datetime) -> Wallet:
    before = _wallet(ours, person_id, at)
    _tick(ours, at)
    assert _wallet(ours, person_id, at) == before
    assert not _problems(ours)
    return before


def _problems(ours: Books) -> list[object]:
    return list(ours.read(lambda s: list(checks.problems(s, ours.community_id))))


def _kinds(ours: Books) -> dict[str, list[Transfer]]:
    found: dict[str, list[Transfer]] = {}
    rows = ours.read(
        lambda s: s.scalars(
            select(Transfer).where(Transfer.community_id == ours.community_id).order_by(Transfer.id)
        ).all()
    )
    for row in rows:
        found.setdefault(row.kind, []).append(row)
    return found


def test_points_may_be_spent_on_their_last_day_and_not_after(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10)
    last_moment = datetime.fromisoformat(f"{LAST}T23:59:59+08:00")
    assert _wallet(ours, person_id, last_moment).available == 10
    assert _wallet(ours, person_id, last_moment).next_expiry == Expiry(10, LAST)
    assert _wallet(ours, person_id, last_moment + timedelta(seconds=1)).available == 0
    with pytest.raises(Short) as refusal:
        _spend(ours, person_id, 1, last_moment + timedelta(seconds=1))
    assert refusal.value.facts["available"] == 0
    _spend(ours, person_id, 4, last_moment)
    wallet = _same_before_and_after_tick(ours, person_id, last_moment + timedelta(seconds=1))
    assert (wallet.available, wallet.held, wallet.next_expiry) == (0, 4, None)


def test_a_lapse_is_one_transfer_a_wallet_and_day_whoever_posts_it(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10)
    _credit(ours, person_id, 5)
    _credit(ours, person_id, 7, LAST + timedelta(days=1))
    _credit(ours, person_id, 100, None)
    later = _at(LAST + timedelta(days=2))
    _spend(ours, person_id, 1, later)
    assert _tick(ours, later) == 0
    lapses = _kinds(ours)["lapse"]
    assert [row.natural_key for row in lapses] == [
        f"wallet:{person_id}:lapse:{LAST}",
        f"wallet:{person_id}:lapse:{LAST + timedelta(days=1)}",
    ]
    assert [row.effective_on for row in lapses] == [
        LAST + timedelta(days=1),
        LAST + timedelta(days=2),
    ]
    assert _wallet(ours, person_id, later).available == 99
    assert not _problems(ours)


def test_what_comes_back_in_time_keeps_its_day_and_late_gets_a_grace(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10)
    hold = _spend(ours, person_id, 10, AT)
    draft = replace(
        ours.draft(
            "release",
            f"{hold}:release",
            Leg(accounts.held(person_id), accounts.wallet(person_id), 10),
            gives_back=hold,
        ),
        effective_on=LAST + timedelta(days=3),
    )
    later = _at(LAST + timedelta(days=3))
    ours.record(draft, at=later)
    wallet = _same_before_and_after_tick(ours, person_id, later)
    assert wallet.next_expiry == Expiry(10, LAST + timedelta(days=33))
    fund = ours.read(
        lambda s: s.scalars(
            select(Lot.fund_id).where(Lot.community_id == ours.community_id, Lot.remaining > 0)
        ).all()
    )
    assert list(fund) == [ours.fund_id]


def test_a_late_release_gives_back_as_on_its_day_and_lapses_then(ours: Books) -> None:
    """The order lapsed before the points did; nobody posted either until long after."""
    person_id = ids.new()
    _credit(ours, person_id, 10)
    hold = _spend(ours, person_id, 4, AT)
    later = _at(LAST + timedelta(days=3))
    _tick(ours, later)
    draft = replace(
        ours.draft(
            "release",
            f"{hold}:release",
            Leg(accounts.held(person_id), accounts.wallet(person_id), 4),
            gives_back=hold,
        ),
        effective_on=LAST - timedelta(days=1),
    )
    ours.record(draft, at=later)
    assert _wallet(ours, person_id, later).available == 0
    assert [row.natural_key[-2:] for row in _kinds(ours)["lapse"]] == [f"{LAST}"[-2:], ":2"]
    assert not _problems(ours)


def test_points_on_notice_wait_and_then_arrive_with_their_day(ours: Books) -> None:
    person_id, free_on = ids.new(), ON + timedelta(days=3)
    _credit(ours, person_id, 10, waits_until=free_on)
    before = _wallet(ours, person_id, _at(free_on) - timedelta(days=1))
    assert (before.available, before.pending, before.next_expiry) == (0, 10, None)
    with pytest.raises(Short):
        _spend(ours, person_id, 1, _at(free_on) - timedelta(days=1))
    wallet = _same_before_and_after_tick(ours, person_id, _at(free_on))
    assert (wallet.available, wallet.pending) == (10, 0)
    assert wallet.next_expiry == Expiry(10, LAST)
    (release,) = _kinds(ours)["release"]
    assert (release.effective_on, release.fund_id) == (free_on, ours.fund_id)


def test_a_spend_posts_the_ended_notice_first(ours: Books) -> None:
    person_id, free_on = ids.new(), ON + timedelta(days=3)
    _credit(ours, person_id, 10, waits_until=free_on)
    _spend(ours, person_id, 6, _at(free_on))
    assert _wallet(ours, person_id, _at(free_on)).available == 4
    assert _tick(ours, _at(free_on)) == 0
    assert not _problems(ours)


def test_a_debt_is_repaid_by_an_ended_notice_before_a_later_credit(ours: Books) -> None:
    person_id, free_on = ids.new(), ON + timedelta(days=3)
    spent = _credit(ours, person_id, 10)
    _spend(ours, person_id, 10, AT)
    _credit(ours, person_id, 8, None, waits_until=free_on)
    ours.reverse(spent)
    at = _at(free_on)
    assert _wallet(ours, person_id, at).owed == 2
    _credit(ours, person_id, 5, at=at)
    wallet = _same_before_and_after_tick(ours, person_id, at)
    assert (wallet.available, wallet.owed, wallet.pending) == (3, 0, 0)


@pytest.mark.parametrize("days", [0, 3, 30])
def test_a_reversal_takes_points_from_where_they_are(ours: Books, days: int) -> None:
    """On notice, in the wallet, or lapsed since: what is gone is owed."""
    person_id, free_on = ids.new(), ON + timedelta(days=3)
    award = _credit(ours, person_id, 10, waits_until=free_on)
    _credit(ours, person_id, 3, None)
    at = _at(ON + timedelta(days=days))
    ours.reverse(award, at=at, on=at.date())
    wallet = _same_before_and_after_tick(ours, person_id, at)
    assert wallet.pending == 0
    assert wallet.available - wallet.owed == (-7 if days == 30 else 3)
    assert wallet.available == 0 or wallet.owed == 0


def test_old_points_have_a_whole_period_of_grace(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10, None)
    grace = ON + timedelta(days=20)
    ours.write(lambda s: calendars.change(s, ours.community_id, grace_until=grace))
    assert _wallet(ours, person_id, _at(grace)).next_expiry == Expiry(10, grace)
    wallet = _same_before_and_after_tick(ours, person_id, _at(grace + timedelta(days=1)))
    assert wallet.available == 0


def test_an_undone_deduction_comes_back_to_its_own_lots(ours: Books) -> None:
    person_id = ids.new()
    _credit(ours, person_id, 10)
    leg = Leg(accounts.wallet(person_id), accounts.contra("adjusted", "points"), 6)
    taken = ours.record(ours.draft("adjustment", f"adjustment:{ids.new()}", leg))[0]
    ours.reverse(taken)
    assert _wallet(ours, person_id, AT).next_expiry == Expiry(10, LAST)
    assert not _problems(ours)


@pytest.mark.parametrize("ticked", [False, True])
def test_what_lapsed_alone_does_not_lapse_with_what_comes_back(ours: Books, ticked: bool) -> None:
    """The rest of the lot goes first, whether a tick came by or not; then what was undone."""
    person_id, after = ids.new(), _at(LAST + timedelta(days=1))
    _credit(ours, person_id, 10)
    leg = Leg(accounts.wallet(person_id), accounts.contra("adjusted", "points"), 6)
    taken = ours.record(ours.draft("adjustment", f"adjustment:{ids.new()}", leg))[0]
    if ticked:
        _tick(ours, after)
    undone = ours.reverse(taken, at=after)
    lapses = _kinds(ours)["lapse"]
    assert [one.natural_key.rpartition(":lapse:")[2] for one in lapses] == [
        f"{LAST}",
        f"{LAST}:2",
    ]
    assert lapses[0].id < undone < lapses[1].id
    assert not _problems(ours)


@pytest.mark.parametrize("ticked", [False, True])
@pytest.mark.parametrize("kind", ["adjustment", "award"])
def test_undoing_what_only_repaid_posts_the_ended_notices_first(
    ours: Books, kind: str, ticked: bool
) -> None:
    """The notice ended while nothing was owed: the wallet has it, ticked or not."""
    person_id, free_on = ids.new(), LAST + timedelta(days=3)
    lapsed = _credit(ours, person_id, 10)
    ours.reverse(lapsed, at=_at(LAST + timedelta(days=1)))
    for points in (1, 2):
        _credit(ours, person_id, points, None, waits_until=free_on)
    giving = accounts.contra("adjusted", "points")
    giving = accounts.fund_points(ours.fund_id) if kind == "award" else giving
    leg = Leg(giving, accounts.wallet(person_id), 10)
    repaid = ours.record(ours.draft(kind, f"{kind}:{ids.new()}", leg), at=_at(LAST))[0]
    assert ours.balance(accounts.owed(person_id)) == 0
    if ticked:
        _tick(ours, _at(free_on))
    undone = ours.reverse(repaid, at=_at(free_on))
    assert all(one.id < undone for one in _kinds(ours)["release"])
    wallet = _same_before_and_after_tick(ours, person_id, _at(free_on))
    assert (wallet.available, wallet.owed, wallet.pending) == (3, 10, 0)


def test_a_closed_month_takes_nothing_and_names_the_day(ours: Books) -> None:
    person_id, closed = ids.new(), date(2026, 10, 31)
    award = _credit(ours, person_id, 10)
    ours.write(lambda s: calendars.change(s, ours.community_id, closed_through=closed))
    draft = ours.draft(
        "award", "late", Leg(accounts.fund_points(ours.fund_id), accounts.wallet(person_id), 5)
    )
    moved = ours.record(replace(draft, effective_on=date(2026, 10, 3)))[0]
    undone = ours.reverse(award, on=date(2026, 9, 9))
    rows = {row.id: row for kind in _kinds(ours).values() for row in kind}
    for transfer_id, day in ((moved, date(2026, 10, 3)), (undone, date(2026, 9, 9))):
        assert rows[transfer_id].effective_on == date(2026, 11, 1)
        assert rows[transfer_id].original_on == day
    with pytest.raises(PeriodClosed):
        ours.record(replace(draft, key="chosen", effective_on=closed, dated=True))
    # A retry of what was recorded in time is answered as it was.
    assert ours.record(replace(draft, key="late", effective_on=closed, dated=True)) == [moved]
    with pytest.raises(Conflict, match="append_only"):
        ours.write(
            lambda s: calendars.change(s, ours.community_id, closed_through=date(2026, 9, 30))
        )
    assert not _problems(ours)


def test_the_database_itself_refuses_a_closed_day(ours: Books) -> None:
    person_id = ids.new()
    award = _credit(ours, person_id, 10)
    closed = ON + timedelta(days=1)

    def work(session: Session) -> None:
        calendars.change(session, ours.community_id, closed_through=closed)
        # The program's own care set aside: the row as it would be without it.
        row = session.scalars(
            select(Transfer).where(Transfer.community_id == ours.community_id, Transfer.id == award)
        ).one()
        facts = {column.name: getattr(row, column.name) for column in Transfer.__table__.columns}
        session.execute(insert(Transfer), [{**facts, "id": ids.new(), "natural_key": "sly"}])

    with pytest.raises(Conflict, match="period_closed"):
        ours.write(work)


def test_a_wallet_of_very_many_lots_is_used_up_in_order(ours: Books) -> None:
    person_id = ids.new()
    for number in range(60):
        _credit(ours, person_id, 1, LAST + timedelta(days=59 - number))
        _credit(ours, person_id, 2, None)
    _spend(ours, person_id, 55, AT)
    assert _wallet(ours, person_id, AT).next_expiry == Expiry(1, LAST + timedelta(days=55))
    _spend(ours, person_id, 124, AT)
    wallet = _wallet(ours, person_id, AT)
    assert (wallet.available, wallet.next_expiry) == (1, None)
    assert not _problems(ours)
