"""Seats kept for some: whoever waits has them when the keeping ends, and a quota that is not met is
told on the roster."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import shifts.due
from kit.errors import Invalid
from messages.models import Message
from people import memberships, units
from people.models import Person
from shifts import checks, rosters
from shifts.rota import kept_seats, red_posts, sign_ups
from shifts.rota.red_posts import Quota
from shifts.tables.rota import Shift, SignUp
from tests import factories as people
from tests.shifts.factories import Town, local, make_shift

AT = local(7)
#: the keeping of the seats of ``shift`` ends
ENDS = local(9, day=23)


@pytest.fixture
def shift(session: Session, town: Town) -> Shift:
    """On the 24th, with two seats, one of them kept for a party member until a day before."""
    boss, quota = town.actor("manager"), Quota("party_branch", 1, 24)
    duty = red_posts.add(session, actor=boss, at=AT, name="Gate", kind="patrol", quota=quota)
    times = {"starts_at": local(9, day=24), "ends_at": local(12, day=24)}
    return make_shift(session, town, red_post_id=duty.id, seats=2, **times)


def _sign_up(session: Session, shift: Shift, person: Person, at: datetime = AT) -> SignUp:
    actor = people.actor_of(person)
    return sign_ups.sign_up(session, actor=actor, at=at, shift_id=shift.id)


def _standings(session: Session, town: Town, shift: Shift, at: datetime) -> list[str]:
    actor = town.actor("captain")
    found = rosters.of_shift(session, actor=actor, at=at, shift_id=shift.id)
    return [one.standing for one in found.lines]


def test_who_waits_has_the_seat_when_the_keeping_ends(
    session: Session, town: Town, shift: Shift
) -> None:
    for person in (town.volunteer, town.other, town.second):
        _sign_up(session, shift, person)
    before = ENDS - timedelta(seconds=1)
    assert shifts.due.tick(session, town.id, before) == 0
    assert sorted(_standings(session, town, shift, before)) == [
        "expected", "waitlisted", "waitlisted",
    ]  # fmt: skip
    by_now = sorted(_standings(session, town, shift, ENDS))
    assert by_now == ["expected", "expected", "waitlisted"], "whether or not a tick came"
    assert kept_seats.tick(session, town.id, ENDS) == 1
    assert sorted(_standings(session, town, shift, ENDS)) == by_now
    assert kept_seats.tick(session, town.id, ENDS) == 0
    rows = session.execute(
        select(Message.person_id, Message.kind).where(Message.community_id == town.id)
    )
    assert [tuple(row) for row in rows] == [(town.other.id, "moved_up")]
    assert not list(checks.problems(session, town.id))


def test_who_is_busy_then_goes_on_waiting(session: Session, town: Town, shift: Shift) -> None:
    for person in (town.volunteer, town.other, town.second):
        _sign_up(session, shift, person)
    same_time = make_shift(session, town, starts_at=shift.starts_at, ends_at=shift.ends_at)
    _sign_up(session, same_time, town.other)
    up = kept_seats.by_now(session, town.id, ENDS, [shift.id])
    assert kept_seats.tick(session, town.id, ENDS) == 1
    moved = sign_ups.of(session, town.id, shift.id, town.second.id)
    assert moved is not None
    assert (up, moved.status) == ({moved.id}, "confirmed")
    assert kept_seats.tick(session, town.id, ENDS) == 0


def test_who_asks_again_is_told_of_the_place(session: Session, town: Town, shift: Shift) -> None:
    _sign_up(session, shift, town.volunteer)
    assert _sign_up(session, shift, town.other).status == "waitlisted"
    assert _sign_up(session, shift, town.other, ENDS).status == "confirmed"


def test_a_quota_that_is_not_met_is_told(session: Session, town: Town, shift: Shift) -> None:
    _sign_up(session, shift, town.volunteer)

    def found() -> tuple[int, bool]:
        actor = town.actor("captain")
        roster = rosters.of_shift(session, actor=actor, at=AT, shift_id=shift.id)
        assert roster.quota is not None
        return roster.quota.found, roster.quota.is_met

    assert found() == (0, False)
    boss = town.actor("manager")
    branch = units.add(session, actor=boss, at=AT, name="Branch 1", kind="party_branch")
    facts = {"unit_id": branch.id, "person_id": town.other.id}
    memberships.join(session, actor=boss, at=AT, **facts)
    assert _sign_up(session, shift, town.other).status == "confirmed"
    assert found() == (1, True)
    memberships.leave(session, actor=boss, at=AT, **facts)
    assert found() == (0, False)
    plain = make_shift(session, town)
    roster = rosters.of_shift(session, actor=boss, at=AT, shift_id=plain.id)
    assert roster.quota is None


@pytest.mark.parametrize("wrong", [Quota("party_branch", 0, 1), Quota("party_branch", 1, 721)])
def test_a_quota_is_some_seats_for_some_days(session: Session, town: Town, wrong: Quota) -> None:
    boss = town.actor("manager")
    with pytest.raises(Invalid):
        red_posts.add(session, actor=boss, at=AT, name="Gate", kind="patrol", quota=wrong)
