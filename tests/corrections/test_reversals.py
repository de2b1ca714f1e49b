"""Awards that are reversed by the treasurer: before and after the points were spent."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from ledger import statements
from shifts.approval import voiding
from tests.corrections.scene import Scene, make_scene, moment, morning, shift


def _reverse_again(scene: Scene, transfer_id: UUID) -> None:
    with scene.refused("already_reversed"):
        voiding.reverse_award(
            scene.session,
            actor=scene.town.actor("treasurer"),
            at=scene.at,
            transfer_id=transfer_id,
            reason="once more",
        )


def test_reversed_before_anything_was_spent(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.expect(30, 180)
    scene.reverse(row)
    assert scene.see(row).status == "voided"
    scene.expect(0, 0)


def test_reversed_after_it_was_spent_in_part(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(2)
    scene.expect(10, 180)
    scene.reverse(row)
    scene.expect(0, 0, owed=20)


def test_reversed_twice(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    transfer_id = scene.transfer_of(row)
    scene.buy(3)
    scene.reverse(row)
    _reverse_again(scene, transfer_id)
    scene.expect(0, 0, owed=30)


def test_a_debt_is_repaid_by_two_awards(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(3)
    scene.reverse(row)
    scene.approve(scene.serve(shift(scene, 13, 15)))
    scene.expect(0, 120, owed=10)
    scene.approve(scene.serve(shift(scene, 16, 19)))
    scene.expect(20, 300)


def test_one_of_two_is_reversed_and_takes_its_own_points(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.approve(scene.serve(shift(scene, 13, 15)))
    scene.buy(2)
    scene.expect(30, 300)
    scene.reverse(row)
    scene.expect(0, 120)


def test_a_reversal_of_a_repayment_makes_the_debt_anew(session: Session) -> None:
    scene = make_scene(session)
    first = morning(scene)
    scene.buy(3)
    scene.reverse(first)
    second = scene.approve(scene.serve(shift(scene, 13, 15)))
    scene.expect(0, 120, owed=10)
    scene.reverse(second)
    scene.expect(0, 0, owed=30)


def test_an_order_is_returned_after_the_reversal(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    order = scene.buy(3)
    scene.reverse(row)
    scene.expect(0, 0, owed=30)
    scene.give_back(order)
    scene.expect(0, 0)


def test_an_order_is_cancelled_after_the_reversal(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.approve(scene.serve(shift(scene, 13, 14)))
    order = scene.order(3)
    scene.expect(10, 240, held=30)
    scene.reverse(row)
    scene.expect(0, 60, held=30, owed=20)
    scene.cancel(order)
    scene.expect(10, 60)


def test_an_order_lapses_after_the_reversal(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.order(3)
    scene.reverse(row)
    scene.expect(0, 0, held=30, owed=30)
    scene.later(days=15)
    scene.expect(0, 0)


def test_reversed_on_notice(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(notice_days=7)
    row = morning(scene)
    assert scene.see(row).status == "approved"
    scene.expect(0, 180, pending=30)
    scene.reverse(row)
    scene.expect(0, 0)
    scene.later(days=8)
    scene.expect(0, 0)


def test_reversed_when_the_notice_is_over_and_the_points_spent(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(notice_days=3)
    row = morning(scene)
    scene.later(days=2)
    assert scene.see(row).status == "approved"
    with scene.refused("insufficient_points"):
        scene.order(1)
    scene.later(days=1)
    assert scene.see(row).status == "credited"
    scene.buy(2)
    scene.expect(10, 180)
    scene.reverse(row)
    scene.expect(0, 0, owed=20)


def test_a_debt_is_repaid_when_a_notice_ends(session: Session) -> None:
    scene = make_scene(session)
    first = morning(scene)
    scene.buy(3)
    scene.reverse(first)
    scene.decide(notice_days=5)
    scene.approve(scene.serve(shift(scene, 13, 18)))
    scene.expect(0, 300, owed=30, pending=50)
    scene.later(days=5)
    scene.expect(20, 300)


def test_reversed_after_it_lapsed(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(points_expiry={"months": 1})
    row = morning(scene)
    scene.later(days=40)
    scene.expect(0, 180)
    # What lapsed is gone as if it had been spent: it was never theirs.
    scene.reverse(row)
    scene.expect(0, 0, owed=30)


def test_the_period_is_closed_before_the_reversal(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.later(days=10)
    scene.close(date(2026, 11, 30))
    made = scene.reverse(row)
    told = statements.transfer(session, scene.town.id, made)
    assert (told.effective_on, told.original_on) == (date(2026, 12, 1), date(2026, 11, 22))
    scene.expect(0, 0)


def test_the_period_is_closed_between_spending_and_reversal(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    order = scene.buy(3)
    scene.later(days=10)
    scene.close(date(2026, 11, 30))
    scene.reverse(row)
    scene.expect(0, 0, owed=30)
    late = scene.serve(shift(scene, 9, 10, month=11, day=23))
    scene.approve(late)
    made = statements.transfer(session, scene.town.id, scene.transfer_of(late))
    assert (made.effective_on, made.original_on) == (date(2026, 12, 1), date(2026, 11, 23))
    scene.expect(0, 60, owed=20)
    scene.give_back(order)
    scene.expect(10, 60)


def test_some_lots_have_lapsed_and_the_award_of_others_is_reversed(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(points_expiry={"months": 1})
    morning(scene)
    scene.at = moment(23, month=12, day=20)
    second = scene.approve(scene.serve(shift(scene, 9, 11, month=12, day=20)))
    scene.buy(1)
    scene.expect(40, 300)
    scene.later(days=20)
    # Of the first award ten were spent, the first to lapse, and twenty lapsed.
    scene.expect(20, 300)
    scene.reverse(second)
    scene.expect(0, 180)
