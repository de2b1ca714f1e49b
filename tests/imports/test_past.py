"""``import attendance`` and ``import balances``: what was on paper waits for a second person."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Invalid, NotAllowed
from people import phones
from people.models import Person
from shifts.approval import approvals
from shifts.rota import activities, red_posts
from shifts.rules import versions
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift
from tests import factories
from tests.factories import AT
from tests.imports.scene import Town, codes
from tests.imports.writing import PEOPLE, Rows
from treasury import adjustments
from treasury.models import Adjustment

HEADINGS = ("姓名", "手机号", "日期", "开始时间", "结束时间", "服务时长（分钟）", "岗位")
LIST: Rows = (
    ("2026年第一季度签到表",),
    HEADINGS,
    ("王芳", 13900000001, "2026年3月5日", "20:00", "23:00", "", "夜巡"),
    ("李强", "13900000002", "2026/3/5", "晚上8:00", "", 180, "夜巡"),
    ("李强", "", "2026-03-06", "23:00", "0:30", 90, "夜巡"),
    ("王芳", "", "20260307", "8点30分-10点", "", "", "邻里节"),
)
PASSBOOKS = (("姓名", "手机号", "结余积分"), ("王芳", "", 120), ("李强", "", "80分"))
APRIL = datetime(2026, 4, 1, 4, tzinfo=UTC)


@pytest.fixture
def village(town: Town) -> Town:
    """A town with two people, a red post, an activity and a rule of 10 points an hour."""
    town.bring("people", (PEOPLE, ("王芳", "13900000001", 1958), ("李强", "13900000002", 1955)))

    def furnish(session: Session) -> None:
        actor = factories.actor_of(town.first)
        red_posts.add(session, actor=actor, at=AT, name="夜巡", kind="patrol")
        activities.add(session, actor=actor, at=AT, name="邻里节")
        versions.add(
            session,
            actor=actor,
            at=AT,
            name="一般",
            points_per_hour=10,
            effective_from=datetime(2026, 1, 1, tzinfo=UTC).date(),
        )

    town.program.database.write(furnish)
    return town


def test_a_list_on_paper_becomes_attendances_that_wait(village: Town) -> None:
    report = village.bring("attendance", LIST)
    assert report.faults == []
    assert report.added == {"attendances": 4, "shifts": 3}
    assert report.by == village.first.name
    rows = _all(village, Attendance)
    assert {(one.status, one.entered, one.evidence) for one in rows} == {("submitted", "hand", "d")}
    assert all({"hand", "imported"} <= set(one.flags) for one in rows)
    lasted = sorted((one.checked_out_at - one.checked_in_at).seconds // 60 for one in rows)
    assert lasted == [90, 90, 180, 180]
    assert village.problems() == set()


def test_the_same_list_again_changes_nothing_even_after_a_decision(village: Town) -> None:
    village.bring("attendance", LIST)
    first, second, *_ = sorted(_all(village, Attendance), key=lambda one: one.id)
    other = village.program.database.write(lambda s: _manager(s, village))
    _do(village, other, approvals.approve, attendance_id=first.id)
    _do(village, other, approvals.reject, attendance_id=second.id, reason="was not there")
    again = village.bring("attendance", LIST)
    assert (again.faults, again.known, again.written) == ([], 4, False)
    assert (len(_all(village, Attendance)), len(_all(village, Shift))) == (4, 3)


def test_who_imported_approves_nothing_of_it_and_the_rules_award_it(village: Town) -> None:
    village.bring("attendance", LIST[:3])
    (row,) = _all(village, Attendance)
    with pytest.raises(NotAllowed, match="own_approval"):
        _do(village, village.first, approvals.approve, attendance_id=row.id)
    other = village.program.database.write(lambda s: _manager(s, village))
    done = _do(village, other, approvals.approve, attendance_id=row.id)
    assert done.status == "credited"
    assert village.problems() == set()


def test_every_bad_line_of_attendance_is_named(village: Town) -> None:
    report = village.bring(
        "attendance",
        (
            HEADINGS,
            ("赵六", "", "2026-03-05", "20:00", "21:00", "", "夜巡"),
            ("", "", "2026-03-05", "20:00", "21:00", "", "夜巡"),
            ("李强", "13900000001", "2026-03-05", "20:00", "21:00", "", "夜巡"),
            ("李强", "", "", "20:00", "21:00", "", "夜巡"),
            ("李强", "", "3月5日", "20:00", "21:00", "", "夜巡"),
            ("李强", "", "2026-03-05", "25:00", "21:00", "", "夜巡"),
            ("李强", "", "2026-03-05", "20:00", "", "", "夜巡"),
            ("李强", "", "2026-03-05", "20:00", "21:00", 90, "夜巡"),
            ("李强", "", "2026-03-05", "20:00", "", "很久", "夜巡"),
            ("李强", "", "2026-12-05", "20:00", "21:00", "", "夜巡"),
            ("李强", "", "2026-03-05", "20:00", "21:00", "", "日巡"),
            ("李强", "", "2026-03-05", "20:00", "21:00", "", ""),
            ("李强", "", "2026-03-05", "20:00", "21:00", "", "夜巡"),
            ("李强", "", "2026-03-05", "20:30", "21:30", "", "邻里节"),
        ),
    )
    assert codes(report) == [
        *((2, "who_unknown"), (3, "who_missing"), (4, "name_differs"), (5, "day_missing")),
        *((6, "day_bad"), (7, "time_bad"), (8, "times_missing"), (9, "length_differs")),
        *((10, "length_bad"), (11, "future"), (12, "occasion_unknown")),
        *((13, "occasion_missing"), (15, "overlap")),
    ]
    assert _all(village, Attendance) == []
    assert _all(village, Shift) == []


def test_paper_passbooks_wait_for_a_second_treasurer(village: Town) -> None:
    first, second = (village.program.database.write(lambda s: _treasurer(s, village)) for _ in "12")
    report = village.bring("balances", PASSBOOKS)
    assert (report.faults, report.by) == ([], first.name)
    assert report.added == {"opening balances": 2, "points": 200}
    rows = _all(village, Adjustment)
    assert {(one.kind, one.made_by) for one in rows} == {("opening", first.id)}
    with pytest.raises(NotAllowed, match="own_approval"):
        _do(village, first, adjustments.approve, adjustment_id=rows[0].id)
    _do(village, second, adjustments.approve, adjustment_id=rows[0].id)
    again = village.bring("balances", PASSBOOKS)
    assert (again.faults, again.known, again.written) == ([], 2, False)
    assert len(_all(village, Adjustment)) == 2
    assert village.problems() == set()


def test_every_bad_line_of_balances_is_named(village: Town) -> None:
    treasurer = village.program.database.write(lambda s: _treasurer(s, village))
    village.bring("balances", PASSBOOKS[:2])
    report = village.bring(
        "balances",
        (
            ("姓名", "手机号", "结余积分", "日期"),
            ("王芳", "", 121),
            ("李强", "", ""),
            ("李强", "", -3),
            ("李强", "", "很多"),
            ("赵六", "", 3),
            ("李强", "", 3, "2026-12-05"),
            (treasurer.name, "", 5),
        ),
        by=village.program.database.read(lambda s: _phone(s, treasurer)),
    )
    assert codes(report) == [
        *((2, "opening_differs"), (3, "points_missing"), (4, "points_bad"), (5, "points_bad")),
        *((6, "who_unknown"), (7, "day_future"), (8, "own")),
    ]
    assert len(_all(village, Adjustment)) == 1


def test_balances_need_a_treasurer_and_say_so(village: Town) -> None:
    with pytest.raises(Invalid, match="validation") as refusal:
        village.bring("balances", PASSBOOKS)
    assert "treasurer" in refusal.value.errors["--by"]
    assert _all(village, Adjustment) == []


def _all(town: Town, model: Any) -> list[Any]:
    query = select(model).where(model.community_id == town.community.id)
    return town.program.database.read(lambda session: list(session.scalars(query)))


def _do(town: Town, person: Person, deed: Any, **facts: Any) -> Any:
    actor = Actor(town.community.id, person.id)
    return town.program.database.write(lambda s: deed(s, actor=actor, at=AT, **facts))


def _manager(session: Session, town: Town) -> Person:
    return factories.make_person(
        session, community_id=town.community.id, name="另一位", held=("manager",)
    )


def _treasurer(session: Session, town: Town) -> Person:
    return factories.make_person(
        session,
        community_id=town.community.id,
        name=f"司库{factories.make_phone()[-4:].translate(_HAN)}",
        phone=factories.make_phone(),
        held=("treasurer",),
    )


#: names are written without figures
_HAN = str.maketrans("0123456789", "零一二三四五六七八九")


def _phone(session: Session, person: Person) -> str:
    found = phones.of(person, factories.KEYS)
    assert found is not None
    return found
