"""Objections: to one's own line or one on notice; decided by somebody who had no hand in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from audit.actor import system
from kit import ids
from kit.errors import Conflict, DomainError, NotAllowed
from ledger import statements
from messages.models import Message
from people import communities
from reports import check
from shifts.approval import approvals, awards, voiding
from shifts.presence import attendance
from shifts.review import objection_lists, objections, reminders
from shifts.review.objection_lists import ObjectionView
from shifts.tables.attendance import Attendance
from shifts.tables.reviews import Objection, ObjectionOutcome
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, make_attendance, make_rule, make_shift


def _line(session: Session, town: Town, by: str = "captain") -> Attendance:
    """Three hours that were credited, 30 points."""
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    return factories.approve(session, town, row, by)


def _object(
    session: Session, town: Town, row: Attendance, by: str = "volunteer", **later: int
) -> Objection:
    return objections.raise_one(
        session,
        actor=town.actor(by),
        at=NOW + timedelta(**later),
        attendance_id=row.id,
        reason="I stayed longer",
    )


def _uphold(
    session: Session, town: Town, one: Objection, by: str, **times: Any
) -> ObjectionOutcome:
    return objections.uphold(
        session, actor=town.actor(by), at=NOW, objection_id=one.id, reason="the list", **times
    )


def _see(session: Session, town: Town, one: Objection, **later: int) -> ObjectionView:
    at = NOW + timedelta(**later)
    return objection_lists.one(session, actor=town.actor("volunteer"), at=at, objection_id=one.id)


def _told(session: Session, town: Town, kind: str) -> set[Any]:
    rows = session.scalars(
        select(Message.person_id).where(Message.community_id == town.id, Message.kind == kind)
    )
    return set(rows)


def test_upheld_it_becomes_an_amendment_that_another_approves(session: Session, town: Town) -> None:
    row = _line(session, town)
    one = _object(session, town, row)
    assert _object(session, town, row).id == one.id
    assert _told(session, town, "objection_made") == {town.manager.id, town.second.id}
    for who in ("captain", "deputy", "volunteer"):
        with pytest.raises(NotAllowed):
            _uphold(session, town, one, who, checked_out_at=local(11))
    _uphold(session, town, one, "manager", checked_out_at=local(11))
    told = _see(session, town, one)
    assert (told.status, told.amendment_revision, told.remedy) == ("upheld", 2, "waiting")
    assert _told(session, town, "objection_decided") == {town.volunteer.id}
    with pytest.raises(NotAllowed):
        factories.approve(session, town, row, "manager")
    factories.approve(session, town, row, "second")
    assert _see(session, town, one).remedy == "done"
    assert statements.wallet(session, town.id, town.volunteer.id, NOW).available == 20
    third = people.make_person(session, community_id=town.id, held=("manager",))
    with pytest.raises(Conflict):
        objections.reject(
            session, actor=people.actor_of(third), at=NOW, objection_id=one.id, reason="again"
        )
    assert list(check.of_community(session, town.id)) == []


def test_before_credit_too(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer, left=local(11))
    one = _object(session, town, row)
    _uphold(session, town, one, "manager", checked_out_at=local(12))
    assert _see(session, town, one).remedy == "waiting"
    factories.approve(session, town, row, "deputy")
    assert _see(session, town, one).remedy == "done"
    assert list(check.of_community(session, town.id)) == []


def test_a_line_that_was_rejected_is_entered_anew(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    approvals.reject(
        session, actor=town.actor("captain"), at=NOW, attendance_id=row.id, reason="not seen"
    )
    one = _object(session, town, row)
    done = _uphold(session, town, one, "manager")
    assert done.entered_id is not None
    entered = attendance.get(session, town.id, done.entered_id)
    assert (entered.entered, entered.status) == ("hand", "submitted")
    factories.approve(session, town, entered, "second")
    assert _see(session, town, one).remedy == "done"
    assert list(check.of_community(session, town.id)) == []


def test_the_amendment_of_an_upheld_one_may_be_refused(session: Session, town: Town) -> None:
    row = _line(session, town)
    one = _object(session, town, row)
    _uphold(session, town, one, "manager", checked_out_at=local(11))
    approvals.reject(
        session, actor=town.actor("second"), at=NOW, attendance_id=row.id, reason="not so"
    )
    assert _see(session, town, one).remedy == "refused"


def test_whoever_decided_before_or_is_of_the_household_does_not(
    session: Session, town: Town
) -> None:
    row = _line(session, town, "manager")
    one = _object(session, town, row)
    with pytest.raises(NotAllowed) as refusal:
        _uphold(session, town, one, "manager", checked_out_at=local(11))
    assert refusal.value.facts["cause"] == "decided_before"
    people.make_household(
        session, community_id=town.id, person_ids=[town.volunteer.id, town.second.id]
    )
    with pytest.raises(NotAllowed) as refusal:
        objections.reject(
            session, actor=town.actor("second"), at=NOW, objection_id=one.id, reason="no"
        )
    assert refusal.value.facts["cause"] == "household"
    for who, outcome in (("manager", "upheld"), ("second", "rejected"), ("second", "withdrawn")):
        with pytest.raises(DatabaseError, match="lovebank:"), session.begin_nested():
            session.execute(insert(ObjectionOutcome), [_forged(town, one, who, outcome)])


def test_rejected_and_withdrawn_are_counted_for_all(session: Session, town: Town) -> None:
    row = _line(session, town)
    one = _object(session, town, row)
    objections.reject(
        session, actor=town.actor("manager"), at=NOW, objection_id=one.id, reason="the scans agree"
    )
    told = _see(session, town, one)
    assert (told.status, told.answer, told.remedy) == ("rejected", "the scans agree", None)
    other = make_attendance(session, make_shift(session, town), town.other)
    two = _object(session, town, other, "other")
    with pytest.raises(NotAllowed):
        objections.withdraw(session, actor=town.actor("manager"), at=NOW, objection_id=two.id)
    objections.withdraw(session, actor=town.actor("other"), at=NOW, objection_id=two.id)
    counts = objection_lists.counts(session, community_id=town.id, at=NOW)
    assert (counts.open, counts.upheld, counts.rejected, counts.withdrawn) == (0, 0, 1, 1)


def test_anybody_objects_to_a_line_on_notice(session: Session, town: Town) -> None:
    communities.change(session, actor=town.actor("manager"), at=NOW, notice_days=7)
    row = _line(session, town)
    listed = objection_lists.notice_list(session, community_id=town.id, at=NOW)
    assert [(line.attendance_id, line.name, line.points) for line in listed] == [
        (row.id, "Z〇 Y〇", 30)
    ]
    one = _object(session, town, row, "other")
    assert one.ground == "notice"
    later = NOW + timedelta(days=8)
    assert objection_lists.notice_list(session, community_id=town.id, at=later) == []
    with pytest.raises(NotAllowed):
        _object(session, town, row, "treasurer", days=8)
    mine = _object(session, town, row, days=8)
    assert mine.ground == "own"
    with pytest.raises(Conflict) as refusal:
        objections.raise_one(
            session,
            actor=town.actor("volunteer"),
            at=NOW + timedelta(days=30),
            attendance_id=make_attendance(session, make_shift(session, town), town.volunteer).id,
            reason="late",
        )
    assert refusal.value.code == "objection_over"


def test_the_days_are_settings(session: Session, town: Town) -> None:
    """Five days to object instead of fifteen, for what is decided from now on."""
    row = _line(session, town)
    admin = system(town.id, "cli")
    facts = {"objection_days": 5, "decision_days": 3}
    communities.change(session, actor=admin, at=NOW + timedelta(minutes=1), **facts)
    late = make_attendance(session, make_shift(session, town), town.other)
    approvals.approve(
        session, actor=town.actor("captain"), at=NOW + timedelta(hours=1), attendance_id=late.id
    )
    with pytest.raises(Conflict, match="objection_over"):
        _object(session, town, late, "other", days=6)
    one = _object(session, town, row, days=14)
    assert one.decide_by == NOW + timedelta(days=17)


def test_one_that_is_not_decided_in_time_goes_to_every_manager(
    session: Session, town: Town
) -> None:
    row = _line(session, town)
    one = _object(session, town, row)
    assert not _see(session, town, one, days=7).overdue
    assert _see(session, town, one, days=7, minutes=1).overdue
    assert reminders.tick(session, town.id, NOW + timedelta(days=6)) == 0
    late = NOW + timedelta(days=8)
    assert reminders.tick(session, town.id, late) == 2
    assert reminders.tick(session, town.id, late) == 0
    assert objection_lists.counts(session, community_id=town.id, at=late).overdue == 1


def test_a_voided_line_too(session: Session, town: Town) -> None:
    row = _line(session, town)
    award = awards.of(session, town.id, row.id)
    assert award is not None
    assert award.transfer_id is not None
    voiding.reverse_award(
        session,
        actor=town.actor("treasurer"),
        at=NOW,
        transfer_id=award.transfer_id,
        reason="wrong person",
    )
    one = _object(session, town, row)
    done = _uphold(session, town, one, "manager")
    assert done.entered_id is not None
    entered = attendance.get(session, town.id, done.entered_id)
    factories.approve(session, town, entered, "second")
    assert statements.wallet(session, town.id, town.volunteer.id, NOW).available == 30
    assert list(check.of_community(session, town.id)) == []


def test_only_who_raised_it_and_who_oversees_see_it(session: Session, town: Town) -> None:
    one = _object(session, town, _line(session, town))
    for who, seen in (("volunteer", 1), ("manager", 1), ("other", 0), ("captain", 0)):
        found = objection_lists.listed(session, actor=town.actor(who), at=NOW, limit=9)
        assert len(found) == seen, who
    with pytest.raises(DomainError):
        objection_lists.one(session, actor=town.actor("other"), at=NOW, objection_id=one.id)


def _forged(town: Town, one: Objection, who: str, outcome: str) -> dict[str, Any]:
    return {
        "community_id": town.id,
        "id": ids.new(),
        "objection_id": one.id,
        "attendance_id": one.attendance_id,
        "outcome": outcome,
        "revision": None,
        "entered_id": None,
        "decided_by": getattr(town, who).id,
        "decided_at": NOW,
        "reason_code": None,
        "text_digest": None,
    }
