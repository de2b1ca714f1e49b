"""Amendments with time between: lots that lapsed, expiry switched on, months that were closed."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.models import Transfer
from shifts.tables.attendance import Attendance
from tests.corrections.scene import Scene, make_scene, moment, morning, shift

TEN, ELEVEN, NOON = moment(10), moment(11), moment(12)


def test_amended_after_it_lapsed(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(points_expiry={"months": 1})
    row = morning(scene, left=ELEVEN)
    scene.at = moment(23, month=12, day=31)
    assert _next(scene) == (20, date(2026, 12, 31))
    scene.expect(20, 120)
    scene.later(days=1)
    scene.expect(0, 120)
    scene.amend(row, checked_out_at=NOON)
    scene.approve(row)
    # Twenty of the thirty take the place of those that lapsed; what is more is new.
    scene.expect(10, 180)
    assert _next(scene) == (10, date(2027, 2, 28))


def test_amended_down_after_it_lapsed_in_part(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(points_expiry={"months": 1})
    row = morning(scene)
    scene.buy(1)
    scene.later(days=45)
    scene.expect(0, 180)
    scene.amend(row, checked_out_at=ELEVEN)
    scene.approve(row)
    scene.expect(0, 120, owed=10)


def test_expiry_is_switched_on_between(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    assert _next(scene) is None
    scene.decide(points_expiry="end_of_next_year")
    assert _next(scene) == (30, date(2027, 12, 31))
    scene.decide(points_expiry={"months": 2})
    scene.amend(row, checked_out_at=ELEVEN)
    scene.approve(row)
    assert _next(scene) == (20, date(2027, 1, 31))
    scene.expect(20, 120)
    scene.later(days=80)
    scene.expect(0, 120)


def test_expiry_is_switched_off_after_it_lapsed(session: Session) -> None:
    scene = make_scene(session)
    first = morning(scene)
    scene.decide(points_expiry={"months": 1})
    scene.later(days=40)
    # Nobody ticked, and still the change does not bring back what has lapsed.
    scene.decide(points_expiry="none")
    scene.approve(scene.serve(shift(scene, 13, 15)))
    scene.expect(20, 300)
    scene.reverse(first)
    scene.expect(0, 120, owed=10)


def test_an_order_is_returned_after_its_lot_lapsed_and_was_reversed(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(points_expiry={"months": 1})
    row = morning(scene)
    order = scene.buy(2)
    scene.later(days=45)
    scene.expect(0, 180)
    scene.give_back(order)
    # What lapsed meanwhile has thirty days of grace.
    assert _next(scene) == (20, date(2027, 2, 5))
    scene.expect(20, 180)
    scene.reverse(row)
    scene.expect(0, 0, owed=10)


def test_the_period_is_closed_between(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.later(days=10)
    scene.close(date(2026, 11, 30))
    scene.amend(row, checked_out_at=ELEVEN)
    scene.approve(row)
    scene.expect(20, 120)
    open_day, service_day = date(2026, 12, 1), date(2026, 11, 22)
    assert _days(scene, row) == [
        ("award", service_day, None),
        ("reversal", open_day, service_day),
        ("award", open_day, service_day),
    ]


def test_the_period_is_closed_while_the_amendment_waits(session: Session) -> None:
    scene = make_scene(session)
    row = morning(scene)
    scene.buy(3)
    scene.amend(row, checked_out_at=TEN)
    scene.later(days=10)
    scene.close(date(2026, 11, 30))
    scene.expect(0, 180)
    scene.approve(row)
    scene.expect(0, 60, owed=20)
    scene.later(days=31)
    scene.close(date(2026, 12, 31))
    scene.reverse(row)
    scene.expect(0, 0, owed=30)
    assert _days(scene, row)[-1] == ("reversal", date(2027, 1, 1), date(2026, 11, 22))


def test_the_notice_ends_in_a_period_that_is_closed(session: Session) -> None:
    scene = make_scene(session)
    scene.decide(notice_days=5)
    row = morning(scene)
    scene.later(days=10)
    # Nobody ticked before the books were closed.
    scene.close(date(2026, 11, 30))
    scene.expect(30, 180)
    scene.amend(row, checked_out_at=ELEVEN)
    scene.approve(row)
    scene.expect(0, 120, pending=20)
    scene.later(days=5)
    scene.expect(20, 120)


def _next(scene: Scene) -> tuple[int, date] | None:
    found = scene.wallet().next_expiry
    return None if found is None else (found.points, found.on)


def _days(scene: Scene, row: Attendance) -> list[tuple[str, date, date | None]]:
    """The transfers of an attendance in order: kind, effective day, original day."""
    rows = scene.session.execute(
        select(Transfer.kind, Transfer.effective_on, Transfer.original_on)
        .where(Transfer.community_id == scene.town.id, Transfer.source_id == row.id)
        .order_by(Transfer.id)
    )
    return [(one.kind, one.effective_on, one.original_on) for one in rows]
