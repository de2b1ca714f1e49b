"""The one source of business time: aware UTC instants with microseconds.

Invariant: nothing else in the program reads the wall clock for a business reason; domain functions
take ``at``. The test clock of the contract is read anew at every call.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from kit.errors import SettingsError

#: how often, and after how long, a test clock that tells no instant is read again
REREADS, REREAD_SECONDS = 4, 0.01


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """The test clock: the time stands in a file as one RFC 3339 instant, or the word ``now``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        for _ in range(REREADS):
            try:
                return self._read()
            except SettingsError:
                # Whoever sets it may write it in place: for a moment it is empty, or cut off.
                time.sleep(REREAD_SECONDS)
        return self._read()

    def _read(self) -> datetime:
        try:
            text = self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise SettingsError(f"LOVEBANK_TEST_CLOCK: cannot read {self.path}") from problem
        if text == "now":
            return datetime.now(UTC)
        return parse_instant(text, "LOVEBANK_TEST_CLOCK")


class StandingClock:
    """A clock for tests: it stands at ``at`` until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def parse_instant(text: str, name: str) -> datetime:
    """An RFC 3339 instant with an offset, as UTC; SettingsError that names ``name`` otherwise."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as problem:
        raise SettingsError(f"{name}: not an RFC 3339 instant: {text!r}") from problem
    if value.tzinfo is None:
        raise SettingsError(f"{name}: the instant has no offset: {text!r}")
    return value.astimezone(UTC)


def local_date(at: datetime, zone: str) -> date:
    """The calendar date of an instant in a community's zone."""
    return at.astimezone(ZoneInfo(zone)).date()
