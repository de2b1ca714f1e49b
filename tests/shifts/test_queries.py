"""Who sees what of shifts and attendances; and that a check finds what vandals leave."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from kit.errors import NotAllowed, NotFound
from people import roles
from shifts import checks, queries, rosters
from shifts.rota import activities, sign_ups
from shifts.tables.rota import Shift
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_attendance, make_rule, make_shift, scan


def _seen(session: Session, actor: Any, **wanted: Any) -> list[Any]:
    found = queries.attendances(session, actor=actor, at=NOW, limit=10, **wanted)
    return [view.id for view in found]


def test_everybody_sees_what_is_theirs_to_see(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    mine = make_attendance(session, shift, town.volunteer).id
    other = make_attendance(session, shift, town.other).id
    auditor = people.make_person(session, community_id=town.id, held=("auditor",))
    for who in ("manager", "captain", "deputy"):
        assert _seen(session, town.actor(who)) == [other, mine], who
    assert _seen(session, people.actor_of(auditor)) == [other, mine]
    assert _seen(session, town.actor("volunteer")) == [mine]
    assert _seen(session, town.actor("other_captain")) == []
    for view in (mine, other):
        told = queries.attendance(session, actor=town.actor("captain"), at=NOW, attendance_id=view)
        assert told.id == view


def test_nobody_sees_what_is_not(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.other)
    for who in ("volunteer", "other_captain", "treasurer"):
        with pytest.raises(NotAllowed):
            queries.attendance(session, actor=town.actor(who), at=NOW, attendance_id=row.id)
        with pytest.raises(NotAllowed):
            rosters.of_shift(session, actor=town.actor(who), at=NOW, shift_id=row.shift_id)
    with pytest.raises(NotAllowed):
        _seen(session, town.actor("volunteer"), person_id=town.other.id)
    assert _seen(session, town.actor("other_captain"), person_id=town.other.id) == []


def test_a_manager_of_a_unit_sees_its_occasions(session: Session, town: Town) -> None:
    unit = people.make_unit(session, community_id=town.id)
    fair = activities.add(
        session, actor=town.actor("manager"), at=NOW, name="Fair", unit_id=unit.id
    )
    row = make_attendance(session, make_shift(session, town, activity_id=fair.id), town.other)
    make_attendance(session, make_shift(session, town), town.other)
    head = people.make_person(session, community_id=town.id)
    people.grant_role(
        session, community_id=town.id, person_id=head.id, role="manager", unit_id=unit.id
    )
    assert _seen(session, people.actor_of(head)) == [row.id]
    assert roles.holds(session, people.actor_of(head), "manager") is False


def test_an_auditor_of_a_unit_sees_its_rosters_and_drafts_alone(
    session: Session, town: Town
) -> None:
    unit = people.make_unit(session, community_id=town.id)
    fair = activities.add(
        session, actor=town.actor("manager"), at=NOW, name="Fair", unit_id=unit.id
    )
    theirs = make_shift(session, town, activity_id=fair.id, draft=True)
    other = make_shift(session, town, draft=True)
    auditor = people.make_person(session, community_id=town.id)
    people.grant_role(
        session, community_id=town.id, person_id=auditor.id, role="auditor", unit_id=unit.id
    )
    actor = people.actor_of(auditor)
    found = queries.shifts(session, actor=actor, at=NOW, limit=9)
    assert [one.id for one in found] == [theirs.id]
    assert queries.shift(session, actor=actor, at=NOW, shift_id=theirs.id).id == theirs.id
    assert rosters.of_shift(session, actor=actor, at=NOW, shift_id=theirs.id).lines == []
    with pytest.raises(NotFound):
        queries.shift(session, actor=actor, at=NOW, shift_id=other.id)
    with pytest.raises(NotAllowed):
        rosters.of_shift(session, actor=actor, at=NOW, shift_id=other.id)


def test_pages_and_filters(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    rows = [make_attendance(session, shift, who).id for who in (town.volunteer, town.other)]
    _, still = scan(session, shift, town.captain, local(9))
    actor = town.actor("manager")
    assert _seen(session, actor, before=rows[1]) == [rows[0]]
    assert _seen(session, actor, status="submitted") == rows[::-1]
    assert _seen(session, actor, status="auto_closed") == [still.id]
    assert _seen(session, actor, status="open") == []
    assert _seen(session, actor, person_id=town.other.id, shift_id=shift.id) == [rows[1]]


def test_a_view_tells_the_award(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)

    def view() -> tuple[Any, ...]:
        actor = town.actor("volunteer")
        found = queries.attendance(session, actor=actor, at=NOW, attendance_id=row.id)
        return found.status, found.minutes, found.points

    assert view() == ("submitted", 180, None)
    factories.approve(session, town, row)
    assert view() == ("credited", 180, 30)


def test_the_roster(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=2)
    for person in (town.volunteer, town.other, town.treasurer):
        sign_ups.sign_up(session, actor=people.actor_of(person), at=local(8), shift_id=shift.id)
    scan(session, shift, town.volunteer, local(9))

    def standings(at: Any) -> dict[str, str]:
        told = rosters.of_shift(session, actor=town.actor("captain"), at=at, shift_id=shift.id)
        return {line.name: line.standing for line in told.lines}

    assert standings(local(10)) == {
        "Zhou Ying": "present", "He Yun": "expected", "Qian Duo": "waitlisted",
    }  # fmt: skip
    assert standings(local(14)) == {
        "Zhou Ying": "left", "He Yun": "no_show", "Qian Duo": "waitlisted",
    }  # fmt: skip


def test_shifts_by_time_and_drafts_for_those_who_lead(session: Session, town: Town) -> None:
    early, late = make_shift(session, town), make_shift(session, town, starts_at=local(11))
    draft = make_shift(session, town, draft=True)

    def found(who: str, **wanted: Any) -> list[Any]:
        views = queries.shifts(session, actor=town.actor(who), at=local(10), limit=9, **wanted)
        return [view.id for view in views]

    assert found("volunteer") == [late.id, early.id]
    assert found("captain") == [draft.id, late.id, early.id]
    assert found("volunteer", since=local(10)) == [late.id]
    assert found("volunteer", until=local(10), red_post_id=town.red_post.id) == [early.id]
    with pytest.raises(NotFound):
        queries.shift(session, actor=town.actor("volunteer"), at=NOW, shift_id=draft.id)
    told = queries.shift(session, actor=town.actor("volunteer"), at=NOW, shift_id=early.id)
    assert (told.status, told.deputy_ids) == ("closed", [town.deputy.id])


def test_a_check_finds_seats_that_nobody_took(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    assert list(checks.problems(session, town.id)) == []
    session.execute(
        update(Shift)
        .where(Shift.community_id == town.id, Shift.id == shift.id)
        .values(seats_taken=3)
    )
    (problem,) = checks.problems(session, town.id)
    assert (problem.code, problem.facts) == ("seats_differ", {"taken": 3, "confirmed": 0})
