"""What a decision is worth: sums, caps, tiers, budgets, several lines in one call."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import checks as audit_checks
from audit import queries as audit_queries
from kit import ids
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from ledger import accounts, statements
from ledger.errors import Short
from ledger.models import Transfer
from shifts.approval import approvals, awards
from shifts.rota import activities
from shifts.rules import versions
from shifts.rules.versions import NightRate
from shifts.tables.attendance import Approval, Attendance, Award
from tests import factories as people
from tests.shifts import factories
from tests.shifts.factories import (
    NOW,
    Town,
    local,
    long_shift,
    make_attendance,
    make_rule,
    make_shift,
)


def test_three_hours_are_thirty_points(session: Session, town: Town) -> None:
    rule = make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    done = factories.approve(session, town, row)
    wallet = statements.wallet(session, town.id, town.volunteer.id, NOW)
    award = _award(session, row)
    assert (done.status, wallet.available, wallet.minutes) == ("credited", 30, 180)
    assert (award.rule_id, award.points, award.minutes) == (rule.id, 30, 180)
    assert award.inputs["rule"]["version"] == 1
    # A name is free text, and this row is never changed (D12): the rule's id leads to it.
    assert "Patrol" not in str(award.inputs)
    assert [step["step"] for step in award.steps] == ["counted", "rated"]


def test_every_step_is_in_the_trail(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    told = audit_queries.entries(session, town.id, "attendance", row.id, 50, None)
    assert [entry.action for entry in told] == [
        "shifts:attendance:credited",
        "shifts:attendance:approved",
        "shifts:attendance:checked-out",
        "shifts:attendance:checked-in",
    ]
    assert list(audit_checks.problems(session, town.id)) == []


def test_the_transfer_tells_where_it_comes_from(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    head = session.scalars(
        select(Transfer).where(Transfer.community_id == town.id, Transfer.kind == "award")
    ).one()
    assert head.id == _award(session, row).transfer_id
    assert head.natural_key == f"attendance:{row.id}:award"
    assert (head.source_type, head.source_id) == ("attendance", row.id)
    assert (head.evidence, head.fund_id, head.effective_on) == (
        "b",
        town.fund_id,
        date(2026, 11, 22),
    )


def test_without_a_rule_minutes_are_recorded_all_the_same(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    wallet = statements.wallet(session, town.id, town.volunteer.id, NOW)
    assert (wallet.available, wallet.minutes) == (0, 180)


def test_neither_minutes_nor_points_move_nothing(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    came = shift.starts_at - timedelta(minutes=20)
    row = make_attendance(session, shift, town.volunteer, came=came, left=shift.starts_at)
    done = factories.approve(session, town, row)
    assert (done.status, _award(session, row).transfer_id) == ("credited", None)


def test_a_second_approval_is_refused(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    factories.approve(session, town, row)
    for by in ("captain", "deputy", "manager"):
        with pytest.raises(Conflict, match="already_decided"):
            factories.approve(session, town, row, by)
    assert statements.wallet(session, town.id, town.volunteer.id, NOW).available == 30


def test_who_is_still_there_cannot_be_approved(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    _, row = factories.scan(session, shift, town.volunteer, local(9))
    with pytest.raises(Conflict, match="not_submitted"):
        factories.approve(session, town, row, at=local(11))


def test_the_daily_cap_counts_in_order_of_approval(session: Session, town: Town) -> None:
    make_rule(session, town, daily_cap_points=40)
    early = make_attendance(session, make_shift(session, town), town.volunteer)
    shift = make_shift(session, town, starts_at=local(14), ends_at=local(16))
    late = make_attendance(session, shift, town.volunteer)
    factories.approve(session, town, late)
    factories.approve(session, town, early)
    assert (_award(session, late).points, _award(session, early).points) == (20, 20)
    assert _award(session, early).steps[-1] == {
        "step": "capped", "cap": 40, "left": 20, "points": 20,
    }  # fmt: skip
    assert statements.wallet(session, town.id, town.volunteer.id, NOW).minutes == 300


def test_the_cap_holds_within_one_call(session: Session, town: Town) -> None:
    make_rule(session, town, daily_cap_points=40)
    rows = [
        make_attendance(
            session,
            make_shift(session, town, starts_at=local(hour), ends_at=local(hour + 2)),
            town.volunteer,
        )
        for hour in (8, 10, 12)
    ]
    _approve_all(session, town, rows)
    assert [_award(session, row).points for row in rows] == [20, 20, 0]


def test_a_night_shift_belongs_to_the_day_it_begins_on(session: Session, town: Town) -> None:
    make_rule(session, town, night=NightRate("22:00", "06:00", 15))
    shift = make_shift(session, town, starts_at=local(21, day=21), ends_at=local(1, day=22))
    row = make_attendance(session, shift, town.volunteer)
    factories.approve(session, town, row)
    award = _award(session, row)
    assert (award.service_on, award.points) == (date(2026, 11, 21), 55)


def test_tiers(session: Session, town: Town) -> None:
    for hours, by, wanted in (
        (8, "captain", "credited"),
        (9, "captain", "not_allowed"),
        (9, "manager", "credited"),
        (12, "manager", "credited"),
        (13, "captain", "not_allowed"),
        (13, "manager", "approved"),
    ):
        person = people.make_person(session, community_id=town.id)
        row = make_attendance(session, long_shift(session, town, hours), person)
        try:
            found = factories.approve(session, town, row, by).status
        except NotAllowed as refusal:
            found = refusal.code
        assert found == wanted, (hours, by)


def test_tiers_count_the_whole_service_date(session: Session, town: Town) -> None:
    first = make_attendance(session, long_shift(session, town, 8), town.volunteer)
    late = make_shift(session, town, starts_at=local(16), ends_at=local(16, 1))
    second = make_attendance(session, late, town.volunteer)
    next_day = make_shift(session, town, starts_at=local(9, day=23), ends_at=local(17, day=23))
    third = make_attendance(session, next_day, town.volunteer)
    factories.approve(session, town, first)
    with pytest.raises(NotAllowed, match="not_allowed"):
        factories.approve(session, town, second)
    assert factories.approve(session, town, third, at=local(20, day=23)).status == "credited"
    assert factories.approve(session, town, second, "manager").status == "credited"


def test_tiers_count_within_one_call(session: Session, town: Town) -> None:
    rows = [
        make_attendance(session, long_shift(session, town, 8), town.volunteer),
        make_attendance(
            session,
            make_shift(session, town, starts_at=local(16), ends_at=local(17)),
            town.volunteer,
        ),
    ]
    lines = _approve_all(session, town, rows, mode="each")
    assert [line.code for line in lines] == [None, "not_allowed"]


def test_two_managers_sign_above_the_second_tier(session: Session, town: Town) -> None:
    make_rule(session, town)
    row = make_attendance(session, long_shift(session, town, 13), town.volunteer)
    assert factories.approve(session, town, row, "manager").status == "approved"
    assert statements.wallet(session, town.id, town.volunteer.id, NOW).minutes == 0
    with pytest.raises(NotAllowed, match="own_approval"):
        factories.approve(session, town, row, "manager")
    with pytest.raises(NotAllowed, match="not_allowed"):
        factories.approve(session, town, row, "captain")
    assert factories.approve(session, town, row, "second").status == "credited"
    assert statements.wallet(session, town.id, town.volunteer.id, NOW).available == 130


def test_a_rejection_leaves_no_points_and_may_be_entered_anew(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    row = make_attendance(session, shift, town.volunteer)
    done = approvals.reject(
        session, actor=town.actor("captain"), at=NOW, attendance_id=row.id, reason="was not there"
    )
    assert done.status == "rejected"
    with pytest.raises(Conflict, match="already_decided"):
        factories.approve(session, town, row)
    again = factories.enter(session, shift, town.volunteer, by=town.captain)
    assert factories.approve(session, town, again, "deputy").status == "credited"


def test_an_activity_is_charged_to_its_own_fund(session: Session, town: Town) -> None:
    make_rule(session, town)
    fund_id = factories.make_fund(session, community_id=town.id, points_budget=100)
    fair = activities.add(
        session, actor=town.actor("manager"), at=NOW, name="Fair", fund_id=fund_id
    )
    shift = make_shift(session, town, activity_id=fair.id)
    row = make_attendance(session, shift, town.volunteer)
    factories.approve(session, town, row)
    assert _award(session, row).fund_id == fund_id
    assert _left(session, town, fund_id) == 70


@pytest.mark.parametrize("mode", approvals.MODES)
def test_over_budget_refuses_the_whole_call(session: Session, mode: str) -> None:
    town = factories.make_town(session, budget=50)
    make_rule(session, town)
    shift = make_shift(session, town)
    rows = [make_attendance(session, shift, who) for who in (town.volunteer, town.other)]
    before = _counts(session, town)
    with pytest.raises(Short, match="over_budget"), session.begin_nested():
        _approve_all(session, town, rows, mode=mode)
    session.expire_all()
    assert _counts(session, town) == before
    assert {row.status for row in rows} == {"submitted"}
    assert _left(session, town, town.fund_id) == 50
    assert factories.approve(session, town, rows[0]).status == "credited"


def test_all_or_nothing_tells_every_line(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    good = make_attendance(session, shift, town.volunteer)
    own = make_attendance(session, shift, town.captain)
    unknown = ids.new()
    before = _counts(session, town)
    with pytest.raises(Conflict, match="not_all_approved") as refused:
        approvals.approve_all(
            session,
            actor=town.actor("captain"),
            at=NOW,
            attendance_ids=[good.id, own.id, unknown],
            mode="all_or_nothing",
        )
    told = [(UUID(line["id"]), line["code"]) for line in refused.value.facts["results"]]
    assert told == [(good.id, None), (own.id, "own_approval"), (unknown, "not_found")]
    assert _counts(session, town) == before


def test_each_approves_what_it_may(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    good = make_attendance(session, shift, town.volunteer)
    own = make_attendance(session, shift, town.captain)
    lines = _approve_all(session, town, [own, good], mode="each")
    assert [(line.outcome, line.code) for line in lines] == [
        ("refused", "own_approval"),
        ("credited", None),
    ]
    assert (own.status, good.status) == ("submitted", "credited")


def test_a_call_that_makes_no_sense(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    for named, mode in (([row.id], "some"), ([], "each"), ([row.id, row.id], "each")):
        with pytest.raises(Invalid):
            approvals.approve_all(
                session, actor=town.actor("captain"), at=NOW, attendance_ids=named, mode=mode
            )


def test_an_id_of_nobody_is_not_found(session: Session, town: Town) -> None:
    with pytest.raises(NotFound):
        approvals.approve(session, actor=town.actor("captain"), at=NOW, attendance_id=ids.new())


def test_the_rule_of_the_service_date_decides(session: Session, town: Town) -> None:
    make_rule(session, town)
    make_rule(session, town, points_per_hour=20, effective_from=date(2026, 11, 23))
    make_rule(session, town, name="Own", points_per_hour=40, effective_from=date(2026, 11, 24),
              red_post_id=town.red_post.id)  # fmt: skip
    found = []
    for day in (22, 23, 24):
        shift = make_shift(session, town, starts_at=local(9, day=day), ends_at=local(10, day=day))
        row = make_attendance(session, shift, town.volunteer)
        factories.approve(session, town, row, at=local(20, day=24))
        found.append(_award(session, row).points)
    assert found == [10, 20, 40]
    assert versions.in_force(session, town.id, None, date(2026, 11, 24)) is not None


def _award(session: Session, row: Attendance) -> Award:
    found = awards.of(session, row.community_id, row.id)
    assert found is not None
    return found


def _approve_all(
    session: Session, town: Town, rows: list[Attendance], mode: str = "all_or_nothing"
) -> list[approvals.Line]:
    return approvals.approve_all(
        session,
        actor=town.actor("captain"),
        at=NOW,
        attendance_ids=[row.id for row in rows],
        mode=mode,
    )


def _counts(session: Session, town: Town) -> list[int | None]:
    return [
        session.scalar(select(func.count()).where(model.community_id == town.id))
        for model in (Approval, Award, Transfer)
    ]


def _left(session: Session, town: Town, fund_id: UUID) -> int:
    place = accounts.fund_points(fund_id)
    return statements.available_of(session, town.id, [place])[place]
