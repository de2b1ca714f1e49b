"""A shift that was the wrong one, or at the wrong time: its stays go to the right one, together."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from kit.errors import Conflict, DomainError, NotAllowed
from ledger import statements
from reports import check
from shifts import queries, rosters
from shifts.approval import approvals
from shifts.review import corrections, moving
from shifts.review.move_plans import Moved, Target
from shifts.rota import sign_ups
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_attendance, make_rule, make_shift, scan


def _move(session: Session, town: Town, shift: Shift, by: str = "captain", **facts: Any) -> Moved:
    told: dict[str, Any] = {"reason": "the evening was meant", "shift_id": shift.id}
    return moving.move(session, actor=town.actor(by), at=NOW, **(told | facts))


def _numbers(session: Session, town: Town) -> tuple[int, int]:
    wallet = statements.wallet(session, town.id, town.volunteer.id, NOW)
    return wallet.available, wallet.minutes


def test_before_credit_it_counts_at_once(session: Session, town: Town) -> None:
    make_rule(session, town)
    wrong = make_shift(session, town)
    right = make_shift(session, town, starts_at=local(11), ends_at=local(13))
    sign_ups.sign_up(session, actor=people.actor_of(town.volunteer), at=local(8), shift_id=wrong.id)
    row = make_attendance(session, wrong, town.volunteer)
    seen = moving.preview(
        session,
        actor=town.actor("captain"),
        at=NOW,
        shift_id=wrong.id,
        target=Target(right.id),
    )
    told = _move(session, town, wrong, target=Target(right.id))
    assert told == seen
    assert [(one.outcome, one.minutes_before, one.minutes_after) for one in told.lines] == [
        ("moved", 180, 60)
    ]
    assert (row.shift_id, row.revision, row.status) == (right.id, 2, "submitted")
    assert "moved" in row.flags
    lines = rosters.of_shift(session, actor=town.actor("captain"), at=NOW, shift_id=wrong.id).lines
    assert [one.standing for one in lines] == ["moved"]
    with pytest.raises(NotAllowed):
        factories.approve(session, town, row, "captain")
    factories.approve(session, town, row, "deputy")
    assert _numbers(session, town) == (10, 60)
    assert list(check.of_community(session, town.id)) == []


def test_after_credit_it_waits_for_a_manager(session: Session, town: Town) -> None:
    make_rule(session, town)
    wrong = make_shift(session, town)
    row = make_attendance(session, wrong, town.volunteer)
    factories.approve(session, town, row, "deputy")
    times = Target(starts_at=local(10), ends_at=local(12))
    told = _move(session, town, wrong, target=times)
    assert [(one.outcome, one.minutes_after) for one in told.lines] == [("waits", 120)]
    assert (row.shift_id, _numbers(session, town)) == (wrong.id, (30, 180))
    assert list(check.of_community(session, town.id)) == []
    with pytest.raises(DomainError):
        factories.approve(session, town, row, "deputy")
    factories.approve(session, town, row, "manager")
    assert (row.shift_id, _numbers(session, town)) == (told.to_shift_id, (20, 120))
    assert {"made_late", "moved"} <= set(_flags(session, town, row))
    assert list(check.of_community(session, town.id)) == []


def test_times_may_go_along(session: Session, town: Town) -> None:
    wrong = make_shift(session, town, starts_at=local(9), ends_at=local(12))
    right = make_shift(session, town, starts_at=local(14), ends_at=local(17))
    row = factories.enter(session, wrong, town.other, by=town.deputy)
    told = _move(session, town, wrong, target=Target(right.id), along=True)
    assert [(one.minutes_before, one.minutes_after) for one in told.lines] == [(180, 180)]
    assert (row.checked_in_at, row.checked_out_at) == (local(14), local(17))
    assert {"amended_in", "amended_out", "hand", "moved"} <= set(row.flags)


def test_all_go_or_none(session: Session, town: Town) -> None:
    wrong = make_shift(session, town)
    right = make_shift(session, town, starts_at=local(11), ends_at=local(13))
    row = make_attendance(session, wrong, town.volunteer)
    early = make_attendance(session, wrong, town.other, left=local(10))
    double = make_attendance(session, wrong, town.treasurer)
    make_attendance(session, right, town.treasurer, came=local(12))
    with pytest.raises(Conflict) as refusal:
        _move(session, town, wrong, target=Target(right.id))
    codes = {line["id"]: line["code"] for line in refusal.value.facts["results"]}
    assert codes == {
        str(row.id): None,
        str(early.id): "validation",
        str(double.id): "already_attended",
    }
    assert {one.shift_id for one in (row, early, double)} == {wrong.id}


def test_who_is_still_there_is_not_moved(session: Session, town: Town) -> None:
    wrong = make_shift(session, town)
    scan(session, wrong, town.volunteer, local(9))
    told = moving.preview(
        session,
        actor=town.actor("captain"),
        at=local(10),
        shift_id=wrong.id,
        target=Target(starts_at=local(8), ends_at=local(12)),
    )
    assert [line.code for line in told.lines] == ["not_submitted"]


def test_who_may_move(session: Session, town: Town) -> None:
    mine, theirs = (
        make_shift(session, town),
        make_shift(session, town, captain_id=town.other_captain.id, deputy_ids=[]),
    )
    make_attendance(session, mine, town.volunteer)
    for who in ("volunteer", "other_captain", "captain"):
        with pytest.raises(NotAllowed):
            _move(session, town, mine, who, target=Target(theirs.id))
    assert _move(session, town, mine, "manager", target=Target(theirs.id)).lines


def test_the_database_moves_nothing_off_the_record(session: Session, town: Town) -> None:
    wrong, right = make_shift(session, town), make_shift(session, town)
    row = make_attendance(session, wrong, town.volunteer)
    with pytest.raises(Exception, match="lovebank:not_allowed"), session.begin_nested():
        session.execute(
            update(Attendance)
            .where(Attendance.community_id == town.id, Attendance.id == row.id)
            .values(shift_id=right.id)
        )


def test_an_amendment_of_moved_hours_stands_on_the_new_shift(session: Session, town: Town) -> None:
    make_rule(session, town)
    wrong = make_shift(session, town)
    right = make_shift(session, town, starts_at=local(11), ends_at=local(13))
    row = make_attendance(session, wrong, town.volunteer)
    _move(session, town, wrong, target=Target(right.id))
    factories.approve(session, town, row, "deputy")
    corrections.amend(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_id=row.id,
        checked_out_at=local(11, 30),
        reason="left before",
    )
    approvals.approve(session, actor=town.actor("deputy"), at=NOW, attendance_id=row.id)
    assert _numbers(session, town) == (5, 30)
    assert list(check.of_community(session, town.id)) == []


def _flags(session: Session, town: Town, row: Attendance) -> list[str]:
    view = queries.attendance(session, actor=town.actor("manager"), at=NOW, attendance_id=row.id)
    return view.flags
