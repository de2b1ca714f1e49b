"""From when to when a line says that somebody was there.

Invariant: two instants in the community's zone, the second after the first and neither in the
future; a length that contradicts them is a fault and never chosen over them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from imports import cells
from imports.faults import Fault
from imports.headings import Line

LONGEST = timedelta(days=7)
_SPAN = re.compile(r"(.*\d.*?)\s*(?:-{1,2}|~|–|—|至|到)\s*(\d{1,2}\s*[:点时].*)")


@dataclass(frozen=True)
class Interval:
    """From when to when."""

    starts_at: datetime
    ends_at: datetime


def of(line: Line, zone: str, now: datetime) -> tuple[Interval | None, Fault | None]:
    """The interval of a line, or what is wrong with it."""
    try:
        on, begin, end, length = _parts(line)
    except _Bad as bad:
        return None, line.fault(bad.code, value=bad.value)
    if on is None:
        return None, line.fault("day_missing")
    if begin is None or (end is None and length is None):
        return None, line.fault("times_missing")
    starts_at = cells.instant(on, begin, ZoneInfo(zone))
    if end is None:
        assert length is not None, "one of them is there"
        ends_at = starts_at + timedelta(minutes=length)
    else:
        # A patrol that ends at 00:30 ends on the next day, unless the list names the day.
        last = _day_within(line.cells.get("end")) or on + timedelta(days=end <= begin)
        ends_at = cells.instant(last, end, ZoneInfo(zone))
    return _judged(line, Interval(starts_at, ends_at), end is not None, length, now)


def _judged(
    line: Line, found: Interval, is_told: bool, length: int | None, now: datetime
) -> tuple[Interval | None, Fault | None]:
    lasted = found.ends_at - found.starts_at
    if not timedelta() < lasted <= LONGEST:
        return None, line.fault("order_bad")
    if found.ends_at > now:
        return None, line.fault("future")
    told = int(lasted.total_seconds()) // 60
    if is_told and length is not None and told != length:
        return None, line.fault("length_differs", value=length, other=told)
    return found, None


class _Bad(Exception):
    def __init__(self, code: str, value: Any) -> None:
        super().__init__(code)
        self.code, self.value = code, cells.text(value)


def _parts(line: Line) -> tuple[date | None, time | None, time | None, int | None]:
    told = dict(line.cells)
    for key in ("begin", "day"):
        span = _SPAN.fullmatch(cells.text(told.get(key)))
        # 20:00-23:00 in one cell, perhaps behind its day; 2026-03-05 alone is no span.
        if span and not told.get("end"):
            told["end"] = span.group(2)
            told[key] = span.group(1)
            if key == "day":
                told["begin"] = told["day"]
    on = _read("day_bad", cells.day, told.get("day"))
    if on is None:
        on = _day_within(told.get("begin"))
    begin = _read("time_bad", cells.clock, told.get("begin"))
    end = _read("time_bad", cells.clock, told.get("end"))
    length = _read("length_bad", lambda cell: cells.minutes(cell, 1), told.get("minutes"))
    if length is None:
        length = _read("length_bad", lambda cell: cells.minutes(cell, 60), told.get("hours"))
    return on, begin, end, length


def _read(code: str, reader: Any, cell: Any) -> Any:
    try:
        return reader(cell)
    except cells.Unclear:
        raise _Bad(code, cell) from None


def _day_within(cell: Any) -> date | None:
    if isinstance(cell, int) or not isinstance(cell, str | date):
        return None
    try:
        return cells.day(cell)
    except cells.Unclear:
        return None
