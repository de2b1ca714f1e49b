"""The captain's lists and the count of heads beside them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from kit.errors import Conflict, Invalid, NotAllowed
from shifts import rosters
from shifts.presence import cancelling, head_counts
from shifts.rota import sign_ups
from shifts.tables.reviews import HeadCount
from tests import factories as people
from tests.shifts.factories import Town, local, make_attendance, make_shift, scan


def test_three_lists(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for person in (town.volunteer, town.other, town.treasurer):
        sign_ups.sign_up(session, actor=people.actor_of(person), at=local(8), shift_id=shift.id)
    make_attendance(session, shift, town.volunteer, left=local(11))
    scan(session, shift, town.other, local(9))
    told = rosters.of_shift(
        session, actor=town.actor("captain"), at=local(11, 30), shift_id=shift.id
    )
    assert told.expected == [town.treasurer.id]
    assert told.present == [town.other.id]
    assert told.unchecked == [town.volunteer.id]


def test_a_count_stands_beside_what_the_scans_say(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    stays = [make_attendance(session, shift, town.volunteer, left=local(11))]
    stays.append(scan(session, shift, town.other, local(9))[1])
    for counted, minute in ((2, 0), (1, 5)):
        head_counts.add(
            session,
            actor=town.actor("captain"),
            at=local(10, 30),
            shift_id=shift.id,
            counted=counted,
            counted_at=local(10, minute),
        )
    found = head_counts.of(session, shift, stays, local(12))
    assert [(one.counted, one.recorded) for one in found] == [(2, 2), (1, 2)]


def test_a_count_is_of_its_moment(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    stay = make_attendance(session, shift, town.volunteer, left=local(11))
    for moment, there in ((local(8, 59), 0), (local(9), 1), (local(11), 0)):
        assert len(head_counts.there_at([stay], shift, moment, local(12))) == there


def test_who_counts_and_when(session: Session, town: Town) -> None:
    shift = make_shift(session, town)

    def count(by: str = "captain", counted: int = 3, **when: int) -> HeadCount:
        return head_counts.add(
            session,
            actor=town.actor(by),
            at=local(10),
            shift_id=shift.id,
            counted=counted,
            counted_at=local(10) + timedelta(**when),
        )

    for who in ("volunteer", "other_captain"):
        with pytest.raises(NotAllowed):
            count(who)
    with pytest.raises(Invalid):
        count(minutes=1)
    with pytest.raises(Invalid):
        count(hours=-2)
    made = count()
    assert count().id == made.id
    with pytest.raises(Conflict):
        count(counted=4)
    with pytest.raises(DatabaseError), session.begin_nested():
        session.execute(
            update(HeadCount).where(HeadCount.community_id == town.id).values(counted=20)
        )


def test_nobody_is_counted_at_a_cancelled_shift(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    cancelling.cancel(
        session, actor=town.actor("captain"), at=local(9), shift_id=shift.id, reason="rain"
    )
    with pytest.raises(Conflict):
        head_counts.add(
            session, actor=town.actor("captain"), at=local(10), shift_id=shift.id, counted=0
        )
