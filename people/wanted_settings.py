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
DAYS = {
    "pickup_days": (1, PICKUP_DAYS_MAX),
    "notice_days": (0, NOTICE_DAYS_MAX),
    "objection_days": (1, 60),
    "decision_days": (1, 60),
}
#: settings in whole hours, 0 for no guard
HOURS = {"rest_hours": (0, 48), "week_hours": (0, 168)}
#: settings in whole hundredths; of each day's awards one at least is looked at again
PERCENT = {"sample_percent": (1, 100)}
WHOLE = DAYS | HOURS | PERCENT


def whole(field: str, value: Any) -> int:
    """A whole number of days, hours or hundredths."""
    least, most = WHOLE[field]
    if type(value) is not int or not least <= value <= most:
        unit = "days" if field in DAYS else "hours" if field in HOURS else "percent"
        raise Invalid(**{field: f"want {least} to {most} {unit}"})
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
    """Rule versions and write-offs may each ask for a second signature."""
    named = isinstance(value, dict) and value.keys() == NO_SIGNATURES.keys()
    if not named or any(type(wanted) is not bool for wanted in value.values()):
        raise Invalid(second_signature="want award_rules and write_offs, each true or false")
    return dict(value)


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
