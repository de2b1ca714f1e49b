"""How long points last: the policies, and the days that follow from them (product.md §3.14).

Invariant: pure arithmetic of days. A lot keeps the last day it was made with; a policy that is
changed later does not touch it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

NONE = "none"
END_OF_NEXT_YEAR = "end_of_next_year"
MONTHS_MAX = 600
#: What is given back after its last day may be used so many days longer (product.md §3.13).
GRACE_DAYS = 30


def is_policy(value: Any) -> bool:
    """Whether the value is one of the three forms of the contract."""
    if value in (NONE, END_OF_NEXT_YEAR) and isinstance(value, str):
        return True
    months = value.get("months") if isinstance(value, dict) and len(value) == 1 else None
    return type(months) is int and 1 <= months <= MONTHS_MAX


def last_day(policy: Any, begins_on: date) -> date | None:
    """The last day on which points that become usable on ``begins_on`` may be spent; none: no end.

    N months run to the end of the month in which they are over.
    """
    assert is_policy(policy), f"{policy!r} is no policy of expiry"
    if policy == NONE:
        return None
    if policy == END_OF_NEXT_YEAR:
        return date(begins_on.year + 1, 12, 31)
    month = begins_on.month - 1 + policy["months"]
    year, month = begins_on.year + month // 12, month % 12 + 1
    return date(year, month, monthrange(year, month)[1])


def grace_day(today: date) -> date:
    """The last day of points that come back after their own last day."""
    return today + timedelta(days=GRACE_DAYS)


def last_day_of_return(last: date | None, on: date) -> date | None:
    """The last day of points that come back on a day: their own, or the grace where it is past."""
    return grace_day(on) if last is not None and last < on else last
