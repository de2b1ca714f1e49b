"""Strict reading of form fields: each is what it should be, or is named with what is wrong.

Invariant: nothing reaches a room that was not read here; all faults of a form are told at once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from kit.errors import Invalid
from kit.types import AMOUNT_MAX

Form = MultiDict[str, str]
T = TypeVar("T")


class Fields:
    """The fields of one form. Read them all, then call ``done``, which raises Invalid."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.errors: dict[str, str] = {}

    def done(self) -> None:
        """Raise Invalid with every fault that was met."""
        if self.errors:
            raise Invalid(**self.errors)

    def raw(self, name: str) -> str:
        """What was typed, without spaces around it."""
        return (self.form.get(name) or "").strip()

    def text(self, name: str, *, most: int = 80, needed: bool = True) -> str:
        """A short text of one line."""
        found = self.raw(name)
        if not found and needed:
            return self._fault(name, "needed", "")
        if len(found) > most:
            return self._fault(name, "too_long", "")
        if any(unicodedata.category(character) in {"Cc", "Cs"} for character in found):
            return self._fault(name, "no_text", "")
        return found

    def maybe_text(self, name: str, *, most: int = 80) -> str | None:
        """A short text, or none where nothing was typed."""
        return self.text(name, most=most, needed=False) or None

    def secret(self, name: str) -> str:
        """A password or code as it was typed, spaces included."""
        found = self.form.get(name) or ""
        if not found:
            return self._fault(name, "needed", "")
        return found if len(found) <= 128 else self._fault(name, "too_long", "")

    def digits(self, name: str, count: int) -> str:
        """Exactly so many digits."""
        found = _ascii(self.raw(name))
        if not re.fullmatch(rf"[0-9]{{{count}}}", found):
            return self._fault(name, "six_digits" if count == 6 else "number", "")
        return found

    def number(self, name: str, *, least: int = 0, most: int = AMOUNT_MAX) -> int:
        """A whole number within its bounds."""
        found = _ascii(self.raw(name))
        if not found:
            return self._fault(name, "needed", least)
        if not re.fullmatch(r"[0-9]{1,16}", found):
            return self._fault(name, "number", least)
        value = int(found)
        return value if least <= value <= most else self._fault(name, "out_of_range", least)

    def maybe_number(self, name: str, *, least: int = 0, most: int = AMOUNT_MAX) -> int | None:
        """A whole number, or none where nothing was typed."""
        return self.number(name, least=least, most=most) if self.raw(name) else None

    def fen(self, name: str) -> int | None:
        """Yuan with up to two places, as fen; none where nothing was typed."""
        found = _ascii(self.raw(name)).replace(",", "")
        if not found:
            return None
        parts = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?", found)
        if parts is None:
            return self._fault(name, "money", 0)
        return int(parts[1]) * 100 + int((parts[2] or "0").ljust(2, "0"))

    def choice(self, name: str, among: Iterable[str]) -> str:
        """One of a closed list."""
        found = self.raw(name)
        return found if found in set(among) else self._fault(name, "choose", "")

    def id(self, name: str) -> UUID:
        """An id that the page itself offered."""
        return self.maybe_id(name) or self._fault(name, "choose", UUID(int=0))

    def maybe_id(self, name: str) -> UUID | None:
        """An id, or none where nothing was chosen."""
        found = self.raw(name)
        return _uuid(found) or self._fault(name, "choose", None) if found else None

    def ids(self, name: str) -> list[UUID]:
        """Every chosen id."""
        found = [_uuid(value) for value in self.form.getlist(name)]
        if None in found:
            return self._fault(name, "choose", [])
        return [value for value in found if value is not None]

    def day(self, name: str) -> date:
        """A date."""
        return self.maybe_day(name) or self._fault(name, "date", date.min)

    def maybe_day(self, name: str) -> date | None:
        """A date, or none where nothing was typed."""
        found = self.raw(name)
        if not found:
            return None
        try:
            return date.fromisoformat(found)
        except ValueError:
            return self._fault(name, "date", None)

    def instant(self, name: str, zone: str) -> datetime:
        """A local date and time in the community's zone, as an instant."""
        return self.maybe_instant(name, zone) or self._fault(
            name, "time", datetime.min.replace(tzinfo=UTC)
        )

    def maybe_instant(self, name: str, zone: str) -> datetime | None:
        """A local date and time, or none where nothing was typed."""
        found = self.raw(name)
        if not found:
            return None
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", found):
            return self._fault(name, "time", None)
        try:
            return datetime.fromisoformat(found).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            return self._fault(name, "time", None)

    def hour(self, name: str) -> str | None:
        """A time of day ``HH:MM``, or none where nothing was typed."""
        found = self.raw(name)
        if found and not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", found):
            return self._fault(name, "time", None)
        return found or None

    def _fault(self, name: str, told: str, instead: T) -> T:
        self.errors.setdefault(name, told)
        return instead


def local_value(at: datetime | None, zone: str) -> str:
    """An instant as the value of a date-and-time field."""
    return "" if at is None else f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def _ascii(text: str) -> str:
    """Full-width digits are what a Chinese keyboard types; the number is the same."""
    return unicodedata.normalize("NFKC", text)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
