"""What a cell means: text, whole numbers, days and times of day, however they were typed.

Invariant: a value is read exactly or not at all; nothing is guessed from half a number, and what is
no value raises ``Unclear``.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from numbers import Real
from typing import Any

#: written where there is nothing
_NOTHING = {
    *(
        "",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "无",
        "没有",
        "未填",
        "不详",
        "n/a",
        "na",
        "none",
        "null",
    ),
}
_HAN = r"[㐀-鿿豈-﫿𠀀-𲎯]"
_BETWEEN_HAN = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
_SHORTENED = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d+)")
_DAY = re.compile(r"(\d{4})\s*[年./\-]\s*(\d{1,2})\s*[月./\-]\s*(\d{1,2})\s*日?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(
    r"(上午|下午|晚上|am|pm)?\s*(\d{1,2})\s*[:时点.]\s*(\d{1,2})?\s*(?::\d{1,2}|分)?\s*(am|pm)?"
)
_MIDNIGHT = time()
#: the day that Excel counts from, for days after February 1900
_FIRST = date(1899, 12, 30)
_SERIALS = range(10_000, 80_000)


class Unclear(ValueError):
    """The cell holds something, and it is not what its column wants."""


def text(cell: Any) -> str:
    """The cell as text: full-width digits and signs as plain ones, no space in a Chinese name."""
    if cell is None:
        return ""
    if isinstance(cell, Real) and not isinstance(cell, bool):
        return _digits(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    found = unicodedata.normalize("NFKC", str(cell)).replace("​", "").replace("﻿", "")
    found = _BETWEEN_HAN.sub("", " ".join(found.split()))
    return "" if found.lower() in _NOTHING else found


def digits(cell: Any) -> str:
    """A number that is a name: a phone, an identity number; ``13800138000.0`` is eleven digits.

    Raises Unclear where a spreadsheet has cut it: ``1.38E+10`` has lost the rest.
    """
    found = text(cell).strip("'`‘’ ")
    cut = _SHORTENED.fullmatch(found)
    if cut is None:
        return re.sub(r"\.0+$", "", found)
    first, rest, power = cut.group(1), cut.group(2) or "", int(cut.group(3))
    # Excel shows five places at most; more were written by a program that wrote them all.
    if len(rest) <= 5 or not 0 < power <= 18 or len(rest) > power:
        raise Unclear(found)
    return first + rest.ljust(power, "0")


def whole(cell: Any) -> int | None:
    """A whole number; none where the cell is empty. Raises Unclear."""
    found = text(cell).replace(",", "")
    if not found:
        return None
    try:
        number = Decimal(found.rstrip("分点 "))
    except InvalidOperation as problem:
        raise Unclear(found) from problem
    if not number.is_finite() or number != number.to_integral_value() or abs(number) >= 10**15:
        raise Unclear(found)
    return int(number)


def minutes(cell: Any, unit: int) -> int | None:
    """A length of time in minutes; a bare number counts ``unit`` minutes. Raises Unclear."""
    if isinstance(cell, timedelta):
        return int(cell.total_seconds()) // 60
    if isinstance(cell, time):
        return cell.hour * 60 + cell.minute
    found = text(cell)
    if not found:
        return None
    for ending, each in (("分钟", 1), ("小时", 60), ("时", 60), ("min", 1), ("h", 60)):
        if found.lower().endswith(ending):
            found, unit = found[: -len(ending)], each
            break
    try:
        number = Decimal(found) * unit
    except InvalidOperation as problem:
        raise Unclear(found) from problem
    if not number.is_finite() or number != number.to_integral_value() or not 0 < number <= 10_080:
        raise Unclear(found)
    return int(number)


def day(cell: Any) -> date | None:
    """A day: ``2026年3月5日``, ``2026/3/5``, ``2026-03-05``, ``20260305``, or Excel's number of it.

    None where the cell is empty; raises Unclear.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = text(cell)
    if not found:
        return None
    serial = _serial(found)
    if serial is not None:
        return _FIRST + timedelta(days=serial)
    parts = _DAY.match(found) or _COMPACT_DAY.fullmatch(found)
    if parts is None:
        raise Unclear(found)
    try:
        return date(*(int(part) for part in parts.groups()))
    except ValueError as problem:
        raise Unclear(found) from problem


def clock(cell: Any) -> time | None:
    """A time of day, to the minute: ``20:00``, ``晚上8:00``, ``20点30分``, a part of a day."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, timedelta):
        return _time_of(int(cell.total_seconds()) // 60)
    if isinstance(cell, Real) and not isinstance(cell, bool):
        return _time_of(round(Decimal(str(cell)) % 1 * 1440))
    found = text(cell).lower()
    if not found:
        return None
    # A day may stand before it in the same cell.
    behind = _DAY.match(found)
    found = found[behind.end() :].strip(" t") if behind else found
    parts = _TIME.fullmatch(found)
    if parts is None:
        raise Unclear(found)
    hour, minute = int(parts.group(2)), int(parts.group(3) or 0)
    late = {parts.group(1), parts.group(4)} & {"下午", "晚上", "pm"}
    if late and hour < 12:
        hour += 12
    if hour == 24 and minute == 0:
        return _MIDNIGHT
    if hour > 23 or minute > 59:
        raise Unclear(found)
    return time(hour, minute)


def birth_year(cell: Any) -> int | None:
    """A year of birth, from a year (``1958``, ``58年`` is unclear) or a date. Raises Unclear."""
    if isinstance(cell, datetime | date):
        return cell.year
    found = text(cell)
    if not found:
        return None
    if re.fullmatch(r"\d{4}年?(生)?", found):
        return int(found[:4])
    if re.fullmatch(r"\d{4}\s*[年./\-]\s*\d{1,2}\s*月?", found):
        return int(found[:4])
    born = day(cell)
    return born.year if born else None


def instant(on: date, at: time, zone: Any) -> datetime:
    """The instant of a local day and time."""
    return datetime.combine(on, at, zone).astimezone(UTC)


def _serial(found: str) -> int | None:
    """Excel's number of a day, with or without its part of the day."""
    try:
        number = Decimal(found)
    except InvalidOperation:
        return None
    return int(number) if number.is_finite() and int(number) in _SERIALS else None


def _time_of(total: int) -> time:
    if not 0 <= total <= 1440:
        raise Unclear(str(total))
    return time(total // 60 % 24, total % 60)


def _digits(number: Any) -> str:
    return str(int(number)) if number == int(number) else repr(number)
