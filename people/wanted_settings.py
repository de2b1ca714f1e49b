"""What may be settled: how the value of each setting of a community is read.

Invariant: a value is kept only in the types that its setting is told in; anything else is refused
with what is wanted.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from kit.errors import Invalid
from kit.types import AMOUNT_MAX
from ledger import expiry

PICKUP_DAYS_MAX = 365
NOTICE_DAYS_MAX = 60
NO_SIGNATURES = {"award_rules": False, "write_offs": False}

#: settings in whole days, from the fewest to the most
DAYS = {"pickup_days": (1, PICKUP_DAYS_MAX), "notice_days": (0, NOTICE_DAYS_MAX)}
#: settings in whole hours, 0 for no guard
HOURS = {"rest_hours": (0, 48), "week_hours": (0, 168)}


def whole(field: str, value: Any) -> int:
    """A whole number of days or hours."""
    least, most = (DAYS | HOURS)[field]
    if type(value) is not int or not least <= value <= most:
        raise Invalid(**{field: f"want {least} to {most} {'days' if field in DAYS else 'hours'}"})
    return value


def _expiry(value: Any) -> Any:
    if not expiry.is_policy(value):
        most = expiry.MONTHS_MAX
        raise Invalid(points_expiry=f'want "none", "end_of_next_year" or {{"months": 1 to {most}}}')
    return value


def zone(value: Any) -> str:
    """A zone that means the same on every machine; ``localtime`` does not."""
    if value not in available_timezones() - {"localtime"}:
        raise Invalid(zone="is no time zone, such as Asia/Shanghai")
    return str(value)


def _signatures(value: Any) -> dict[str, bool]:
    """Rule versions may ask for a second signature; write-offs come with a later issue."""
    if not any(alike(value, NO_SIGNATURES | {"award_rules": one}) for one in (True, False)):
        raise Invalid(second_signature="want award_rules true or false, and write_offs false")
    return dict(value)


def alike(value: Any, default: Any) -> bool:
    """Whether it is this in its own types: 0 is not false."""
    if isinstance(value, dict) and isinstance(default, dict):
        return value.keys() == default.keys() and all(alike(value[k], default[k]) for k in default)
    return type(value) is type(default) and bool(value == default)


def _tiers(value: Any) -> list[int]:
    whole = isinstance(value, list | tuple) and all(type(hours) is int for hours in value)
    if not whole or len(value) != 2 or not 0 <= value[0] <= value[1] <= 24:
        raise Invalid(approval_tiers_hours="want two whole numbers of hours, rising, 0 to 24")
    return list(value)


def _caps(value: Any) -> dict[str, int] | None:
    """Whole hours for each grade, a better one no less than a worse one; or no caps at all."""
    if value is None:
        return None
    whole = isinstance(value, dict) and value.keys() == set("abcd")
    if not whole or any(type(hours) is not int for hours in value.values()):
        raise Invalid(grade_caps_hours="want whole hours for each of a, b, c and d, or null")
    hours = [value[grade] for grade in "abcd"]
    if not 24 >= hours[0] >= hours[1] >= hours[2] >= hours[3] >= 0:
        raise Invalid(grade_caps_hours="want 24 at most, and for a better grade no less")
    return {grade: value[grade] for grade in "abcd"}


def _approval_above(value: Any) -> int | None:
    """Points above which an order waits for a second person, or null: none does."""
    if value is not None and (type(value) is not int or not 0 <= value <= AMOUNT_MAX):
        raise Invalid(order_approval_above="want a whole number of points, or null")
    return value


#: settings that are kept as they are read, and how each is
KEPT = {
    "approval_tiers_hours": _tiers,
    "grade_caps_hours": _caps,
    "order_approval_above": _approval_above,
    "points_expiry": _expiry,
    "second_signature": _signatures,
}
