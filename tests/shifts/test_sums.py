"""The sum of the contract against a recount that knows nothing of it: by the minute, in integers.

The recount walks every second-aligned minute of the stay and asks of each one alone whether it
counts, whether it is a night minute and what it earns.
"""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kit.types import canonical
from shifts.rules import sums
from shifts.rules.sums import Night, Sum, Terms
from tests import quick

SHIFTS = 10_000 if quick.LONG else 3_000
RULE = UUID(int=7)
ZONES = ["Asia/Shanghai"] * 8 + ["America/New_York", "Australia/Lord_Howe"]
EDGES = [
    datetime(2026, 12, 31, 16, 0, tzinfo=UTC),  # New Year in Shanghai
    datetime(2026, 11, 30, 16, 0, tzinfo=UTC),  # the end of a month
    datetime(2028, 2, 28, 16, 0, tzinfo=UTC),  # a leap day begins
    datetime(2026, 11, 1, 6, 0, tzinfo=UTC),  # New York sets its clocks back
    datetime(2026, 3, 8, 7, 0, tzinfo=UTC),  # and forward
]


def _at(hour: int, minute: int = 0, second: int = 0, day: int = 22) -> datetime:
    """Local time of Shanghai in November 2026."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZoneInfo("Asia/Shanghai"))


def _rule(**terms: Any) -> Terms:
    told: dict[str, Any] = {"rule_id": RULE, "version": 1, "points_per_hour": 10}
    return Terms(**(told | terms))


def _sum(rule: Terms | None, came: datetime, left: datetime, **more: Any) -> Sum:
    bounds = more.pop("shift", (_at(9), _at(12)))
    return sums.worked(rule, came, left, *bounds, zone="Asia/Shanghai", **more)


def test_three_hours_at_ten() -> None:
    found = _sum(_rule(), _at(9), _at(12))
    assert (found.minutes, found.day_minutes, found.night_minutes, found.points) == (
        180,
        180,
        0,
        30,
    )


@pytest.mark.parametrize(
    ("came", "left", "minutes"),
    [
        (_at(8, 30), _at(12, 59), 180),  # early and overtime count for nothing
        (_at(9, 10), _at(11, 50), 160),
        (_at(9, 0, 30), _at(9, 2, 29), 1),  # cut from the first instant, the rest dropped
        (_at(8), _at(8, 59), 0),
        (_at(12), _at(12, 30), 0),
    ],
)
def test_only_the_shift_counts(came: datetime, left: datetime, minutes: int) -> None:
    assert _sum(_rule(), came, left).minutes == minutes


def test_rounding_cuts_points_and_never_minutes() -> None:
    found = _sum(_rule(points_per_hour=60, round_down_minutes=30), _at(9), _at(10, 59))
    assert (found.minutes, found.points) == (119, 90)


def test_below_the_minimum_earns_nothing_after_rounding() -> None:
    rule = _rule(points_per_hour=60, round_down_minutes=30, min_minutes=45)
    assert _sum(rule, _at(9), _at(9, 50)).points == 0
    assert _sum(rule, _at(9), _at(10)).points == 60
    assert _sum(rule, _at(9), _at(9, 50)).minutes == 50


def test_night_minutes_earn_the_night_rate_instead() -> None:
    rule = _rule(night=Night(time(22), time(6), 15))
    found = _sum(rule, _at(20), _at(23), shift=(_at(20), _at(23)))
    assert (found.day_minutes, found.night_minutes, found.points) == (120, 60, 35)


def test_a_night_passes_midnight() -> None:
    rule = _rule(night=Night(time(22), time(6), 15))
    found = _sum(rule, _at(21), _at(7, day=23), shift=(_at(21), _at(7, day=23)))
    assert (found.day_minutes, found.night_minutes, found.points) == (120, 480, 140)


def test_a_minute_belongs_to_where_it_begins() -> None:
    rule = _rule(night=Night(time(22), time(6), 15))
    found = _sum(rule, _at(21, 58, 30), _at(22, 3), shift=(_at(20), _at(23)))
    assert (found.day_minutes, found.night_minutes) == (2, 2)


@pytest.mark.parametrize(("left", "points"), [(40, 30), (12, 12), (0, 0), (-5, 0)])
def test_the_cap_cuts(left: int, points: int) -> None:
    found = _sum(_rule(daily_cap_points=40), _at(9), _at(12), caps_left=sums.Left(left))
    assert (found.points, found.minutes) == (points, 180)
    assert found.steps[-1] == {"step": "capped", "cap": 40, "left": left, "points": points}


def test_without_a_rule_hours_count_and_points_do_not() -> None:
    found = _sum(None, _at(9), _at(12))
    assert (found.minutes, found.points) == (180, 0)
    assert [step["step"] for step in found.steps] == ["counted", "no_rule"]


def test_the_steps_are_data_that_can_be_kept() -> None:
    rule = _rule(
        night=Night(time(9), time(10), 20), round_down_minutes=7, daily_cap_points=5, min_minutes=9
    )
    found = _sum(rule, _at(9), _at(9, 20), caps_left=sums.Left(5))
    assert [step["step"] for step in found.steps] == [
        "counted", "rounded", "split", "rated", "capped"
    ]  # fmt: skip
    assert canonical({"inputs": found.inputs, "steps": found.steps})
    assert found.inputs["rule"]["night"] == {"from": "09:00", "to": "10:00", "points_per_hour": 20}


def test_ten_thousand_random_shifts_equal_the_recount(
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(20261122)
    seen: set[str] = set()
    for number in range(SHIFTS):
        case = _random_case(chance)
        found = sums.worked(
            case["rule"], *case["times"], zone=case["zone"], caps_left=sums.Left(case["cap_left"])
        )
        told = (found.minutes, found.day_minutes, found.night_minutes, found.points)
        assert told == _recount(**case), f"case {number}: {case}"
        seen |= _marks(case, found)
    assert seen == {"night", "day", "capped", "rounded", "too_short", "nothing", "no_rule",
                    "late", "left_early", "early", "overtime", "midnight"}  # fmt: skip
    record_property("cases", number + 1)


def _random_case(chance: random.Random) -> dict[str, Any]:
    base = chance.choice([*EDGES, datetime(2026, chance.randint(1, 12), 11, tzinfo=UTC)])
    starts = base + timedelta(minutes=chance.randint(-300, 300))
    ends = starts + timedelta(minutes=chance.choice([30, 60, 90, 120, 180, 240, 600]))
    came = starts + timedelta(
        seconds=chance.randint(-1800, 3600), microseconds=chance.randint(0, 9)
    )
    left = max(came + timedelta(seconds=1), ends + timedelta(seconds=chance.randint(-5400, 3600)))
    rule = None if chance.random() < 0.03 else _random_rule(chance)
    capped = rule is not None and rule.daily_cap_points is not None
    return {
        "rule": rule,
        "times": (came, left, starts, ends),
        "zone": chance.choice(ZONES),
        "cap_left": chance.randint(-10, 60) if capped else None,
    }


def _random_rule(chance: random.Random) -> Terms:
    night = None
    if chance.random() < 0.7:
        begin, end = (time(chance.randint(0, 23), chance.choice([0, 15, 59])) for _ in range(2))
        if begin != end:
            night = Night(begin, end, chance.randint(0, 60))
    return _rule(
        version=chance.randint(1, 9),
        points_per_hour=chance.randint(0, 60),
        round_down_minutes=chance.choice([1, 1, 5, 15, 30, 60]),
        min_minutes=chance.choice([0, 0, 30, 60]),
        daily_cap_points=chance.choice([None, 40]),
        night=night,
    )


def _recount(
    rule: Terms | None, times: tuple[datetime, ...], zone: str, cap_left: int | None
) -> tuple[int, int, int, int]:
    """Minutes, day minutes, night minutes and points, each minute judged alone, in microseconds."""
    came, left, starts, ends = (_micros(at) for at in times)
    begins = []
    at = came if came > starts else starts
    while at + 60_000_000 <= left and at + 60_000_000 <= ends:
        begins.append(at)
        at += 60_000_000
    if rule is None:
        return len(begins), 0, 0, 0
    paid = begins
    while len(paid) % rule.round_down_minutes:
        paid = paid[:-1]
    if len(paid) < rule.min_minutes:
        paid = []
    nights = sum(1 for begin in paid if _is_night(rule, begin, zone))
    sixtieths = sum(
        rule.night.points_per_hour
        if rule.night and _is_night(rule, begin, zone)
        else rule.points_per_hour
        for begin in paid
    )
    points = 0
    while sixtieths >= 60:
        sixtieths -= 60
        if cap_left is None or points < cap_left:
            points += 1
    return len(begins), len(paid) - nights, nights, points


def _is_night(rule: Terms, begin: int, zone: str) -> bool:
    if rule.night is None:
        return False
    local = (begin + _offset(begin, zone)) % 86_400_000_000
    window = [(edge.hour * 60 + edge.minute) * 60_000_000 for edge in
              (rule.night.starts, rule.night.ends)]  # fmt: skip
    length = (window[1] - window[0]) % 86_400_000_000
    return (local - window[0]) % 86_400_000_000 < length


_OFFSETS: dict[tuple[int, str], int] = {}


def _offset(micros: int, zone: str) -> int:
    """What the zone adds to UTC; offsets change on whole minutes only."""
    key = (micros // 60_000_000, zone)
    if key not in _OFFSETS:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=key[0])
        offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
        assert offset is not None
        _OFFSETS[key] = offset // timedelta(microseconds=1)
    return _OFFSETS[key]


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _marks(case: dict[str, Any], found: Sum) -> set[str]:
    """What a case was an example of, so that no kind is missing from the ten thousand."""
    came, left, starts, ends = case["times"]
    steps = {step["step"] for step in found.steps}
    rated = [step["points"] for step in found.steps if step["step"] == "rated"]
    local: list[date] = [at.astimezone(ZoneInfo(case["zone"])).date() for at in (starts, ends)]
    told = {
        "night": found.night_minutes > 0,
        "day": found.day_minutes > 0,
        "capped": bool(rated) and found.points < rated[0],
        "rounded": "rounded" in steps,
        "too_short": "below_minimum" in steps,
        "no_rule": "no_rule" in steps,
        "nothing": found.minutes == 0,
        "late": came > starts,
        "early": came < starts,
        "left_early": left < ends,
        "overtime": left > ends,
        "midnight": local[0] != local[1],
    }
    return {name for name, true in told.items() if true}
