"""What speaks for an attendance: its grade and the flags that a reviewer should see.

Invariant: the one place where grades are given. Both ends by a live code or card, and counted by
somebody who saw as many people as the scans say: ``a``; without the count: ``b``; one live end:
``c``; none (hand entry, both amended, poster): ``d`` (decision 0022).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift

WALK_IN = "walk_in"
HAND = "hand"
AUTO_CLOSED = "auto_closed"
#: the shift was cancelled while the person was there, and the stay ended with that
CANCELLED = "cancelled"
AMENDED_IN = "amended_in"
AMENDED_OUT = "amended_out"
#: a printed poster does not change, so its picture can be read from anywhere
POSTER_IN = "poster_in"
POSTER_OUT = "poster_out"
#: somebody counted heads while the person was there, and saw as many as the scans say
COUNTED = "counted"
#: a break was not ended before the stay was: it lasts to the end of it
BREAK_OPEN = "break_open"
#: the stay ended as its person went on to another red post
MOVED_ON = "moved_on"
#: the stay was recorded at another shift first
MOVED = "moved"
#: entered by hand when nobody could check out any more
LATE_ENTRY = "late_entry"
#: from a list on paper, with many others
IMPORTED = "imported"
#: follow from the times; all others are remembered from what happened
LATE = "late"
LEFT_EARLY = "left_early"
_FROM_TIMES = (LATE, LEFT_EARLY)
#: what happened at one end of a stay, taken back with it
AT_THE_END = (POSTER_OUT, MOVED_ON, BREAK_OPEN)


@dataclass(frozen=True)
class Sight:
    """What a scan tells of one end of a stay besides its time; it decides nothing."""

    #: shift, poster or card
    kind: str
    #: of a rotating code: which one it was
    step: int | None = None
    #: of a claim ticket: its digest
    ticket: str | None = None
    #: a keyed digest of the device's own name
    device: str | None = None

    def told(self) -> dict[str, str | int]:
        """As the attendance keeps it."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def judge(
    attendance: Attendance, shift: Shift, *happened: str, undone: tuple[str, ...] = ()
) -> None:
    """Set flags and grade anew after something ``happened`` to the attendance, or was undone."""
    kept = {flag for flag in attendance.flags if flag not in (*_FROM_TIMES, *undone)}
    kept |= set(happened)
    if attendance.checked_in_at > shift.starts_at:
        kept.add(LATE)
    out = attendance.checked_out_at
    if out is not None and out < shift.ends_at and not kept & {CANCELLED, MOVED_ON}:
        kept.add(LEFT_EARLY)
    if out is not None and any(ends is None for _starts, ends in attendance.breaks or ()):
        kept.add(BREAK_OPEN)
    attendance.flags = sorted(kept)
    attendance.evidence = _grade(kept, out is not None)


def amended(
    attendance: Attendance, in_at: datetime, out_at: datetime, shift_id: UUID
) -> tuple[str, ...]:
    """What would happen to an attendance whose times, or shift, become these."""
    changes = {
        AMENDED_IN: in_at != attendance.checked_in_at,
        AMENDED_OUT: out_at != attendance.checked_out_at,
        MOVED: shift_id != attendance.shift_id,
    }
    return tuple(flag for flag, is_so in changes.items() if is_so)


def grade_with(attendance: Attendance, happened: Iterable[str]) -> str:
    """The grade of a stay that has ended, once this has happened to it."""
    return _grade({*attendance.flags, *happened}, is_out=True)


def _grade(flags: set[str], is_out: bool) -> str:
    if HAND in flags:
        return "d"
    scanned_in = not flags & {AMENDED_IN, POSTER_IN}
    scanned_out = is_out and not flags & {AMENDED_OUT, AUTO_CLOSED, CANCELLED, POSTER_OUT}
    grade = {0: "d", 1: "c", 2: "b"}[scanned_in + scanned_out]
    return "a" if grade == "b" and COUNTED in flags else grade
