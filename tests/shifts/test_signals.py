"""Signals: each raised by what it is about and by nothing else; none of them refuses anybody."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from people import households
from people.models import Person
from shifts.approval import approvals
from shifts.presence import attendance, head_counts, signals
from shifts.presence.evidence import Sight
from shifts.presence.signals import (
    BURST,
    HEAD_COUNT,
    OFTEN_FORGETS,
    SHARED_DEVICE,
    SHARED_TICKET,
    TWO_PLACES,
)
from shifts.rota import red_posts
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from tests import factories
from tests.shifts.factories import NOW, Town, local, make_rule, make_shift


def _people(session: Session, town: Town, count: int) -> list[Person]:
    return [
        factories.make_person(session, community_id=town.id, name=f"Volunteer {number}")
        for number in range(count)
    ]


def _come(
    session: Session, shift: Shift, person: Person, at: Any = None, **sight: Any
) -> Attendance:
    """The person scans the rotating code for themself."""
    return attendance.scan_in_or_out(
        session,
        actor=factories.actor_of(person),
        at=at or shift.starts_at,
        shift=shift,
        person_id=person.id,
        entered="scan",
        sight=Sight("shift", **sight),
    )[1]


def _of(session: Session, town: Town, rows: list[Attendance], at: Any = NOW) -> list[list[str]]:
    found = signals.of(session, town.id, rows, at)
    return [found.get(row.id, []) for row in rows]


def _count(session: Session, town: Town, shift: Shift, counted: int, at: Any) -> None:
    head_counts.add(session, actor=town.actor("captain"), at=at, shift_id=shift.id, counted=counted)


def test_a_crowd_by_one_step_is_a_question_until_somebody_counts_it(
    session: Session, town: Town
) -> None:
    shift = make_shift(session, town)
    rows = [_come(session, shift, one, step=7) for one in _people(session, town, 5)]
    assert _of(session, town, rows) == [[]] * 5
    rows.append(_come(session, shift, *_people(session, town, 1), step=7))
    late = _come(session, shift, *_people(session, town, 1), step=8)
    assert _of(session, town, [*rows, late]) == [[BURST]] * 6 + [[]]
    _count(session, town, shift, 7, local(9, 10))
    assert _of(session, town, [*rows, late]) == [[]] * 7


def test_who_was_counted_short_is_looked_at_and_nobody_else(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    rows = [_come(session, shift, one) for one in _people(session, town, 2)]
    _count(session, town, shift, 1, local(9, 30))
    rows.append(_come(session, shift, _people(session, town, 1)[0], at=local(10)))
    assert _of(session, town, rows) == [[HEAD_COUNT], [HEAD_COUNT], []]


def test_one_phone_for_two_homes_and_one_ticket_for_two_people(
    session: Session, town: Town
) -> None:
    shift = make_shift(session, town)
    one, two, three, four, five = _people(session, town, 5)
    households.form(session, actor=town.actor("manager"), at=NOW, person_ids=[one.id, two.id])
    rows = [_come(session, shift, who, device="d1", ticket=f"t{who.id}") for who in (one, two)]
    assert _of(session, town, rows) == [[], []]
    rows.append(_come(session, shift, three, device="d1"))
    assert _of(session, town, rows) == [[SHARED_DEVICE]] * 3
    rows = [_come(session, shift, who, ticket="t") for who in (four, five)]
    assert _of(session, town, rows) == [[SHARED_TICKET]] * 2
    other = make_shift(session, town)
    assert _of(session, town, [_come(session, other, three, device="d2")]) == [[TWO_PLACES]]


def test_a_captain_scans_many_cards_with_one_device(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    rows = [
        attendance.scan_in_or_out(
            session,
            actor=town.actor("captain"),
            at=shift.starts_at,
            shift=shift,
            person_id=who.id,
            entered="card",
            sight=Sight("card", device="d1"),
        )[1]
        for who in _people(session, town, 8)
    ]
    assert _of(session, town, rows) == [[]] * 8


def test_the_same_card_at_two_red_posts_at_once(session: Session, town: Town) -> None:
    gate = make_shift(session, town)
    other = red_posts.add(session, actor=town.actor("manager"), at=NOW, name="East", kind="patrol")
    east = make_shift(session, town, red_post_id=other.id)
    noon = make_shift(session, town, starts_at=local(12), ends_at=local(14))
    who = town.volunteer
    first = _come(session, gate, who, local(9))
    _come(session, gate, who, local(10))
    after = _come(session, east, who, local(10, 0))
    assert _of(session, town, [first, after]) == [[], []]
    third = _come(session, noon, who, local(11, 45))
    assert _of(session, town, [first, after, third], local(11, 50)) == [
        [],
        [TWO_PLACES],
        [TWO_PLACES],
    ]


def test_forgetting_for_the_third_time_is_a_question(session: Session, town: Town) -> None:
    rows = []
    for day in (3, 10, 17):
        shift = make_shift(session, town, starts_at=local(9, day=day), ends_at=local(12, day=day))
        rows.append(_come(session, shift, town.volunteer))
    assert _of(session, town, rows[:2], local(12, 30, day=17)) == [[], []]
    assert _of(session, town, rows) == [[OFTEN_FORGETS]] * 3
    assert _of(session, town, rows[2:], NOW + timedelta(days=50)) == [[]]


def test_a_signal_refuses_nobody(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    row = _come(session, shift, town.volunteer)
    _count(session, town, shift, 0, local(9, 30))
    _come(session, shift, town.volunteer, local(12))
    assert _of(session, town, [row]) == [[HEAD_COUNT]]
    assert row.status == "submitted"
    approvals.approve(session, actor=town.actor("captain"), at=NOW, attendance_id=row.id)
    assert row.status == "credited"
