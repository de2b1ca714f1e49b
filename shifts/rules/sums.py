"""The sum of the contract: counted minutes and points of one attendance. Pure; knows no database.

Invariant: minutes follow from the times alone, whatever the rule; every number of the result can be
worked out again from ``inputs`` and ``steps``, which are kept as data (design D9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shifts.rules import runs
from shifts.rules.runs import MINUTE, Breaks

MINUTES_PER_HOUR = 60
#: a coefficient is a whole number of these
HUNDREDTHS = 100
CAPTAIN, DEPUTY = "captain", "deputy"
#: the steps that cap, in their order, and what of the terms they stand for
CAPS = {
    "capped": "daily_cap_points",
    "capped_red_post": "red_post_cap_points",
    "capped_fund": "fund_cap_points",
}
#: what the inputs keep of a duty that earns hours alone; of any other they keep nothing
UNPAID = {"earns": "hours"}
_MINUTES_PER_DAY = 24 * MINUTES_PER_HOUR
#: the four instants of ``inputs``, as ``worked`` takes them
TIMES = ("checked_in_at", "checked_out_at", "starts_at", "ends_at")


@dataclass(frozen=True)
class Night:
    """``[starts, ends)`` of local time, past midnight where ``ends`` is the earlier one."""

    starts: time
    ends: time
    points_per_hour: int

    def holds(self, local: time) -> bool:
        """Whether a minute that begins at this local time is a night minute."""
        if self.starts <= self.ends:
            return self.starts <= local < self.ends
        return local >= self.starts or local < self.ends


@dataclass(frozen=True)
class Terms:
    """What a rule version promises for an hour, and its bounds."""

    rule_id: UUID
    version: int
    points_per_hour: int
    round_down_minutes: int = 1
    min_minutes: int = 0
    daily_cap_points: int | None = None
    night: Night | None = None
    #: of a person's day, at one red post or activity and from one fund
    red_post_cap_points: int | None = None
    fund_cap_points: int | None = None
    #: in hundredths, for whoever leads the shift
    captain_coefficient: int | None = None
    deputy_coefficient: int | None = None

    @property
    def has_cap(self) -> bool:
        """Whether what the person earned that day already bears on it."""
        return any(getattr(self, cap) is not None for cap in CAPS.values())

    def coefficient(self, role: str | None) -> int | None:
        """The hundredths of a role in the shift, captain or deputy; none: as everybody."""
        return {CAPTAIN: self.captain_coefficient, DEPUTY: self.deputy_coefficient}.get(role or "")


@dataclass(frozen=True)
class Left:
    """What the person may still earn on the service date, of each cap; none: without a cap."""

    day: int | None = None
    red_post: int | None = None
    fund: int | None = None

    @classmethod
    def of(cls, steps: Sequence[Mapping[str, Any]]) -> Left:
        """As the steps of an award have it."""
        found = {step["step"]: step["left"] for step in steps if step["step"] in CAPS}
        return cls(*(found.get(name) for name in CAPS))


@dataclass(frozen=True)
class Sum:
    """``minutes`` go to the hours book; day and night minutes are those that earned the points."""

    minutes: int
    day_minutes: int
    night_minutes: int
    points: int
    steps: list[dict[str, Any]]
    inputs: dict[str, Any]


def counted(
    checked_in_at: datetime, checked_out_at: datetime, starts_at: datetime, ends_at: datetime
) -> tuple[datetime, int]:
    """The first counted instant of [in, out) ∩ [starts_at, ends_at), and its whole minutes."""
    first = max(checked_in_at, starts_at)
    last = min(checked_out_at, ends_at)
    return first, max(last - first, timedelta(0)) // MINUTE


def worked(
    rule: Terms | None,
    checked_in_at: datetime,
    checked_out_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    *,
    zone: str,
    caps_left: Left = Left(),
    role: str | None = None,
    breaks: Breaks = (),
    unpaid: bool = False,
) -> Sum:
    """The rule applied to one stay of somebody with this role in the shift.

    The steps, in order: counted, breaks, then unpaid or no_rule; or rounded, below_minimum, split,
    rated, capped, capped_red_post, capped_fund, each where it applies. ``unpaid``: the duty was
    declared to earn hours alone.
    """
    times = (checked_in_at, checked_out_at, starts_at, ends_at)
    inputs = _inputs(rule, times, zone)
    if rule is not None and rule.coefficient(role) is not None:
        inputs["role"] = role
    if breaks:
        inputs["breaks"] = [[_text(starts), _text(ends)] for starts, ends in breaks]
    if unpaid:
        inputs |= UNPAID
    made = stepped(
        rule, *times, zone=zone, caps_left=caps_left, role=role, breaks=breaks, unpaid=unpaid
    )
    return Sum(*made, inputs=inputs)


def stepped(
    rule: Terms | None,
    checked_in_at: datetime,
    checked_out_at: datetime,
    starts_at: datetime,
    ends_at: datetime,
    *,
    zone: str,
    caps_left: Left = Left(),
    role: str | None = None,
    breaks: Breaks = (),
    unpaid: bool = False,
) -> tuple[int, int, int, int, list[dict[str, Any]]]:
    """Minutes, day and night minutes, points and steps of the same sum, without its inputs: for
    who holds them already."""
    first, minutes = counted(checked_in_at, checked_out_at, starts_at, ends_at)
    end = first + minutes * MINUTE
    steps: list[dict[str, Any]] = [
        {"step": "counted", "from": _text(first), "to": _text(end), "minutes": minutes}
    ]
    there = runs.served(first, minutes, breaks)
    left_over = sum(length for _begins, length in there)
    if left_over != minutes:
        steps.append({"step": "breaks", "out": minutes - left_over, "minutes": left_over})
        minutes = left_over
    if rule is None or unpaid:
        return minutes, 0, 0, 0, [*steps, {"step": "unpaid" if unpaid else "no_rule"}]
    paid = _rounded(rule, minutes, steps)
    local = ZoneInfo(zone)
    night = sum(_night_minutes(rule.night, *run, local) for run in runs.cut(there, paid))
    points = _rated(rule, paid - night, night, role, steps)
    for (step, cap), cap_left in zip(
        CAPS.items(), (caps_left.day, caps_left.red_post, caps_left.fund), strict=True
    ):
        if cap_left is not None:
            points = _capped(step, getattr(rule, cap), points, cap_left, steps)
    return minutes, paid - night, night, points, steps


def _rounded(rule: Terms, minutes: int, steps: list[dict[str, Any]]) -> int:
    """The minutes that earn points: cut at the end to a multiple, or none below the minimum."""
    paid = minutes - minutes % rule.round_down_minutes
    if paid != minutes:
        steps.append({"step": "rounded", "multiple": rule.round_down_minutes, "minutes": paid})
    if paid < rule.min_minutes:
        steps.append({"step": "below_minimum", "minimum": rule.min_minutes, "minutes": 0})
        return 0
    return paid


def _night_minutes(night: Night | None, first: datetime, minutes: int, zone: ZoneInfo) -> int:
    """How many of the minutes begin inside the window, each judged in the community's zone."""
    if night is None:
        return 0
    start = first.astimezone(UTC)
    begin, end = start.astimezone(zone), (start + minutes * MINUTE).astimezone(zone)
    if begin.utcoffset() == end.utcoffset() and minutes < _MINUTES_PER_DAY:
        return _night_minutes_of(night, begin.replace(tzinfo=None), minutes)
    # The clocks are changed on the way, or may be, there and back: each minute is asked for itself.
    begins = (start + number * MINUTE for number in range(minutes))
    return sum(night.holds(one.astimezone(zone).time()) for one in begins)


def _night_minutes_of(night: Night, first: datetime, minutes: int) -> int:
    """The same where the clocks stay: the minutes before each end of a window, less those before
    its begin."""
    if night.starts == night.ends:
        return 0
    found = 0
    # A window that goes past midnight may have begun the day before.
    for day in range(-1, 2 + minutes // _MINUTES_PER_DAY):
        on = first.date() + timedelta(days=day)
        starts = datetime.combine(on, night.starts)
        ends = datetime.combine(on, night.ends)
        if night.ends < night.starts:
            ends += timedelta(days=1)
        found += runs.before(ends, first, minutes) - runs.before(starts, first, minutes)
    return found


def _rated(rule: Terms, day: int, night: int, role: str | None, steps: list[dict[str, Any]]) -> int:
    night_rate = rule.night.points_per_hour if rule.night is not None else 0
    if rule.night is not None:
        steps.append({"step": "split", "day_minutes": day, "night_minutes": night})
    coefficient = rule.coefficient(role)
    hundredths = HUNDREDTHS if coefficient is None else coefficient
    parts = (day * rule.points_per_hour + night * night_rate) * hundredths
    points = parts // (MINUTES_PER_HOUR * HUNDREDTHS)
    rated: dict[str, Any] = {
        "step": "rated",
        "day_minutes": day,
        "points_per_hour": rule.points_per_hour,
        "points": points,
    }
    if rule.night is not None:
        rated |= {"night_minutes": night, "night_points_per_hour": night_rate}
    if coefficient is not None:
        rated |= {"role": role, "coefficient": coefficient}
    steps.append(rated)
    return points


def _capped(
    step: str, cap: int | None, points: int, cap_left: int, steps: list[dict[str, Any]]
) -> int:
    kept = min(points, max(cap_left, 0))
    steps.append({"step": step, "cap": cap, "left": cap_left, "points": kept})
    return kept


def _inputs(rule: Terms | None, times: tuple[datetime, ...], zone: str) -> dict[str, Any]:
    told: dict[str, Any] = {name: _text(at) for name, at in zip(TIMES, times, strict=True)}
    return told | {"zone": zone, "rule": None if rule is None else _terms(rule)}


def _terms(rule: Terms) -> dict[str, Any]:
    """The terms as data; the rule's name is free text and is looked up by its id (D12)."""
    night = rule.night
    return {
        "id": str(rule.rule_id),
        "version": rule.version,
        "points_per_hour": rule.points_per_hour,
        "round_down_minutes": rule.round_down_minutes,
        "min_minutes": rule.min_minutes,
        "daily_cap_points": rule.daily_cap_points,
        "night": night
        and {
            "from": night.starts.isoformat("minutes"),
            "to": night.ends.isoformat("minutes"),
            "points_per_hour": night.points_per_hour,
        },
    } | {name: found for name in _MORE if (found := getattr(rule, name)) is not None}


#: told only where they are set, as most rules do not
_MORE = ("red_post_cap_points", "fund_cap_points", "captain_coefficient", "deputy_coefficient")


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
