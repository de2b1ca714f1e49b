"""Amendments of what is credited already: a second person approves, reversal and award together."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import accounts, statements
from ledger.models import Transfer
from shifts.approval import approvals
from shifts.presence import records
from shifts.rules.versions import NightRate
from shifts.tables.attendance import Attendance, Award
from tests.corrections.scene import Scene, make_scene, moment, morning, shift

TEN, ELEVEN, NOON = moment(10), moment(11), moment(12)


def _amended(scene: Scene, row: Attendance, **times: Any) -> Attendance:
    scene.amend(row, **times)
    return scene.approve(row)


def test_amended_upwards(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, left=ELEVEN)
    scene.expect(20, 120)
    scene.amend(row, checked_out_at=NOON)
    seen = scene.see(row)
    assert (seen.status, seen.points, seen.minutes, seen.revision) == ("credited", 20, 120, 1)
    assert "amendment_waiting" in seen.flags
    assert seen.amendment is not None
    assert (seen.amendment.checked_out_at, seen.amendment.minutes) == (NOON, 180)
    scene.expect(20, 120)
    scene.approve(row)
    seen = scene.see(row)
    assert (seen.status, seen.points, seen.minutes, seen.revision) == ("credited", 30, 180, 2)
    assert (seen.amendment, seen.evidence) == (None, "c")
    assert seen.flags == ["amended_out", "walk_in"]
    scene.expect(30, 180)


def test_amended_downwards(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _amended(scene, row, checked_in_at=TEN, checked_out_at=ELEVEN)
    assert scene.see(row).evidence == "d"
    scene.expect(10, 60)


def test_amended_upwards_after_it_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, left=ELEVEN)
    scene.buy(2)
    _amended(scene, row, checked_out_at=NOON)
    scene.expect(10, 180)


def test_amended_downwards_after_it_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(3)
    _amended(scene, row, checked_out_at=TEN)
    scene.expect(0, 60, owed=20)
    scene.approve(scene.serve(shift(scene, 13, 16)))
    scene.expect(10, 240)


def test_amended_downwards_with_an_order_that_is_then_cancelled(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    order = scene.order(3)
    _amended(scene, row, checked_out_at=TEN)
    scene.expect(0, 60, held=30, owed=20)
    scene.cancel(order)
    scene.expect(10, 60)


def test_amended_up_and_down_again(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, left=ELEVEN)
    _amended(scene, row, checked_out_at=NOON)
    scene.buy(3)
    _amended(scene, row, checked_out_at=ELEVEN)
    scene.expect(0, 120, owed=10)
    _amended(scene, row, checked_out_at=NOON)
    scene.expect(0, 180)
    assert scene.see(row).revision == 4


def test_refused_and_then_amended_again(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.amend(row, checked_out_at=ELEVEN)
    scene.reject(row)
    seen = scene.see(row)
    assert (seen.status, seen.amendment, seen.revision) == ("credited", None, 1)
    scene.expect(30, 180)
    with scene.refused("already_decided"):
        scene.approve(row)
    _amended(scene, row, checked_out_at=TEN)
    assert scene.see(row).revision == 3
    scene.expect(10, 60)


def test_one_waits_at_a_time(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.amend(row, checked_out_at=ELEVEN)
    with scene.refused("amendment_waiting"):
        scene.amend(row, by="manager", checked_out_at=TEN)
    with scene.refused("not_allowed"):
        scene.amend(row, by="other_captain", checked_out_at=TEN)
    scene.approve(row)
    with scene.refused("validation"):
        scene.amend(row, checked_out_at=ELEVEN)
    scene.expect(20, 120)


def test_who_amends_does_not_approve(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.amend(row, by="deputy", checked_out_at=ELEVEN)
    for by in ("deputy", "volunteer"):
        with scene.refused("own_approval" if by == "deputy" else "not_allowed"):
            scene.approve(row, by)
        with scene.refused("own_approval" if by == "deputy" else "not_allowed"):
            scene.reject(row, by)
    scene.expect(30, 180)
    scene.approve(row, "captain")
    scene.expect(20, 120)


def test_reversed_while_an_amendment_waits(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.amend(row, checked_out_at=ELEVEN)
    scene.reverse(row)
    assert (scene.see(row).status, scene.see(row).amendment) == ("voided", None)
    for deed in (scene.approve, scene.reject):
        with scene.refused("already_decided"):
            deed(row)
    with scene.refused("already_decided"):
        scene.amend(row, checked_out_at=TEN)
    scene.expect(0, 0)


def test_amended_and_then_reversed(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, left=ELEVEN)
    _amended(scene, row, checked_out_at=NOON)
    scene.buy(1)
    scene.reverse(row)
    scene.expect(0, 0, owed=10)
    assert len(_awards(scene, row)) == 2


def test_the_cap_counts_the_last_award_of_each(session: Session) -> None:
    scene = make_scene(session, daily_cap_points=40)
    first = morning(scene)
    second = scene.approve(scene.serve(shift(scene, 13, 16), left=moment(15)))
    scene.expect(40, 300)
    # Twenty of its thirty are given up; the second was capped when it was approved, and stays so.
    _amended(scene, first, checked_out_at=TEN)
    scene.expect(20, 180)
    _amended(scene, second, checked_out_at=moment(16))
    scene.expect(40, 240)
    assert [one.points for one in _awards(scene, second)] == [10, 30]


def test_the_cap_within_one_call(session: Session) -> None:
    scene = make_scene(session, daily_cap_points=40)
    first = morning(scene)
    scene.amend(first, checked_out_at=TEN)
    second = scene.serve(shift(scene, 13, 17))
    lines = approvals.approve_all(
        session,
        actor=scene.town.actor("deputy"),
        at=scene.at,
        attendance_ids=[first.id, second.id],
        mode="all_or_nothing",
    )
    assert [line.outcome for line in lines] == ["credited", "credited"]
    scene.expect(40, 300)


def test_the_budget_is_too_small_for_the_new_award(session: Session) -> None:
    scene = make_scene(session, budget=25)
    row = morning(scene, left=ELEVEN)
    scene.amend(row, checked_out_at=NOON)
    with scene.refused("over_budget"):
        scene.approve(row)
    assert scene.see(row).amendment is not None
    scene.expect(20, 120)
    scene.reject(row)
    _amended(scene, row, checked_out_at=TEN)
    scene.expect(10, 60)
    assert _left(scene) == 15


def test_the_budget_gets_back_what_the_old_award_took(session: Session) -> None:
    scene = make_scene(session, budget=30)
    row = morning(scene, left=ELEVEN)
    scene.buy(2)
    _amended(scene, row, checked_out_at=NOON)
    assert _left(scene) == 0
    scene.expect(10, 180)


def test_amended_to_nothing_and_back(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    _amended(scene, row, checked_out_at=moment(9).replace(second=40))
    seen = scene.see(row)
    assert (seen.status, seen.points, seen.minutes) == ("credited", 0, 0)
    assert [one.transfer_id is None for one in _awards(scene, row)] == [False, True]
    scene.expect(0, 0)
    _amended(scene, row, checked_out_at=NOON)
    scene.expect(30, 180)


def test_amended_below_the_minimum(session: Session) -> None:
    scene = make_scene(session, min_minutes=60)
    scene.decide(notice_days=7)
    row = morning(scene)
    _amended(scene, row, checked_out_at=moment(9, 59))
    # Minutes are credited at once, and no points have nothing to wait for.
    assert (scene.see(row).status, scene.see(row).available_on) == ("credited", None)
    scene.expect(0, 59)


def test_amended_into_the_night(session: Session) -> None:
    night = NightRate("21:00", "06:00", 20)
    scene = make_scene(session, night=night)
    row = scene.approve(scene.serve(shift(scene, 19, 22), left=moment(21)))
    scene.expect(20, 120)
    _amended(scene, row, checked_out_at=moment(22))
    scene.expect(40, 180)
    steps = {step["step"]: step for step in _awards(scene, row)[-1].steps}
    assert (steps["split"]["day_minutes"], steps["split"]["night_minutes"]) == (120, 60)


def test_two_managers_sign_what_becomes_a_long_day(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 7, 20), left=moment(14))
    scene.approve(row)
    scene.expect(70, 420)
    scene.amend(row, checked_out_at=moment(20))
    with scene.refused("not_allowed"):
        scene.approve(row)
    scene.approve(row, "manager")
    assert (scene.see(row).points, scene.see(row).amendment is not None) == (70, True)
    scene.expect(70, 420)
    for by, code in (("manager", "own_approval"), ("deputy", "not_allowed")):
        with scene.refused(code):
            scene.approve(row, by)
    scene.approve(row, "second")
    scene.expect(130, 780)


def test_one_manager_signed_and_the_other_refuses(session: Session) -> None:
    scene = make_scene(session)
    row = scene.serve(shift(scene, 7, 20), left=moment(14))
    scene.approve(row)
    scene.amend(row, checked_out_at=moment(20))
    scene.approve(row, "manager")
    scene.reject(row, "second")
    scene.expect(70, 420)
    scene.amend(row, checked_out_at=moment(15))
    scene.approve(row)
    scene.expect(80, 480)


def test_whoever_signed_the_first_award_may_sign_the_second(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene, by="deputy")
    scene.amend(row, by="manager", checked_out_at=ELEVEN)
    scene.approve(row, "deputy")
    scene.expect(20, 120)


def test_the_reversal_gives_the_reason_of_the_amendment(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    old = scene.transfer_of(row)
    _amended(scene, row, checked_out_at=ELEVEN)
    reversal = session.scalars(
        select(Transfer).where(Transfer.community_id == scene.town.id, Transfer.reverses_id == old)
    ).one()
    asked = records.of(session, scene.town.id, row.id)[-1]
    assert (asked.kind, asked.revision, asked.before != asked.after) == ("late_amendment", 2, True)
    assert reversal.text_digest == asked.text_digest
    assert reversal.actor_id == scene.town.deputy.id


@pytest.mark.parametrize("after_notice", [False, True])
def test_the_second_award_has_a_notice_of_its_own(session: Session, after_notice: bool) -> None:
    scene = make_scene(session)
    scene.decide(notice_days=7)
    row = morning(scene)
    scene.expect(0, 180, pending=30)
    scene.later(days=8 if after_notice else 2)
    scene.amend(row, checked_out_at=TEN)
    assert scene.see(row).status == ("credited" if after_notice else "approved")
    scene.approve(row)
    assert scene.see(row).status == "approved"
    scene.expect(0, 60, pending=10)
    scene.later(days=7)
    assert scene.see(row).status == "credited"
    scene.expect(10, 60)


def _awards(scene: Scene, row: Attendance) -> list[Award]:
    return list(
        scene.session.scalars(
            select(Award)
            .where(Award.community_id == scene.town.id, Award.attendance_id == row.id)
            .order_by(Award.revision)
        )
    )


def _left(scene: Scene) -> int:
    """What the budget of the red post's fund leaves."""
    place = accounts.fund_points(scene.town.fund_id)
    return statements.available_of(scene.session, scene.town.id, [place])[place]
