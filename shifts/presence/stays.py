"""What is decided on: the times of an attendance as they stand, or as an amendment asks for them.

Invariant: whoever judges, counts or shows a stay that is not yet decided takes its times from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shifts.presence import closing
from shifts.rules import runs, sums
from shifts.rules.runs import Breaks
from shifts.tables.attendance import Attendance
from shifts.tables.rota import Shift


@dataclass(frozen=True)
class Stay:
    """One revision of an attendance, with its times."""

    revision: int
    checked_in_at: datetime
    checked_out_at: datetime
    #: it amends what is credited already, and waits for a second person (design D13)
    is_late: bool = False
    breaks: Breaks = ()

    def minutes(self, shift: Shift) -> int:
        """Its counted minutes, without those of its breaks."""
        ends = (self.checked_in_at, self.checked_out_at)
        whole = sums.counted(*ends, shift.starts_at, shift.ends_at)
        return sum(length for _begins, length in runs.served(*whole, self.breaks))


def asked(attendance: Attendance) -> Stay | None:
    """The amendment that waits for a second person, if one does."""
    if attendance.asked_revision is None:
        return None
    in_at, out_at = attendance.asked_in_at, attendance.asked_out_at
    assert in_at is not None, "an amendment has its times"
    assert out_at is not None, "an amendment has its times"
    breaks = breaks_of(attendance, out_at)
    return Stay(attendance.asked_revision, in_at, out_at, is_late=True, breaks=breaks)


def standing(attendance: Attendance, shift: Shift, at: datetime) -> Stay | None:
    """The stay as it counts now; none while it goes on."""
    out_at = closing.out_at(attendance, shift, at)
    if out_at is None:
        return None
    breaks = breaks_of(attendance, out_at)
    return Stay(attendance.revision, attendance.checked_in_at, out_at, breaks=breaks)


def breaks_of(attendance: Attendance, out_at: datetime) -> Breaks:
    """The breaks of a stay that ends then: one that nobody ended lasts as long as the stay."""
    told = [
        (datetime.fromisoformat(starts), datetime.fromisoformat(ends) if ends else out_at)
        for starts, ends in attendance.breaks
    ]
    return tuple((starts, ends) for starts, ends in told if starts < ends)


def to_decide(attendance: Attendance, shift: Shift, at: datetime) -> Stay:
    """What the next decision is on. The attendance is submitted, or an amendment of it waits."""
    found = asked(attendance) or standing(attendance, shift, at)
    assert found is not None, "what is submitted has an end"
    return found
