"""Who may sign up: one shift at a time, rest, hours, insurance, kept seats, and stand-ins."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import Conflict, DomainError, Invalid, NotAllowed
from messages.models import Message
from people import units
from people.models import Community, Person
from shifts import checks
from shifts.presence import cancelling
from shifts.rota import red_posts, sign_ups, stand_ins
from shifts.rota.red_posts import Quota
from shifts.tables.rota import Shift, SignUp
from tests import factories as people
from tests.shifts.factories import Town, local, make_shift

AT = local(7)


def _sign_up(session: Session, shift: Shift, person: Person, at: Any = AT) -> SignUp:
    actor = people.actor_of(person)
    return sign_ups.sign_up(session, actor=actor, at=at, shift_id=shift.id)


def _refusal(session: Session, shift: Shift, person: Person) -> str:
    with pytest.raises(DomainError) as refused:
        _sign_up(session, shift, person)
    return refused.value.code


def _told(session: Session, town: Town, person: Person) -> list[str]:
    query = select(Message.kind).where(
        Message.community_id == town.id, Message.person_id == person.id
    )
    return [str(kind) for kind in session.scalars(query.order_by(Message.id))]


def _set(session: Session, town: Town, **settings: int) -> None:
    community = session.get(Community, town.id)
    assert community is not None
    community.settings = {**community.settings, **settings}
    session.flush()


def test_nobody_is_at_two_shifts_at_once(session: Session, town: Town) -> None:
    morning = make_shift(session, town)
    late = make_shift(session, town, starts_at=local(11, 59), ends_at=local(13))
    after = make_shift(session, town, starts_at=local(12), ends_at=local(13))
    row = _sign_up(session, morning, town.volunteer)
    assert _refusal(session, late, town.volunteer) == "overlapping"
    assert _sign_up(session, after, town.volunteer).status == "confirmed"
    sign_ups.withdraw(session, actor=town.actor("volunteer"), at=AT, sign_up_id=row.id)
    assert _refusal(session, late, town.volunteer) == "overlapping"
    cancelling.cancel(session, actor=town.actor("captain"), at=AT, shift_id=after.id, reason="rain")
    assert _sign_up(session, late, town.volunteer).status == "confirmed"
    assert _told(session, town, town.volunteer) == ["shift_cancelled"]
    assert _told(session, town, town.captain) == ["shift_cancelled"]


def test_rest_and_hours_where_the_community_wants_them(session: Session, town: Town) -> None:
    morning = make_shift(session, town)
    evening = make_shift(session, town, starts_at=local(20), ends_at=local(23))
    monday = make_shift(session, town, starts_at=local(20, day=23), ends_at=local(23, day=23))
    _sign_up(session, morning, town.volunteer)
    _set(session, town, rest_hours=9)
    assert _refusal(session, evening, town.volunteer) == "too_little_rest"
    _set(session, town, rest_hours=8, week_hours=5)
    assert _refusal(session, evening, town.volunteer) == "too_many_hours"
    assert _sign_up(session, monday, town.volunteer).status == "confirmed"
    _set(session, town, week_hours=6)
    assert _sign_up(session, evening, town.volunteer).status == "confirmed"


def test_a_risky_duty_wants_an_insurance_that_covers_the_day(session: Session, town: Town) -> None:
    boss = town.actor("manager")
    risky = red_posts.add(session, actor=boss, at=AT, name="Rescue", kind="other", risk="high")
    shift = make_shift(session, town, red_post_id=risky.id)
    assert _refusal(session, shift, town.volunteer) == "insurance_missing"
    facts: dict[str, Any] = {"at": AT, "red_post_id": risky.id, "note": "policy 7 of the town"}
    red_posts.note_insurance(session, actor=boss, until=date(2026, 11, 21), **facts)
    assert _refusal(session, shift, town.volunteer) == "insurance_missing"
    with pytest.raises(NotAllowed):
        red_posts.note_insurance(
            session, actor=town.actor("captain"), until=date(2027, 1, 1), **facts
        )
    red_posts.note_insurance(session, actor=boss, until=date(2026, 11, 22), **facts)
    assert _sign_up(session, shift, town.volunteer).status == "confirmed"
    with pytest.raises(Invalid):
        red_posts.add(session, actor=boss, at=AT, name="A", kind="other", risk="none")


def test_a_seat_is_kept_for_a_party_member_until_the_day_before(
    session: Session, town: Town
) -> None:
    boss = town.actor("manager")
    branch = units.add(session, actor=boss, at=AT, name="Branch 1", kind="party_branch")
    town.other.unit_id = branch.id
    duty = red_posts.add(
        session, actor=boss, at=AT, name="Gate", kind="patrol", quota=Quota("party_branch", 1, 24)
    )
    tuesday = {"starts_at": local(9, day=24), "ends_at": local(12, day=24), "seats": 2}
    shift = make_shift(session, town, red_post_id=duty.id, **tuesday)
    assert _sign_up(session, shift, town.volunteer).status == "confirmed"
    waits = _sign_up(session, shift, town.treasurer)
    assert waits.status == "waitlisted"
    member = _sign_up(session, shift, town.other)
    assert member.status == "confirmed"
    sign_ups.withdraw(session, actor=town.actor("other"), at=AT, sign_up_id=member.id)
    assert waits.status == "waitlisted"
    late = local(9, day=23)
    assert _sign_up(session, shift, town.second, late).status == "waitlisted"
    session.refresh(waits)
    assert waits.status == "confirmed", "whoever has waited longest comes first"
    assert list(checks.problems(session, town.id)) == []


def test_the_seat_goes_to_the_first_who_is_free(session: Session, town: Town) -> None:
    shift, same_time = make_shift(session, town, seats=1), make_shift(session, town)
    row = _sign_up(session, shift, town.volunteer)
    busy, free = _sign_up(session, shift, town.other), _sign_up(session, shift, town.second)
    _sign_up(session, same_time, town.other)
    sign_ups.withdraw(session, actor=town.actor("volunteer"), at=AT, sign_up_id=row.id)
    assert (busy.status, free.status) == ("waitlisted", "confirmed")
    assert _told(session, town, town.second) == ["moved_up"]
    assert list(checks.problems(session, town.id)) == []


class TestStandIns:
    """The volunteer has the one seat of a shift."""

    def test_who_was_asked_takes_the_place(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town, seats=1)
        row = _sign_up(session, shift, town.volunteer)
        waits = _sign_up(session, shift, town.second)
        stand_ins.ask(
            session, actor=town.actor("volunteer"), at=AT, sign_up_id=row.id,
            person_id=town.other.id,
        )  # fmt: skip
        assert _told(session, town, town.other) == ["stand_in_asked"]
        assert stand_ins.asked_of(session, town.id, town.other.id, AT) == [row]
        with pytest.raises(NotAllowed):
            stand_ins.accept(session, actor=town.actor("second"), at=AT, sign_up_id=row.id)
        taken = stand_ins.accept(session, actor=town.actor("other"), at=AT, sign_up_id=row.id)
        assert (taken.person_id, taken.status) == (town.other.id, "confirmed")
        assert (row.status, waits.status, shift.seats_taken) == ("withdrawn", "waitlisted", 1)
        with pytest.raises(Conflict, match="already_decided"):
            stand_ins.accept(session, actor=town.actor("other"), at=AT, sign_up_id=row.id)
        assert list(checks.problems(session, town.id)) == []

    def test_a_captain_puts_somebody_in(self, session: Session, town: Town) -> None:
        shift = make_shift(session, town)
        row = _sign_up(session, shift, town.volunteer)
        facts: dict[str, Any] = {"at": AT, "sign_up_id": row.id, "person_id": town.other.id}
        with pytest.raises(NotAllowed):
            stand_ins.ask(session, actor=town.actor("other"), **facts)
        taken = stand_ins.ask(session, actor=town.actor("captain"), **facts)
        assert (taken.person_id, row.status) == (town.other.id, "withdrawn")
        assert _told(session, town, town.volunteer) == ["stand_in_taken"]

    def test_not_once_it_has_begun_nor_for_who_is_busy(self, session: Session, town: Town) -> None:
        shift, other = make_shift(session, town), make_shift(session, town)
        row = _sign_up(session, shift, town.volunteer)
        _sign_up(session, other, town.other)
        facts: dict[str, Any] = {"sign_up_id": row.id, "person_id": town.other.id}
        captain = town.actor("captain")
        with pytest.raises(Conflict, match="overlapping"):
            stand_ins.ask(session, actor=captain, at=AT, **facts)
        with pytest.raises(Conflict, match="outside_window"):
            stand_ins.ask(session, actor=captain, at=shift.starts_at, **facts)
        with pytest.raises(Invalid):
            stand_ins.ask(
                session, actor=town.actor("volunteer"), at=AT - timedelta(hours=1),
                sign_up_id=row.id, person_id=town.volunteer.id,
            )  # fmt: skip
