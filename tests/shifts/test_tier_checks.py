"""The proof of signatures: what was planted past the program is named, and no honest work is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from people import communities, roles
from shifts import checks
from shifts.approval import approvals, awards, voiding
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, local, long_shift, make_attendance, make_shift


@pytest.mark.parametrize(
    ("hours", "by", "named"),
    [
        (8, ("captain",), False),
        (9, ("captain",), True),
        (9, ("manager",), False),
        (13, ("manager",), True),
        (13, ("captain", "manager"), True),
        (13, ("manager", "second"), False),
    ],
)
def test_a_credit_that_was_planted_is_named(
    session: Session, town: Town, hours: int, by: tuple[str, ...], named: bool
) -> None:
    row = make_attendance(session, long_shift(session, town, hours), town.volunteer)
    factories.plant(session, town, row, [getattr(town, one).id for one in by])
    assert _codes(session, town) == (["tier_not_signed"] if named else [])


def test_the_hours_of_the_whole_day_count(session: Session, town: Town) -> None:
    """Each award alone is short; the second one takes the day above the first tier."""
    first = make_attendance(session, long_shift(session, town, 8), town.volunteer)
    factories.approve(session, town, first)
    late = make_shift(session, town, starts_at=local(16), ends_at=local(17))
    second = make_attendance(session, late, town.volunteer)
    factories.plant(session, town, second, [town.captain.id])
    (found,) = checks.problems(session, town.id)
    assert (found.code, found.facts) == (
        "tier_not_signed", {"minutes": 540, "wanted": 1, "found": 0},
    )  # fmt: skip


def test_honest_work_is_not_named(session: Session, town: Town) -> None:
    """In any order, in one call, with two signatures, and after one award was undone."""
    day = [
        make_shift(session, town, starts_at=local(hour), ends_at=local(hour + 4))
        for hour in (6, 10, 14, 18)
    ]
    stays = [make_attendance(session, shift, town.volunteer) for shift in day]
    approvals.approve_all(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_ids=[stays[3].id, stays[0].id],
        mode="each",
    )
    undone = awards.of(session, town.id, stays[0].id)
    assert undone is not None
    assert undone.transfer_id is not None
    voiding.reverse_award(
        session, actor=town.actor("treasurer"), at=NOW, transfer_id=undone.transfer_id, reason="no"
    )
    assert factories.approve(session, town, stays[2]).status == "credited"
    assert factories.approve(session, town, stays[1], "manager").status == "credited"
    long = make_attendance(session, long_shift(session, town, 13), town.other)
    for by in ("manager", "second"):
        factories.approve(session, town, long, by)
    assert _codes(session, town) == []


def test_what_changes_later_does_not_act_backwards(session: Session, town: Town) -> None:
    row = make_attendance(session, long_shift(session, town, 8), town.volunteer)
    factories.approve(session, town, row)
    long = make_attendance(session, long_shift(session, town, 9), town.other)
    factories.approve(session, town, long, "second")
    communities.change(session, actor=town.actor("manager"), at=NOW, approval_tiers_hours=[1, 2])
    roles.set_all(
        session,
        actor=town.actor("manager"),
        at=NOW + timedelta(minutes=2),
        person_id=town.second.id,
        wanted=set(),
    )
    assert _codes(session, town) == []
    award = awards.of(session, town.id, row.id)
    assert award is not None
    assert award.inputs["tiers_hours"] == [8, 12]


def test_who_became_a_manager_later_was_none_then(session: Session, town: Town) -> None:
    row = make_attendance(session, long_shift(session, town, 9), town.volunteer)
    factories.plant(session, town, row, [town.captain.id])
    people.grant_role(
        session,
        community_id=town.id,
        person_id=town.captain.id,
        role="manager",
        at=NOW + timedelta(minutes=2),
    )
    assert _codes(session, town) == ["tier_not_signed"]


def _codes(session: Session, town: Town) -> list[str]:
    return [problem.code for problem in checks.problems(session, town.id)]
