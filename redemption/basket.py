"""What somebody wants to order: lines put together by goods, and priced.

Invariant: an order has one line for each kind of goods, at the price of the day it was placed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from kit.errors import Invalid
from kit.types import AMOUNT_MAX
from redemption import bounds
from redemption.models import Goods

LINES_MAX = 20


class Wanted(NamedTuple):
    """One line as it is asked for."""

    goods_id: UUID
    quantity: int


def merged(lines: Sequence[tuple[UUID, int]]) -> list[Wanted]:
    """The lines, those for the same goods put together; Invalid when there are none or over 20."""
    if not 1 <= len(lines) <= LINES_MAX:
        raise Invalid(lines=f"an order has 1 to {LINES_MAX} lines")
    together: dict[UUID, int] = {}
    for goods_id, quantity in lines:
        bounds.amount("quantity", quantity, 1)
        together[goods_id] = bounds.amount("quantity", together.get(goods_id, 0) + quantity, 1)
    return [Wanted(goods_id, quantity) for goods_id, quantity in together.items()]


def points_of(lines: Sequence[Wanted], prices: Mapping[UUID, Goods]) -> int:
    """What the lines cost today; Invalid for a sum beyond the largest amount."""
    total = sum(line.quantity * prices[line.goods_id].points for line in lines)
    if total > AMOUNT_MAX:
        raise Invalid(quantity="the order's points are beyond the largest amount")
    return total
