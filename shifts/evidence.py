"""What speaks for an attendance: its grade and the flags that a reviewer should see.

Invariant: the one place where grades are given. Both ends by a live code or card: ``b``; one of
them: ``c``; none (hand entry, both amended, poster): ``d``. ``a`` waits for captains' signed
devices.
"""

from __future__ import annotations

from shifts.attendance_models import Attendance
from shifts.models import Shift

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
#: follow from the times; all others are remembered from what happened
LATE = "late"
LEFT_EARLY = "left_early"
_FROM_TIMES = (LATE, LEFT_EARLY)


def judge(attendance: Attendance, shift: Shift, *happened: str) -> None:
    """Set flags and grade anew after something ``happened`` to the attendance."""
    kept = {flag for flag in attendance.flags if flag not in _FROM_TIMES} | set(happened)
    if attendance.checked_in_at > shift.starts_at:
        kept.add(LATE)
    out = attendance.checked_out_at
    if out is not None and out < shift.ends_at and CANCELLED not in kept:
        kept.add(LEFT_EARLY)
    attendance.flags = sorted(kept)
    attendance.evidence = _grade(kept, out is not None)


def _grade(flags: set[str], is_out: bool) -> str:
    if HAND in flags:
        return "d"
    scanned_in = not flags & {AMENDED_IN, POSTER_IN}
    scanned_out = is_out and not flags & {AMENDED_OUT, AUTO_CLOSED, CANCELLED, POSTER_OUT}
    return {0: "d", 1: "c", 2: "b"}[scanned_in + scanned_out]
