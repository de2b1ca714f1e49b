"""What is told when a shift is called off, a place becomes free, and an award is credited."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from messages import inbox
from messages.models import Message
from people.models import Person
from reports import told
from shifts.presence import cancelling
from shifts.review import corrections
from shifts.rota import sign_ups
from tests import factories
from tests.shifts.factories import (
    MADE,
    NOW,
    Town,
    approve,
    local,
    make_attendance,
    make_rule,
    make_shift,
)


def _told(session: Session, person: Person, language: str = "en") -> list[str]:
    rows: list[Message] = inbox.of(session, person.community_id, person.id, limit=10)
    return [one.text for one in told.told(session, person.community_id, rows, language)]


def _sign_up(session: Session, shift_id: UUID, person: Person, minutes: int = 0) -> UUID:
    actor = factories.actor_of(person)
    at = MADE + timedelta(minutes=minutes)
    return sign_ups.sign_up(session, actor=actor, at=at, shift_id=shift_id).id


def test_a_cancelled_shift_is_told_to_all_who_wanted_to_come(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=1)
    for minutes, person in enumerate((town.volunteer, town.other)):
        _sign_up(session, shift.id, person, minutes)
    actor = town.actor("manager")
    cancelling.cancel(session, actor=actor, at=local(8), shift_id=shift.id, reason="rain")
    wanted = ["“Morning patrol” (2026-11-22 09:00) is cancelled"]
    assert _told(session, town.volunteer) == _told(session, town.other) == wanted
    assert _told(session, town.volunteer, "zh") == ["“Morning patrol”（2026-11-22 09:00）已取消"]
    assert _told(session, town.deputy) == []


def test_who_moves_up_is_told_each_time(session: Session, town: Town) -> None:
    """A place that is given up and taken again is another place."""
    shift = make_shift(session, town, seats=1)
    first = _sign_up(session, shift.id, town.volunteer)
    second = _sign_up(session, shift.id, town.other, 1)

    def withdraw(sign_up_id: UUID, person: Person, minutes: int) -> None:
        at = MADE + timedelta(minutes=minutes)
        actor = factories.actor_of(person)
        sign_ups.withdraw(session, actor=actor, at=at, sign_up_id=sign_up_id)

    withdraw(first, town.volunteer, 2)
    assert _told(session, town.other) == [
        "A place in “Morning patrol” has become free and is yours: 2026-11-22 09:00"
    ]
    _sign_up(session, shift.id, town.volunteer, 3)
    withdraw(second, town.other, 4)
    _sign_up(session, shift.id, town.other, 5)
    withdraw(first, town.volunteer, 6)
    assert len(_told(session, town.other)) == 2
    assert len(_told(session, town.volunteer)) == 1


def test_an_award_is_told_and_a_corrected_one_again(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    assert _told(session, town.volunteer) == []
    approve(session, town, row)
    first = "2026-11-22, “Morning patrol”: 180 minutes served, 30 points awarded"
    assert _told(session, town.volunteer) == [first]
    corrections.amend(
        session,
        actor=town.actor("manager"),
        at=NOW,
        attendance_id=row.id,
        checked_out_at=local(11),
        reason="left at eleven",
    )
    assert _told(session, town.volunteer) == [first]
    approve(session, town, row, by="second")
    again = "2026-11-22, “Morning patrol”: 120 minutes served, 20 points awarded"
    assert _told(session, town.volunteer) == [again, first]
