"""The call that takes a shift's clean rows, and the reasons for which it leaves the others."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import NotAllowed
from ledger import statements
from people import communities
from people.models import Household
from reports import check
from shifts.approval import approvals, clean_rows
from shifts.presence import head_counts
from shifts.review import corrections
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import (
    NOW,
    Town,
    crowd,
    enter,
    local,
    make_attendance,
    make_rule,
    make_shift,
    scan,
)


def _preview(
    session: Session, town: Town, shift_id: UUID, by: str = "captain"
) -> dict[UUID, list[str]]:
    told = clean_rows.preview(session, actor=town.actor(by), at=NOW, shift_id=shift_id)
    return {one: [] for one in told.clean} | {one.id: one.reasons for one in told.exceptions}


def test_clean_rows_are_credited_and_the_others_left(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    clean = make_attendance(session, shift, town.volunteer)
    by_hand = enter(session, shift, town.other, by=town.deputy)
    forgotten = scan(session, shift, town.treasurer, local(9))[1]
    own = make_attendance(session, shift, town.captain)
    told = clean_rows.approve(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)
    assert (told.clean, told.credited) == ([clean.id], 1)
    assert {one.id: one.reasons for one in told.exceptions} == {
        by_hand.id: ["hand", "late_entry"],
        forgotten.id: ["auto_closed"],
        own.id: ["self"],
    }
    assert clean.status == "credited"
    assert by_hand.status == own.status == "submitted"
    again = clean_rows.approve(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)
    assert (again.clean, again.credited, len(again.exceptions)) == ([], 0, 3)
    assert list(check.of_community(session, town.id)) == []


def test_own_rows_go_to_another_and_a_captains_up_to_a_manager(
    session: Session, town: Town
) -> None:
    shift = make_shift(session, town)
    captains, carded = (
        make_attendance(session, shift, town.captain),
        make_attendance(session, shift, town.other, by=town.deputy),
    )
    home = Household(community_id=town.id, id=ids.new(), formed_at=NOW)
    session.add(home)
    session.flush()
    town.volunteer.household_id = town.deputy.household_id = home.id
    theirs = make_attendance(session, shift, town.volunteer)
    assert _preview(session, town, shift.id, "deputy") == {
        captains.id: ["captain"],
        carded.id: ["recorded"],
        theirs.id: ["household"],
    }
    assert _preview(session, town, shift.id, "manager") == {
        captains.id: [],
        carded.id: [],
        theirs.id: [],
    }
    with pytest.raises(NotAllowed):
        _preview(session, town, shift.id, "other_captain")


def test_a_shift_that_was_made_after_it_began_is_marked_for_ever(
    session: Session, town: Town
) -> None:
    late = make_shift(session, town, made=local(9, 1))
    row = make_attendance(session, late, town.volunteer)
    assert _preview(session, town, late.id) == {row.id: ["made_late"]}
    in_time = make_shift(session, town, made=local(9))
    row = make_attendance(session, in_time, town.other)
    assert _preview(session, town, in_time.id) == {row.id: []}


def test_a_head_count_that_does_not_agree_leaves_all_who_were_there(
    session: Session, town: Town
) -> None:
    shift = make_shift(session, town)
    crowd = [people.make_person(session, community_id=town.id) for _ in range(20)]
    rows = [make_attendance(session, shift, one) for one in crowd]
    captain = town.actor("captain")
    head_counts.add(session, actor=captain, at=local(10), shift_id=shift.id, counted=0)
    told = clean_rows.approve(session, actor=captain, at=NOW, shift_id=shift.id)
    assert (told.clean, told.credited) == ([], 0)
    assert {one.id for one in told.exceptions} == {row.id for row in rows}
    assert all("head_count" in one.reasons for one in told.exceptions)


def test_long_days_are_left_to_who_signs_for_them(session: Session, town: Town) -> None:
    communities.change(session, actor=town.actor("manager"), at=NOW, approval_tiers_hours=[2, 4])
    short = make_attendance(session, make_shift(session, town), town.volunteer, left=local(11))
    factories.approve(session, town, short)
    shift = make_shift(session, town, starts_at=local(13), ends_at=local(18))
    more = make_attendance(session, shift, town.volunteer, left=local(14))
    long = make_attendance(session, shift, town.other, left=local(17, 30))
    fine = make_attendance(session, shift, town.treasurer, left=local(15))
    assert _preview(session, town, shift.id, "manager") == {
        more.id: ["above_tier"],
        long.id: ["above_tier", "second_signature"],
        fine.id: [],
    }
    approvals.approve(session, actor=town.actor("manager"), at=NOW, attendance_id=long.id)
    assert _preview(session, town, shift.id, "second")[long.id][-1] == "second_signature"


def test_an_amendment_that_waits_is_left_to_who_looks(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    row = make_attendance(session, shift, town.volunteer)
    factories.approve(session, town, row)
    corrections.amend(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_id=row.id,
        checked_out_at=local(11),
        reason="left before",
    )
    assert _preview(session, town, shift.id, "deputy") == {row.id: ["amendment_waiting"]}


def test_many_clean_rows_in_one_call(session: Session, town: Town) -> None:
    """The proof ``clean_rows`` takes a thousand, and looks at the clock."""
    make_rule(session, town, daily_cap_points=25)
    shift = make_shift(session, town)
    rows = crowd(session, town, shift.id, 60)
    told = clean_rows.approve(session, actor=town.actor("captain"), at=NOW, shift_id=shift.id)
    assert (told.credited, told.exceptions) == (60, [])
    one = statements.wallet(session, town.id, rows[0].person_id, NOW)
    assert (one.available, one.minutes) == (25, 180)
