"""25 sequences of correction of presence: moves, objections, second looks, clean rows, mixed.

Run by the proof ``presence_corrections`` on both engines. Invariant: after each, the figures are
those that the sequence itself adds up, the check is clean and every number is explained.
"""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kit.errors import DomainError
from shifts.approval import clean_rows
from shifts.presence import attendance, head_counts
from shifts.review import moving, objections, samples, second_looks
from shifts.review.move_plans import Target
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from tests.corrections.scene import Scene, make_scene, moment, morning, shift

TEN, ELEVEN, NOON = moment(10), moment(11), moment(12)


def _move(scene: Scene, row: Attendance, to: Shift, along: bool = False) -> None:
    moving.move(
        scene.session,
        actor=scene.town.actor("captain"),
        at=scene.at,
        shift_id=row.shift_id,
        target=Target(to.id),
        along=along,
        reason="the other shift was meant",
    )


def _object(scene: Scene, row: Attendance) -> Any:
    return objections.raise_one(
        scene.session,
        actor=scene.town.actor("volunteer"),
        at=scene.at,
        attendance_id=row.id,
        reason="I was there longer",
    ).id


def _uphold(scene: Scene, objection_id: Any, **times: datetime) -> Any:
    return objections.uphold(
        scene.session,
        actor=scene.town.actor("manager"),
        at=scene.at,
        objection_id=objection_id,
        reason="the list says so",
        **times,
    )


def _clean(scene: Scene, row: Attendance, by: str = "deputy") -> int:
    return clean_rows.approve(
        scene.session, actor=scene.town.actor(by), at=scene.at, shift_id=row.shift_id
    ).credited


def _sampled(scene: Scene) -> Any:
    """The night after, the one award of the day is drawn."""
    scene.at = moment(8, day=23)
    actor = scene.town.actor("manager")
    day = date(2026, 11, 22)
    draw = samples.draw(scene.session, actor=actor, at=scene.at, awarded_on=day)
    return second_looks.lines(scene.session, scene.town.id, draw.id)[0].id


def _look(scene: Scene, sampled_id: Any, **facts: Any) -> None:
    second_looks.look(
        scene.session,
        actor=scene.town.actor("manager"),
        at=scene.at,
        sampled_id=sampled_id,
        **({"outcome": "amended", "reason": "the list says so"} | facts),
    )


def test_01_clean_then_amended_after_it_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 9, 12))
    assert _clean(scene, row) == 1
    scene.buy(3)
    scene.amend(row, checked_out_at=ELEVEN)
    scene.approve(row)
    scene.expect(0, 120, owed=10)


def test_02_moved_before_credit(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 9, 12))
    _move(scene, row, shift(scene, 11, 13))
    scene.expect(0, 0)
    scene.approve(row)
    scene.expect(10, 60)


def test_03_a_credited_shift_moved(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 10, 12))
    scene.expect(30, 180)
    scene.approve(row, "manager")
    scene.expect(20, 120)


def test_04_a_credited_shift_moved_after_it_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(3)
    _move(scene, row, shift(scene, 10, 12))
    scene.approve(row, "manager")
    scene.expect(0, 120, owed=10)


def test_05_a_move_that_is_refused_changes_nothing(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 10, 12))
    scene.reject(row, "manager")
    scene.expect(30, 180)


def test_06_moved_there_and_back(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    home = row.shift_id
    _move(scene, row, shift(scene, 10, 12))
    scene.approve(row, "manager")
    back = scene.session.get(Shift, (scene.town.id, home))
    assert back is not None
    _move(scene, row, back)
    scene.approve(row, "second")
    scene.expect(30, 180)


def test_07_moved_along_with_its_times(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 14, 17), along=True)
    scene.approve(row, "manager")
    scene.expect(30, 180)


def test_08_moved_and_then_amended(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 10, 12))
    scene.approve(row, "manager")
    scene.amend(row, checked_out_at=ELEVEN)
    scene.approve(row)
    scene.expect(10, 60)


def test_09_amended_and_then_moved(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.amend(row, checked_out_at=ELEVEN)
    with pytest.raises(DomainError):
        _move(scene, row, shift(scene, 10, 12))
    scene.approve(row)
    _move(scene, row, shift(scene, 10, 12))
    scene.approve(row, "manager")
    scene.expect(10, 60)


def test_10_approved_while_amended(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 9, 12))
    scene.amend(row, checked_out_at=ELEVEN)
    with pytest.raises(DomainError):
        scene.approve(row, "captain")
    assert _clean(scene, row) == 0
    scene.approve(row)
    scene.expect(20, 120)


def test_11_moved_and_voided_while_it_waits(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 10, 12))
    scene.reverse(row)
    scene.expect(0, 0)


def test_12_moved_and_then_reversed_after_it_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 10, 12))
    scene.approve(row, "manager")
    scene.buy(2)
    scene.reverse(row)
    scene.expect(0, 0, owed=20)


def test_13_two_shifts_into_one_day_under_a_cap(session: Session) -> None:
    scene = make_scene(session, daily_cap_points=25)
    first = morning(scene)
    other = shift(scene, 14, 16)
    second = scene.approve(scene.serve(other))
    scene.expect(25, 300)
    _move(scene, first, shift(scene, 11, 12))
    scene.approve(first, "manager")
    assert second.status == "credited"
    # The other award of the day keeps the sum that it was made with (decision 0020).
    scene.expect(10, 180)


def test_14_an_objection_upheld(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, left=ELEVEN)
    _uphold(scene, _object(scene, row), checked_out_at=NOON)
    scene.expect(20, 120)
    scene.approve(row)
    scene.expect(30, 180)


def test_15_an_objection_upheld_after_it_lapsed(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(points_expiry={"months": 1})
    row = morning(scene, left=ELEVEN)
    one = _object(scene, row)
    scene.later(days=45)
    scene.expect(0, 120)
    _uphold(scene, one, checked_out_at=NOON)
    scene.approve(row)
    scene.expect(10, 180)


def test_16_an_objection_rejected(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    objections.reject(
        scene.session,
        actor=scene.town.actor("manager"),
        at=scene.at,
        objection_id=_object(scene, row),
        reason="the scans agree",
    )
    scene.expect(30, 180)


def test_17_an_objection_to_a_rejected_line(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 9, 12))
    scene.reject(row)
    done = _uphold(scene, _object(scene, row))
    entered = attendance.get(scene.session, scene.town.id, done.entered_id)
    scene.expect(0, 0)
    scene.approve(entered)
    scene.expect(30, 180)


def test_18_an_objection_to_a_voided_line(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(1)
    scene.reverse(row)
    scene.expect(0, 0, owed=10)
    done = _uphold(scene, _object(scene, row))
    scene.approve(attendance.get(scene.session, scene.town.id, done.entered_id))
    scene.expect(20, 180)


def test_19_an_objection_during_the_notice(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(notice_days=7)
    row = morning(scene, left=ELEVEN)
    scene.expect(0, 120, pending=20)
    _uphold(scene, _object(scene, row), checked_out_at=NOON)
    scene.approve(row)
    scene.expect(0, 180, pending=30)
    scene.later(days=8)
    scene.expect(30, 180)


def test_20_an_upheld_objection_whose_amendment_is_refused(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, left=ELEVEN)
    _uphold(scene, _object(scene, row), checked_out_at=NOON)
    scene.reject(row)
    scene.expect(20, 120)


def test_21_an_objection_to_what_was_moved(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _move(scene, row, shift(scene, 11, 13))
    scene.approve(row, "second")
    scene.expect(10, 60)
    _uphold(scene, _object(scene, row), checked_out_at=moment(13))
    scene.approve(row)
    scene.expect(20, 120)


def test_22_a_second_look_amends_what_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(3)
    _look(scene, _sampled(scene), checked_out_at=ELEVEN)
    scene.expect(0, 180)
    scene.approve(row, "second")
    scene.expect(0, 120, owed=10)


def test_23_a_second_look_confirms(session: Session) -> None:
    scene = make_scene(session)
    morning(scene)
    _look(scene, _sampled(scene), outcome="confirmed", reason=None)
    scene.expect(30, 180)


def test_24_doubted_heads_then_approved_one_by_one(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 9, 12))
    head_counts.add(
        scene.session,
        actor=scene.town.actor("captain"),
        at=scene.at,
        shift_id=row.shift_id,
        counted=0,
        counted_at=TEN,
    )
    assert _clean(scene, row) == 0
    scene.approve(row)
    scene.expect(30, 180)


def test_25_an_order_cancelled_after_a_move(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    order = scene.order(3)
    _move(scene, row, shift(scene, 10, 12))
    scene.approve(row, "manager")
    scene.expect(0, 120, owed=10, held=30)
    scene.cancel(order)
    scene.expect(20, 120)
