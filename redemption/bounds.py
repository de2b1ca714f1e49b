"""What a number of this room may be; both doors (api, web) come through here.

Invariant: an amount that passed is a whole number that every client's JSON can say exactly.
"""

from __future__ import annotations

from kit.errors import Invalid
from kit.types import AMOUNT_MAX


def amount(field: str, value: int, least: int) -> int:
    """A whole number from ``least`` to the largest amount; Invalid names the field otherwise."""
    if type(value) is not int or not least <= value <= AMOUNT_MAX:
        raise Invalid(**{field: f"is not a whole number from {least} to {AMOUNT_MAX}"})
    return value
