"""What guards an amendment after credit and a notice: the database's triggers, lists, the check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kit import ids
from ledger.models import Lot, Transfer
from people import communities
from shifts import checks, queries
from shifts.review import corrections
from shifts.tables.attendance import Approval, Attendance, AttendanceRecord
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_attendance, make_rule, make_shift

ELEVEN = local(11)


def _credited(session: Session, town: Town) -> Attendance:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    return factories.approve(session, town, row, "deputy")


def _ask(session: Session, town: Town, row: Attendance) -> Attendance:
    return corrections.amend(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_id=row.id,
        checked_out_at=ELEVEN,
        reason="left early",
    )


def _set(session: Session, row: Attendance, **change: Any) -> None:
    """Change the row past the program."""
    session.execute(
        update(Attendance)
        .where(Attendance.community_id == row.community_id, Attendance.id == row.id)
        .values(**change)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _approved(session: Session, row: Attendance, by: UUID, revision: int) -> None:
    facts = {
        "community_id": row.community_id,
        "id": ids.new(),
        "attendance_id": row.id,
        "revision": revision,
        "step": 1,
        "decision": "approve",
        "decided_by": by,
        "decided_at": NOW,
    }
    session.execute(insert(Approval), [facts])


ASKED = {"asked_revision": 2, "asked_in_at": local(9), "asked_out_at": ELEVEN}
GONE = {"asked_revision": None, "asked_in_at": None, "asked_out_at": None}


def test_nobody_asks_off_the_record(session: Session, town: Town) -> None:
    row = _credited(session, town)
    for change, message in (
        (ASKED, "not_allowed"),
        ({"asked_revision": 2}, "asked_whole|not_allowed"),
        ({"available_on": NOW.date()}, "already_decided"),
    ):
        with pytest.raises(DBAPIError, match=message), session.begin_nested():
            _set(session, row, **change)


def test_what_waits_is_not_changed_on_the_way(session: Session, town: Town) -> None:
    row = _ask(session, town, _credited(session, town))
    for change in (
        {"asked_out_at": local(12)},
        {"asked_revision": 3},
        {"asked_revision": 1},
    ):
        with pytest.raises(DBAPIError, match=r"not_allowed|asked_later"), session.begin_nested():
            _set(session, row, **change)


def test_only_what_was_asked_for_and_approved_takes_its_place(session: Session, town: Town) -> None:
    row = _ask(session, town, _credited(session, town))
    wanted = {"revision": 2, "checked_in_at": local(9), "checked_out_at": ELEVEN, **GONE}
    with pytest.raises(DBAPIError, match="not_allowed"), session.begin_nested():
        _set(session, row, **wanted)
    for own in (town.captain.id, town.volunteer.id):
        with pytest.raises(DBAPIError, match=r"own_approval|not_allowed"), session.begin_nested():
            _approved(session, row, own, 2)
    _approved(session, row, town.manager.id, 2)
    for wrong in (
        {"checked_out_at": local(10)},
        {"checked_out_at": None},
        {"checked_in_at": local(8)},
        {"revision": 3},
        {"status": "voided"},
        ASKED,
    ):
        with (
            pytest.raises(DBAPIError, match=r"already_decided|not_allowed"),
            session.begin_nested(),
        ):
            _set(session, row, **{**wanted, **wrong})
    _set(session, row, **wanted)


def test_lists_agree_with_what_is_told(session: Session, town: Town) -> None:
    communities.change(session, actor=town.actor("manager"), at=NOW, notice_days=2)
    on_notice = _credited(session, town)
    first_signed = make_attendance(session, factories.long_shift(session, town, 13), town.other)
    factories.approve(session, town, first_signed, "manager")
    later = NOW + timedelta(days=2)
    for at, wanted in (
        (NOW, {"approved": [first_signed.id, on_notice.id], "credited": []}),
        (later, {"approved": [first_signed.id], "credited": [on_notice.id]}),
    ):
        for status, expected in wanted.items():
            found = queries.attendances(
                session, actor=town.actor("manager"), at=at, limit=9, status=status
            )
            assert [one.id for one in found] == expected, (at, status)
            assert {one.status for one in found} <= {status}
    waits = _waiting(session, town)
    assert waits == ([], [first_signed.id])
    _ask(session, town, on_notice)
    assert _waiting(session, town) == ([on_notice.id], [first_signed.id, on_notice.id])


def _waiting(session: Session, town: Town) -> tuple[list[UUID], list[UUID]]:
    """The attendances whose amendment waits, and all that wait for a decision."""
    facts: dict[str, Any] = {"actor": town.actor("manager"), "at": NOW, "limit": 9}
    late = queries.attendances(session, amendment="waiting", **facts)
    every = queries.attendances(session, undecided=True, **facts)
    return [one.id for one in late], [one.id for one in every]


def test_the_lot_keeps_the_days_of_its_award(session: Session, town: Town) -> None:
    policy = {"notice_days": 2, "points_expiry": {"months": 3}}
    communities.change(session, actor=town.actor("manager"), at=NOW, **policy)
    row = _credited(session, town)
    lot = session.scalars(
        select(Lot)
        .join(Transfer, Transfer.id == Lot.transfer_id)
        .where(
            Lot.community_id == town.id,
            Transfer.community_id == town.id,
            Transfer.source_id == row.id,
        )
    ).one()
    told = (lot.available_on, lot.expires_on)
    assert [str(day) for day in told] == ["2026-11-24", "2027-02-28"]
    assert row.available_on == lot.available_on


def test_the_check_finds_an_amendment_that_nobody_asked_for(session: Session, town: Town) -> None:
    row = _ask(session, town, _credited(session, town))
    assert list(checks.problems(session, town.id)) == []
    # A record of another's amendment, under the revision that waits: the times are not these.
    forged = {
        "community_id": town.id,
        "id": ids.new(),
        "attendance_id": row.id,
        "actor_id": town.captain.id,
        "kind": "late_amendment",
        "revision": 5,
        "at": NOW,
        "after": {"checked_in_at": "x", "checked_out_at": "y"},
    }
    session.execute(insert(AttendanceRecord), [forged])
    _set(session, row, **GONE)
    _set(session, row, **{**ASKED, "asked_revision": 5})
    assert [one.code for one in checks.problems(session, town.id)] == ["amendment_off_record"]


def test_the_check_finds_a_new_revision_without_its_award(session: Session, town: Town) -> None:
    row = _ask(session, town, _credited(session, town))
    _approved(session, row, town.manager.id, 2)
    changed = {"revision": 2, "checked_in_at": local(9), "checked_out_at": ELEVEN, **GONE}
    _set(session, row, **changed)
    found = {one.code for one in checks.problems(session, town.id)}
    assert found == {"credited_without_award", "amended_and_not_reversed"}
