"""The draw for a second look, that anybody can repeat, and the look itself."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import Conflict, DomainError, NotAllowed
from people.models import Community
from reports import check
from shifts.approval import clean_rows
from shifts.presence import attendance
from shifts.review import samples, second_looks
from shifts.review.second_looks import Line
from shifts.tables.attendance import Award
from shifts.tables.reviews import SampleDraw, SecondLook
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_attendance, make_rule, make_shift

DAY = date(2026, 11, 22)
AFTER = local(2, day=23)


def _credited(session: Session, town: Town) -> SampleDraw:
    """One award, drawn the night after."""
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    return samples.draw(session, actor=town.actor("manager"), at=AFTER, awarded_on=DAY)


def _look(session: Session, town: Town, draw: SampleDraw, by: str = "second", **facts: Any) -> Line:
    line = second_looks.lines(session, town.id, draw.id)[0]
    told = {"outcome": "confirmed"} | facts
    return second_looks.look(session, actor=town.actor(by), at=AFTER, sampled_id=line.id, **told)


def test_an_outsider_draws_the_same(session: Session, town: Town) -> None:
    """As the decision says, with nothing but the list that the call tells."""
    make_rule(session, town)
    shift = make_shift(session, town)
    factories.crowd(session, town, shift.id, 41)
    session.flush()
    clean_rows.approve(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)
    draw = samples.draw(session, actor=town.actor("manager"), at=AFTER, awarded_on=DAY)
    told = second_looks.sample(session, community_id=town.id, draw_id=draw.id)
    assert (told.awards, told.percent, told.drawn, len(told.award_ids)) == (41, 5, 3, 41)
    listed = sorted(map(str, told.award_ids))
    seed = hashlib.sha256(("\n".join(listed) + "\n").encode()).hexdigest()
    ranks = sorted((hashlib.sha256(f"{seed}:{one}".encode()).hexdigest(), one) for one in listed)
    assert told.seed == seed
    assert [str(line.award_id) for line in told.lines] == [one for _rank, one in ranks[:3]]


def test_how_many_are_drawn_is_a_setting(session: Session, town: Town) -> None:
    community = session.get_one(Community, town.id)
    community.settings = {"sample_percent": 100}
    assert _credited(session, town).percent == 100


def test_a_draw_is_made_once_and_of_a_day_that_is_over(session: Session, town: Town) -> None:
    manager = town.actor("manager")
    first = _credited(session, town)
    again = samples.draw(session, actor=manager, at=AFTER + timedelta(days=9), awarded_on=DAY)
    assert again.id == first.id
    late = make_attendance(session, make_shift(session, town), town.other)
    factories.approve(session, town, late)
    assert len(samples.listed(session, first)) == 1
    for day, code in (
        (date(2026, 11, 23), "day_not_over"),
        (date(2026, 11, 20), "nothing_to_draw"),
    ):
        with pytest.raises(Conflict) as refusal:
            samples.draw(session, actor=manager, at=AFTER, awarded_on=day)
        assert refusal.value.code == code
    with pytest.raises(NotAllowed):
        samples.draw(session, actor=town.actor("captain"), at=AFTER, awarded_on=DAY)


def test_a_tick_draws_each_day_that_is_due_once(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    other = make_attendance(session, make_shift(session, town), town.other)
    factories.approve(session, town, other, at=local(9, day=25))
    drawn = [samples.tick(session, town.id, local(0, 59, day=23))]
    drawn += [samples.tick(session, town.id, local(12, day=26)) for _ in range(3)]
    assert drawn == [0, 1, 1, 0]
    days = [one.awarded_on for one in second_looks.listed(session, community_id=town.id, limit=9)]
    assert days == [date(2026, 11, 25), DAY]


def test_somebody_else_confirms(session: Session, town: Town) -> None:
    draw = _credited(session, town)
    assert second_looks.unlooked(session, town.id) == 1
    for who in ("captain", "volunteer", "other_captain"):
        with pytest.raises(NotAllowed):
            _look(session, town, draw, who)
    told = _look(session, town, draw)
    assert (told.outcome, told.looked_by) == ("confirmed", town.second.id)
    with pytest.raises(Conflict):
        _look(session, town, draw, "manager")
    assert second_looks.unlooked(session, town.id) == 0
    assert list(check.of_community(session, town.id)) == []


def test_a_look_may_ask_for_an_amendment_that_a_third_person_approves(
    session: Session, town: Town
) -> None:
    draw = _credited(session, town)
    told = _look(session, town, draw, outcome="amended", checked_out_at=local(11), reason="left")
    assert (told.outcome, told.revision) == ("amended", 2)
    row = attendance.get(session, town.id, told.attendance_id)
    assert row.asked_revision == 2
    with pytest.raises(NotAllowed):
        factories.approve(session, town, row, "second", at=AFTER)
    factories.approve(session, town, row, "manager", at=AFTER)
    assert row.revision == 2
    assert list(check.of_community(session, town.id)) == []


def test_who_decided_does_not_look_again_below_the_program_either(
    session: Session, town: Town
) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row, "manager")
    draw = samples.draw(session, actor=town.actor("second"), at=AFTER, awarded_on=DAY)
    with pytest.raises(DomainError) as refusal:
        _look(session, town, draw, "manager")
    assert refusal.value.code == "own_approval"
    line = second_looks.lines(session, town.id, draw.id)[0]
    for who in (town.manager, town.volunteer, town.treasurer):
        with pytest.raises(DatabaseError, match="lovebank:"), session.begin_nested():
            session.execute(insert(SecondLook), [_forged(town, line, who.id)])


def test_the_awards_of_a_draw_are_those_of_its_day(session: Session, town: Town) -> None:
    draw = _credited(session, town)
    award = session.scalars(select(Award).where(Award.community_id == town.id)).one()
    assert samples.listed(session, draw) == [award.id]


def _forged(town: Town, line: Line, who: UUID) -> dict[str, Any]:
    return {
        "community_id": town.id,
        "id": ids.new(),
        "sampled_id": line.id,
        "attendance_id": line.attendance_id,
        "outcome": "confirmed",
        "revision": None,
        "looked_by": who,
        "looked_at": AFTER,
        "reason_code": None,
        "text_digest": None,
    }
