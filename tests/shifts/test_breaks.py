"""Breaks are taken out minute by minute before anything else, and stay as they are once decided."""

import random
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import Conflict, NotAllowed
from shifts import checks
from shifts.approval import awards
from shifts.presence import breaks
from shifts.rules import sums
from shifts.rules.sums import Night, Terms
from shifts.tables.attendance import Attendance
from tests.shifts.factories import NOW, Town, approve, local, make_rule, make_shift, scan

MINUTE = timedelta(minutes=1)


def _pause(session: Session, town: Town, row: Attendance, *at: tuple[int, int]) -> None:
    """Breaks from, to, from …, each at an hour and a minute."""
    for number, (hour, minute) in enumerate(at):
        deed = breaks.end if number % 2 else breaks.begin
        actor = town.actor("volunteer")
        deed(session, actor=actor, at=local(hour, minute), attendance_id=row.id)


def test_a_break_is_taken_out_before_anything_else(session: Session, town: Town) -> None:
    make_rule(session, town, round_down_minutes=30)
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    _pause(session, town, row, (9, 30), (9, 50), (10, 0), (10, 5))
    scan(session, shift, town.volunteer, local(12))
    approve(session, town, row)
    award = awards.of(session, town.id, row.id)
    assert award is not None
    # 180 minutes less 25 are 155; cut to 150; two and a half hours at 10 points.
    assert (award.minutes, award.points) == (155, 25)
    assert [step["step"] for step in award.steps] == ["counted", "breaks", "rounded", "rated"]
    assert not list(checks.problems(session, town.id))


def test_a_break_that_nobody_ended_lasts_as_long_as_the_stay(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    _pause(session, town, row, (11, 0))
    assert breaks.is_on(row)
    scan(session, shift, town.volunteer, local(12))
    assert "break_open" in row.flags
    approve(session, town, row)
    award = awards.of(session, town.id, row.id)
    assert award is not None
    assert award.minutes == 120


def test_twice_begun_is_once_and_only_while_one_is_there(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    facts = {"attendance_id": row.id}
    breaks.begin(session, actor=town.actor("volunteer"), at=local(10), **facts)
    breaks.begin(session, actor=town.actor("captain"), at=local(10, 1), **facts)
    breaks.end(session, actor=town.actor("volunteer"), at=local(10, 2), **facts)
    breaks.end(session, actor=town.actor("volunteer"), at=local(10, 3), **facts)
    assert [[end is not None for end in one] for one in row.breaks] == [[True, True]]
    with pytest.raises(NotAllowed):
        breaks.begin(session, actor=town.actor("other"), at=local(10), **facts)
    scan(session, shift, town.volunteer, local(12))
    with pytest.raises(Conflict, match="not_there"):
        breaks.begin(session, actor=town.actor("volunteer"), at=local(12), **facts)


def test_what_is_decided_keeps_its_breaks(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    row = scan(session, shift, town.volunteer, local(9))[1]
    scan(session, shift, town.volunteer, local(12))
    approve(session, town, row, at=NOW)
    with pytest.raises(DBAPIError, match="lovebank:already_decided"), session.begin_nested():
        session.execute(
            update(Attendance)
            .where(Attendance.community_id == town.id, Attendance.id == row.id)
            .values(breaks=[["a", "b"]])
        )


def test_against_a_count_of_each_minute() -> None:
    chance, night = random.Random(5), Night(time(22), time(6), 20)
    zone = ZoneInfo("Asia/Shanghai")
    rule = Terms(ids.new(), 1, 7, round_down_minutes=5, min_minutes=10, night=night)
    for _ in range(200):
        came = local(20) + timedelta(seconds=chance.randrange(7200))
        left = came + timedelta(seconds=chance.randrange(60, 6 * 3600))
        pauses = []
        for _number in range(chance.randrange(4)):
            starts = came + timedelta(seconds=chance.randrange(6 * 3600))
            pauses.append((starts, starts + timedelta(seconds=chance.randrange(1, 3600))))
        bounds = (local(21), local(21) + timedelta(hours=5))
        found = sums.worked(rule, came, left, *bounds, zone="Asia/Shanghai", breaks=pauses)
        first, last = max(came, bounds[0]), min(left, bounds[1])
        whole = [first + number * MINUTE for number in range(max((last - first) // MINUTE, 0))]
        begins = [one for one in whole if not any(a <= one < b for a, b in pauses)]
        paid = begins[: len(begins) // 5 * 5] if len(begins) >= 10 else []
        dark = sum(night.holds(one.astimezone(zone).time()) for one in paid)
        points = ((len(paid) - dark) * 7 + dark * 20) // 60
        assert (found.minutes, found.night_minutes, found.points) == (len(begins), dark, points)
