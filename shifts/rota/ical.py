"""iCalendar (RFC 5545) as text: shifts of a feed, one VEVENT each.

Invariant: an entry's UID follows from its shift and never changes, its SEQUENCE only grows, and a
cancelled shift stays in the feed as STATUS:CANCELLED. Times are UTC, so no reader needs our zones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LINE_BYTES = 75
PRODUCT = "-//Love Bank 爱心银行//Rota//ZH"
MEDIA_TYPE = "text/calendar"


@dataclass(frozen=True)
class Entry:
    """One shift in a calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str | None
    #: CONFIRMED, TENTATIVE (waiting for a seat) or CANCELLED
    status: str
    sequence: int


def text(name: str, entries: Iterable[Entry], at: datetime) -> str:
    """The whole calendar, as it is at this time."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{PRODUCT}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    for entry in entries:
        lines += _lines(entry, at)
    lines.append("END:VCALENDAR")
    return "".join(f"{piece}\r\n" for line in lines for piece in _folded(line))


def _lines(entry: Entry, at: datetime) -> list[str]:
    place = [f"LOCATION:{_escaped(entry.place)}"] if entry.place else []
    return [
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"DTSTAMP:{_instant(at)}",
        f"DTSTART:{_instant(entry.starts_at)}",
        f"DTEND:{_instant(entry.ends_at)}",
        f"SUMMARY:{_escaped(entry.title)}",
        *place,
        f"STATUS:{entry.status}",
        f"SEQUENCE:{entry.sequence}",
        # Who is on duty is not free, who has been let go is.
        f"TRANSP:{'TRANSPARENT' if entry.status == 'CANCELLED' else 'OPAQUE'}",
        "END:VEVENT",
    ]


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(value: str) -> str:
    for plain, told in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, told)
    return value.replace("\r", "")


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets; a character is never cut in two."""
    piece = ""
    for character in line:
        if len((piece + character).encode()) > LINE_BYTES:
            yield piece
            piece = " "
        piece += character
    yield piece
