"""Grades of evidence, and the caps above which a second person signs."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from kit.errors import NotAllowed
from people import communities
from shifts import checks
from shifts.approval import approvals, clean_rows, grades
from shifts.presence import attendance, head_counts
from shifts.review import corrections
from shifts.tables.attendance import Attendance
from tests import factories
from tests.shifts.factories import (
    NOW,
    Town,
    approve,
    enter,
    local,
    make_attendance,
    make_rule,
    make_shift,
)


def _cap(session: Session, town: Town, **hours: int) -> None:
    actor = town.actor("manager")
    caps: dict[str, Any] = {"a": 10, "b": 8, "c": 4, "d": 2} | hours
    communities.change(session, actor=actor, at=NOW, grade_caps_hours=caps)


def test_each_grade(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    people = [factories.make_person(session, community_id=town.id, name=f"V {n}") for n in range(3)]

    def scan(number: int, at: Any, *, by_poster: bool = False) -> Attendance:
        return attendance.scan_in_or_out(
            session,
            actor=factories.actor_of(people[number]),
            at=at,
            shift=shift,
            person_id=people[number].id,
            entered="scan",
            by_poster=by_poster,
        )[1]

    both, half, poster = scan(0, local(9)), scan(1, local(9)), scan(2, local(9), by_poster=True)
    scan(1, local(12), by_poster=True)
    scan(2, local(12), by_poster=True)
    scan(0, local(12))
    hand = enter(session, shift, town.volunteer, by=town.captain)
    assert [one.evidence for one in (both, half, poster, hand)] == ["b", "c", "d", "d"]


def test_who_was_counted_with_everybody_has_the_best_grade(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    for at, who in ((9, town.volunteer), (10, town.other)):
        attendance.scan_in_or_out(
            session,
            actor=factories.actor_of(who),
            at=local(at),
            shift=shift,
            person_id=who.id,
            entered="scan",
        )
        captain = town.actor("captain")
        head_counts.add(session, actor=captain, shift_id=shift.id, counted=1, at=local(at, 30))
    # The second count saw one of two: it speaks for nobody.
    rows = [
        make_attendance(session, shift, who, came=local(11), left=local(12))
        for who in (town.volunteer, town.other)
    ]
    found = {row.person_id: (row.evidence, "counted" in row.flags) for row in rows}
    assert found == {town.volunteer.id: ("a", True), town.other.id: ("b", False)}


def test_above_the_cap_of_its_grade_a_second_person_signs(session: Session, town: Town) -> None:
    make_rule(session, town)
    _cap(session, town, d=2)
    morning = make_shift(session, town, starts_at=local(9), ends_at=local(11))
    later = make_shift(session, town, starts_at=local(13), ends_at=local(14))
    first, second = (
        enter(session, one, town.volunteer, by=town.captain) for one in (morning, later)
    )
    scanned = make_attendance(session, later, town.other)
    assert approve(session, town, first, "deputy").status == "credited"
    seen = clean_rows.preview(session, actor=town.actor("deputy"), at=NOW, shift_id=later.id)
    assert {one.id: "second_signature" in one.reasons for one in seen.exceptions}[second.id]
    assert approve(session, town, second, "deputy").status == "approved"
    with pytest.raises(NotAllowed, match="own_approval"):
        approve(session, town, second, "deputy")
    assert approve(session, town, second, "manager").status == "credited"
    assert approve(session, town, scanned, "deputy").status == "credited"
    assert not list(checks.problems(session, town.id))


def test_a_cap_counts_what_one_call_has_judged(session: Session, town: Town) -> None:
    make_rule(session, town)
    _cap(session, town, d=2)
    shifts = [
        make_shift(session, town, starts_at=local(hour), ends_at=local(hour + 2))
        for hour in (9, 13)
    ]
    rows = [enter(session, one, town.volunteer, by=town.captain) for one in shifts]
    done = approvals.approve_all(
        session,
        actor=town.actor("manager"),
        at=NOW,
        attendance_ids=[row.id for row in rows],
        mode="each",
    )
    assert [one.outcome for one in done] == ["credited", "approved"]


def test_the_check_finds_what_one_person_signed_above_the_cap(
    session: Session, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rule(session, town)
    _cap(session, town)
    row = enter(session, make_shift(session, town), town.volunteer, by=town.captain)
    with monkeypatch.context() as patch:
        patch.setattr(grades, "needs_second", lambda *_facts: False)
        assert approve(session, town, row, "deputy").status == "credited"
    assert [one.code for one in checks.problems(session, town.id)] == ["grade_cap_not_signed"]


def test_an_amendment_is_judged_by_the_grade_that_it_leaves(session: Session, town: Town) -> None:
    """Two scanned ends that are both corrected after credit are a hand entry's word."""
    make_rule(session, town)
    _cap(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    assert approve(session, town, row).status == "credited"
    _amend(session, town, row, checked_in_at=local(9, 10), checked_out_at=local(11, 50))
    assert approve(session, town, row, "manager").asked_revision == 2, "a second person signs"
    assert approve(session, town, row, "second").evidence == "d"
    assert row.asked_revision is None
    assert not list(checks.problems(session, town.id))


def test_one_corrected_end_is_judged_by_its_own_cap(session: Session, town: Town) -> None:
    make_rule(session, town)
    _cap(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    approve(session, town, row)
    _amend(session, town, row, checked_in_at=local(9, 10))
    assert (approve(session, town, row, "manager").evidence, row.asked_revision) == ("c", None)
    assert not list(checks.problems(session, town.id))


def _amend(session: Session, town: Town, row: Attendance, **times: Any) -> None:
    facts: dict[str, Any] = {"attendance_id": row.id, "reason": "the list says so"} | times
    corrections.amend(session, actor=town.actor("deputy"), at=NOW, **facts)


def test_only_a_manager_is_the_second(session: Session, town: Town) -> None:
    make_rule(session, town)
    _cap(session, town)
    row = enter(session, make_shift(session, town), town.volunteer, by=town.manager)
    approve(session, town, row, "captain")
    with pytest.raises(NotAllowed):
        approve(session, town, row, "deputy")
    assert approve(session, town, row, "second").status == "credited"
