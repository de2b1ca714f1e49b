"""The thread of the story: its time, its people, and what one chapter hands on to the next.

Invariant: the story's clock is moved here alone, and never past work that falls due unseen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from kit.program import Program
from lovebank import ticks
from lovebank.demo import pictures
from lovebank.demo.calls import Caller
from lovebank.demo.telling import waiting

ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """What the story needs of its stage."""

    base_url: str

    def at(self, instant: datetime) -> None:
        """Move the clock."""

    def now(self) -> None:
        """Let it run on true time."""


@dataclass
class Told:
    """What the chapters hand on to one another."""

    clock: Clock
    program: Program
    first_day: date
    people: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Caller] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)

    def at(self, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """Move the clock to a time of the story's first (0) or second (1) day."""
        instant = self.instant(day, hour, minute, second)
        self.clock.at(instant)
        return instant

    def instant(self, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """A time of the story, in the community's zone."""
        on = self.first_day + timedelta(days=day)
        return datetime(on.year, on.month, on.day, hour, minute, second, tzinfo=ZONE)

    def __getitem__(self, key: str) -> Caller:
        return self.callers[key]


def pass_time(told: Told, until: datetime, zh: str, en: str) -> None:
    """Let the hours go by, half an hour at a time, with the work that falls due in them."""
    start = told.program.clock.now().astimezone(ZONE)
    steps = max(1, (until - start) // timedelta(minutes=30))
    for step in waiting(range(1, steps + 1), zh, en):
        told.clock.at(start + (until - start) * step / steps)
        ticks.everything(told.program)
    told.clock.at(until)


def show_card(told: Told, key: str) -> str:
    """What a camera reads on somebody's printed card."""
    path = f"/people/{told.people[key]}/card"
    return pictures.scanned(told["admin"], f"{path}.png", told["admin"].get(path)["url"])
