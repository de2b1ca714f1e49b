"""A scan taken back: in time, by whoever made it, and with both on record."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import DomainError, NotFound
from people.models import Person
from shifts import checks
from shifts.approval import approvals
from shifts.presence import records, undoing
from shifts.review import corrections
from shifts.rota import finding, sign_ups
from shifts.tables.attendance import Attendance, AttendanceRecord
from tests import factories
from tests.shifts.factories import NOW, Town, enter, local, make_rule, make_shift, scan

TWO = timedelta(minutes=2)


def _undo(session: Session, who: Person, row: Attendance, at: datetime) -> Attendance:
    return undoing.undo(session, actor=factories.actor_of(who), at=at, attendance_id=row.id)


def _refused(session: Session, who: Person, row: Attendance, at: datetime) -> str:
    with pytest.raises(DomainError) as found:
        _undo(session, who, row, at)
    return found.value.code


def test_a_check_in_taken_back_was_none_and_may_follow_anew(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=1)
    li, zhao = town.volunteer, town.other
    first = scan(session, shift, li, local(9))[1]
    waits = sign_ups.sign_up(session, actor=town.actor("other"), at=local(9), shift_id=shift.id)
    assert waits.status == "waitlisted"
    assert _undo(session, li, first, local(9) + TWO).status == "voided"
    session.refresh(waits)
    assert waits.status == "confirmed"
    assert finding.get(session, town.id, shift.id).seats_taken == 1
    assert scan(session, shift, zhao, local(9, 3))[0] == "checked_in"
    kinds = [one.kind for one in records.of(session, town.id, first.id)]
    assert kinds == ["check_in", "undo"]
    assert not list(checks.problems(session, town.id))


def test_who_had_signed_up_keeps_the_place(session: Session, town: Town) -> None:
    shift = make_shift(session, town, seats=1)
    sign_ups.sign_up(session, actor=town.actor("volunteer"), at=local(8), shift_id=shift.id)
    first = scan(session, shift, town.volunteer, local(9))[1]
    _undo(session, town.volunteer, first, local(9))
    outcome, again = scan(session, shift, town.volunteer, local(9, 1))
    assert (outcome, again.id != first.id, again.checked_in_at) == ("checked_in", True, local(9, 1))


def test_a_check_out_taken_back_goes_on(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    scan(session, shift, town.volunteer, local(10))
    assert "left_early" in row.flags
    done = _undo(session, town.volunteer, row, local(10, 1))
    assert (done.status, done.checked_out_at, done.flags, done.evidence) == (
        "open",
        None,
        ["walk_in"],
        "c",
    )
    assert scan(session, shift, town.volunteer, local(12)) == ("checked_out", row)
    approvals.approve(session, actor=town.actor("captain"), at=NOW, attendance_id=row.id)
    assert (row.status, row.evidence) == ("credited", "b")
    assert not list(checks.problems(session, town.id))


def test_only_in_time_only_once_and_only_by_whoever_scanned(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    late = local(9) + TWO + timedelta(microseconds=1)
    assert _refused(session, town.volunteer, row, late) == "undo_over"
    assert _refused(session, town.other, row, local(9)) == "not_allowed"
    assert _refused(session, town.captain, row, local(9)) == "not_allowed"
    _undo(session, town.volunteer, row, local(9))
    assert _refused(session, town.volunteer, row, local(9)) == "already_decided"
    card = scan(session, shift, town.other, local(9), by=town.captain)[1]
    assert _refused(session, town.other, card, local(9)) == "nothing_to_undo"
    assert _undo(session, town.captain, card, local(9, 1)).status == "voided"
    with pytest.raises(NotFound):
        undoing.undo(session, actor=town.actor("volunteer"), at=local(9), attendance_id=shift.id)


def test_what_was_entered_amended_or_decided_is_not_undone(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    entered = enter(session, shift, town.other, by=town.captain)
    assert _refused(session, town.captain, entered, NOW) == "not_allowed"
    assert _refused(session, town.other, entered, NOW) == "nothing_to_undo"
    row = scan(session, shift, town.volunteer, local(11))[1]
    scan(session, shift, town.volunteer, local(12))
    corrections.amend(
        session,
        actor=town.actor("captain"),
        at=local(12),
        attendance_id=row.id,
        checked_in_at=local(10),
        reason="came at ten",
    )
    assert _refused(session, town.volunteer, row, local(12)) == "nothing_to_undo"
    approvals.approve(session, actor=town.actor("manager"), at=local(12), attendance_id=row.id)
    assert _refused(session, town.volunteer, row, local(12)) == "already_decided"


def test_below_the_program_nothing_is_undone_off_the_record(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    for status in ("voided", "open"):
        if status == "open":
            scan(session, shift, town.volunteer, local(10))
        with pytest.raises(DBAPIError, match="lovebank:not_allowed"), session.begin_nested():
            session.execute(
                text(
                    "UPDATE attendances SET status = :status WHERE community_id = :c AND id = :id"
                ),
                {"status": status, "c": _bound(session, town.id), "id": _bound(session, row.id)},
            )


@pytest.mark.parametrize(
    ("minutes", "by", "attempt"),
    [(0, "volunteer", "made"), (3, "volunteer", "late"), (0, "other", "of another")],
)
def test_below_the_program_an_undo_is_of_that_very_scan_and_in_time(
    session: Session, town: Town, minutes: int, by: str, attempt: str
) -> None:
    """The check-out at ten was taken back already: the one at eleven wants an undo of its own."""
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    scan(session, shift, town.volunteer, local(10))
    _undo(session, town.volunteer, row, local(10))
    scan(session, shift, town.volunteer, local(11))
    reopened = (
        update(Attendance)
        .where(Attendance.community_id == town.id, Attendance.id == row.id)
        .values(status="open")
    )
    with pytest.raises(DBAPIError, match="lovebank:not_allowed"), session.begin_nested():
        session.execute(reopened)
    last = records.of(session, town.id, row.id)[-1]
    forged = {
        "community_id": town.id,
        "id": ids.new(),
        "attendance_id": row.id,
        "actor_id": getattr(town, by).id,
        "kind": "undo",
        "undoes_id": last.id,
        "at": local(11) + timedelta(minutes=minutes),
        "after": {},
    }
    if attempt == "made":
        session.execute(insert(AttendanceRecord), [forged])
        session.execute(reopened)
        return
    with pytest.raises(DBAPIError, match="lovebank:not_allowed"), session.begin_nested():
        session.execute(insert(AttendanceRecord), [forged])


def _bound(session: Session, value: object) -> object:
    return str(value) if session.get_bind().dialect.name == "sqlite" else value
