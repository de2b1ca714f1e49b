"""When a shift may be checked in to and out of, and which day it belongs to.

Invariant: windows are judged by the time of the call alone, never by whether ``tick`` has run.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.clock import local_date
from shifts.tables.rota import Shift

CHECK_IN_EARLY = timedelta(minutes=30)
CHECK_OUT_LATE = timedelta(minutes=60)
DUPLICATE_WITHIN = timedelta(minutes=5)


def open_for_check_in(shift: Shift, at: datetime) -> bool:
    """From 30 minutes before the start to the end."""
    return shift.starts_at - CHECK_IN_EARLY <= at < shift.ends_at


def open_for_check_out(shift: Shift, at: datetime) -> bool:
    """Until 60 minutes after the end."""
    return shift.starts_at - CHECK_IN_EARLY <= at <= shift.ends_at + CHECK_OUT_LATE


def over(shift: Shift, at: datetime) -> bool:
    """Nobody can check out any more: what is open counts as closed by itself."""
    return at > shift.ends_at + CHECK_OUT_LATE


def service_on(shift: Shift, zone: str) -> date:
    """The local date of the shift's start."""
    return local_date(shift.starts_at, zone)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first instant of a local day and that of the next, in UTC."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    following = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
    return midnight.astimezone(UTC), following.astimezone(UTC)
