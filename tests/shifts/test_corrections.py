"""What is written by hand, stays that close by themselves, and awards that are undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actor import system
from audit.models import Entry
from kit import ids
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from ledger import reversals, statements
from ledger.models import Transfer
from people.models import Person
from shifts import checks, due
from shifts.approval import approvals, awards, voiding
from shifts.presence import cancelling, closing, records
from shifts.review import corrections
from shifts.rules import rule_book
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from tests.shifts import factories
from tests.shifts.factories import (
    NOW,
    Town,
    enter,
    local,
    make_attendance,
    make_rule,
    make_shift,
    scan,
)


def test_a_hand_entry_is_marked_for_ever(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = enter(session, make_shift(session, town), town.other, by=town.captain)
    assert (row.status, row.entered, row.evidence, row.flags) == (
        "submitted", "hand", "d", ["hand", "late_entry"],
    )  # fmt: skip
    kept = records.of(session, town.id, row.id)[0]
    assert trail.text_of(session, town.id, kept.text_digest) == "forgot the phone"
    done = factories.approve(session, town, row, "deputy")
    assert (done.status, done.evidence) == ("credited", "d")


def test_a_hand_entry_keeps_within_reason(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    nonsense: list[dict[str, Any]] = [
        {"came": local(10), "left": local(10)},
        {"came": local(10), "left": local(9)},
        {"came": local(6), "left": local(9)},
        {"came": local(12), "left": local(13)},
        {"came": local(9), "left": local(11), "at": local(10)},
        {"came": local(11), "left": local(12), "at": local(10)},
    ]
    for wrong in nonsense:
        with pytest.raises(Invalid):
            enter(session, shift, town.other, by=town.captain, **wrong)
    row = enter(session, shift, town.other, by=town.captain, came=local(8), left=local(13))
    assert row.checked_in_at == local(8)


def test_who_may_enter_by_hand(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for by in (town.volunteer, town.other_captain, town.treasurer):
        with pytest.raises(NotAllowed):
            enter(session, shift, town.other, by=by)
    enter(session, shift, town.other, by=town.deputy)
    enter(session, shift, town.volunteer, by=town.manager)
    with pytest.raises(Conflict, match="already_attended"):
        enter(session, shift, town.other, by=town.captain)


def test_a_hand_entry_for_whom_or_what_is_not_there(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    nobody = Person(community_id=town.id, id=ids.new())
    with pytest.raises(NotFound):
        enter(session, shift, nobody, by=town.captain)
    cancelling.cancel(
        session, actor=town.actor("captain"), at=local(8), shift_id=shift.id, reason="rain"
    )
    with pytest.raises(Conflict, match="shift_cancelled"):
        enter(session, shift, town.other, by=town.captain)


def test_an_amendment_counts_at_once_and_is_decided_anew(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, factories.long_shift(session, town, 13), town.volunteer)
    factories.approve(session, town, row, "manager")
    _amend(session, town, row, checked_out_at=local(10))
    assert (row.status, row.revision, row.checked_out_at) == ("submitted", 2, local(10))
    assert row.evidence == "c"
    assert factories.approve(session, town, row, "deputy").status == "credited"
    award = awards.of(session, town.id, row.id)
    assert award is not None
    assert (award.revision, award.points) == (2, 30)
    key = session.scalar(
        select(Transfer.natural_key).where(
            Transfer.community_id == town.id, Transfer.id == award.transfer_id
        )
    )
    assert key == f"attendance:{row.id}:award:2"


def test_amending_the_end_of_an_open_stay_submits_it(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    _, row = scan(session, shift, town.volunteer, local(9))
    _amend(session, town, row, at=local(10), checked_in_at=local(9, 30))
    assert (row.status, row.checked_in_at) == ("open", local(9, 30))
    _amend(session, town, row, at=local(12), checked_out_at=local(11))
    assert (row.status, row.evidence) == ("submitted", "d")
    first = records.of(session, town.id, row.id)[1]
    assert first.before is not None
    assert first.before["checked_in_at"] == "2026-11-22T01:00:00.000000Z"
    assert first.after["checked_in_at"] == "2026-11-22T01:30:00.000000Z"


def test_what_is_decided_is_not_amended(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    with pytest.raises(Invalid):
        _amend(session, town, row)
    with pytest.raises(NotAllowed):
        _amend(session, town, row, by="other_captain", checked_out_at=local(10))
    approvals.reject(
        session, actor=town.actor("captain"), at=NOW, attendance_id=row.id, reason="was not there"
    )
    with pytest.raises(Conflict, match="already_decided"):
        _amend(session, town, row, checked_out_at=local(10))


class TestClosing:
    """Somebody came at nine and never checked out; the shift ended at twelve."""

    def _left_open(self, session: Session, town: Town) -> tuple[Shift, Attendance]:
        make_rule(session, town)
        shift = make_shift(session, town)
        return shift, scan(session, shift, town.volunteer, local(9))[1]

    def test_it_is_closed_by_the_time_of_the_call(self, session: Session, town: Town) -> None:
        shift, row = self._left_open(session, town)
        after = local(13) + timedelta(seconds=1)
        assert closing.status_at(row, shift, local(13)) == "open"
        assert closing.status_at(row, shift, after) == "auto_closed"
        assert closing.out_at(row, shift, after) == local(12)

    def test_a_tick_posts_it_once(self, session: Session, town: Town) -> None:
        shift, row = self._left_open(session, town)
        assert due.tick(session, town.id, local(13)) == 0
        assert due.tick(session, town.id, local(14)) == 2
        assert due.tick(session, town.id, local(14)) == 0
        session.refresh(shift)
        assert (row.status, row.checked_out_at, shift.status) == (
            "auto_closed", local(12), "closed",
        )  # fmt: skip
        assert "auto_closed" in row.flags

    @pytest.mark.parametrize("ticked", [True, False])
    def test_an_approval_sees_the_same(self, session: Session, town: Town, ticked: bool) -> None:
        _, row = self._left_open(session, town)
        if ticked:
            due.tick(session, town.id, local(14))
        done = factories.approve(session, town, row, at=local(14))
        award = awards.of(session, town.id, row.id)
        assert award is not None
        assert (done.status, done.evidence, award.points) == ("credited", "c", 30)
        entry = session.scalars(
            select(Entry).where(
                Entry.community_id == town.id, Entry.action == "shifts:attendance:auto-closed"
            )
        ).one()
        assert entry.actor_id is None

    def test_an_amendment_sees_it_too(self, session: Session, town: Town) -> None:
        _, row = self._left_open(session, town)
        _amend(session, town, row, at=local(14), checked_in_at=local(9, 30))
        assert (row.status, row.checked_out_at) == ("submitted", local(12))


class TestVoiding:
    """An attendance that was credited with 30 points and 180 minutes."""

    def _credited(self, session: Session, town: Town) -> tuple[Attendance, Any]:
        make_rule(session, town)
        row = make_attendance(session, make_shift(session, town), town.volunteer)
        factories.approve(session, town, row)
        award = awards.of(session, town.id, row.id)
        assert award is not None
        return row, award.transfer_id

    def _reverse(self, session: Session, town: Town, transfer_id: Any, by: str) -> Any:
        return voiding.reverse_award(
            session, actor=town.actor(by), at=NOW, transfer_id=transfer_id, reason="wrong person"
        )

    def test_points_minutes_and_attendance_go_together(self, session: Session, town: Town) -> None:
        row, transfer_id = self._credited(session, town)
        self._reverse(session, town, transfer_id, "treasurer")
        wallet = statements.wallet(session, town.id, town.volunteer.id, NOW)
        assert (row.status, wallet.available, wallet.minutes) == ("voided", 0, 0)
        assert list(checks.problems(session, town.id)) == []

    def test_once(self, session: Session, town: Town) -> None:
        _, transfer_id = self._credited(session, town)
        made = self._reverse(session, town, transfer_id, "treasurer")
        for again in (transfer_id, made):
            with pytest.raises(DomainError) as refused:
                self._reverse(session, town, again, "treasurer")
            assert refused.value.code in ("already_reversed", "reverse_at_source")

    def test_only_by_a_treasurer(self, session: Session, town: Town) -> None:
        _, transfer_id = self._credited(session, town)
        for by in ("manager", "captain", "volunteer"):
            with pytest.raises(NotAllowed):
                self._reverse(session, town, transfer_id, by)

    def test_the_cap_is_free_again(self, session: Session, town: Town) -> None:
        row, transfer_id = self._credited(session, town)
        day = local(9).date()
        assert rule_book.earned_on(session, town.id, row.person_id, day) == 30
        self._reverse(session, town, transfer_id, "treasurer")
        assert rule_book.earned_on(session, town.id, row.person_id, day) == 0


def test_checks_name_an_award_that_was_reversed_past_its_attendance(
    session: Session, town: Town
) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    award = awards.of(session, town.id, row.id)
    assert award is not None
    assert award.transfer_id is not None
    assert list(checks.problems(session, town.id)) == []
    reversals.reverse(
        session,
        actor=system(town.id, "cli"),
        transfer_id=award.transfer_id,
        at=NOW,
        effective_on=NOW.date(),
        reason_code="stated",
    )
    found = [problem.code for problem in checks.problems(session, town.id)]
    assert found == ["voided_and_reversed_differ"]


def _amend(
    session: Session,
    town: Town,
    row: Attendance,
    *,
    by: str = "captain",
    at: Any = NOW,
    **times: Any,
) -> Attendance:
    return corrections.amend(
        session, actor=town.actor(by), at=at, attendance_id=row.id, reason="saw it", **times
    )
