"""The pattern of a template: on which local dates it falls, and from when to when.

Invariant: one date has at most one slot, and the slot begins on that date in the community's zone;
its length is of elapsed minutes, so a night in which the clock is changed serves as long as others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.clock import local_date
from kit.errors import Invalid

MINUTES_MAX = 24 * 60
#: of a month: the first to the fourth of a weekday, and the last one
LAST = -1
WEEKS = (1, 2, 3, 4, LAST)
EVERY_DAY = tuple(range(1, 8))
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


@dataclass(frozen=True)
class Pattern:
    """When a template's shifts are: local facts, without a zone."""

    #: ISO: Monday is 1
    weekdays: tuple[int, ...]
    #: which of the month's; none of them: every week
    weeks: tuple[int, ...]
    starts: str
    minutes: int
    valid_from: date
    valid_until: date | None = None

    def check(self) -> None:
        """Raise Invalid with every fault of the pattern."""
        faults = {}
        if not self.weekdays or not set(self.weekdays) <= set(EVERY_DAY):
            faults["weekdays"] = "want at least one day, 1 (Monday) to 7 (Sunday)"
        if not set(self.weeks) <= set(WEEKS):
            faults["weeks"] = "want 1 to 4, or -1 for the last of the month"
        if not _CLOCK_TIME.fullmatch(self.starts):
            faults["starts"] = "is not a time of day, HH:MM"
        if not 1 <= self.minutes <= MINUTES_MAX:
            faults["minutes"] = f"is not between 1 and {MINUTES_MAX}"
        if self.valid_until is not None and self.valid_until < self.valid_from:
            faults["valid_until"] = "is before valid_from"
        if faults:
            raise Invalid(**faults)

    def falls_on(self, day: date) -> bool:
        """Whether there is a slot on this local date."""
        if day < self.valid_from or (self.valid_until is not None and day > self.valid_until):
            return False
        if day.isoweekday() not in self.weekdays:
            return False
        is_last = (day + timedelta(days=7)).month != day.month
        number = (day.day - 1) // 7 + 1
        return not self.weeks or number in self.weeks or (is_last and LAST in self.weeks)

    def times_on(self, day: date, zone: str) -> tuple[datetime, datetime]:
        """From when to when, in UTC.

        A time that the clock passes twice is the first of the two; one that it leaps over is as
        much later as the leap is long.
        """
        hour, minute = self.starts.split(":")
        local = datetime.combine(day, time(int(hour), int(minute)), ZoneInfo(zone))
        begin = local.astimezone(UTC)
        return begin, begin + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class Slot:
    """One local date of a template."""

    day: date
    starts_at: datetime
    ends_at: datetime


def between(pattern: Pattern, zone: str, first: date, last: date) -> Iterator[Slot]:
    """The slots from one local date to another, both included.

    A zone that left out a whole day has no slot there: its evening would be the next day's.
    """
    day = first
    while day <= last:
        if pattern.falls_on(day):
            begin, end = pattern.times_on(day, zone)
            if local_date(begin, zone) == day:
                yield Slot(day, begin, end)
        day += timedelta(days=1)


def mask(numbers: Iterable[int], among: tuple[int, ...]) -> int:
    """Some of a short list as bits."""
    return sum(1 << among.index(number) for number in set(numbers))


def unmask(bits: int, among: tuple[int, ...]) -> tuple[int, ...]:
    """The numbers that the bits stand for, in the list's order."""
    return tuple(number for place, number in enumerate(among) if bits >> place & 1)
