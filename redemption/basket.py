"""What somebody wants to order: lines put together by goods, priced, and held against the limits.

Invariant: an order has one line for each kind of goods, at the price of the day it was placed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.errors import Conflict, Invalid
from kit.types import AMOUNT_MAX
from redemption import bounds
from redemption.models import Goods, Order, OrderLine

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


def refuse_over_limit(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    lines: Sequence[Wanted],
    prices: Mapping[UUID, Goods],
    at: datetime,
) -> None:
    """Raises ``limit_reached`` with the goods, the limit and what the person has already.

    The person's row must be locked, or two orders at once could each see room.
    """
    limited = [line for line in lines if prices[line.goods_id].per_person_limit is not None]
    had = _had(session, community_id, person_id, [line.goods_id for line in limited], at)
    for line in limited:
        limit, already = prices[line.goods_id].per_person_limit, had.get(line.goods_id, 0)
        assert limit is not None
        if already + line.quantity > limit:
            raise Conflict(
                "limit_reached",
                goods_id=line.goods_id,
                limit=limit,
                already=already,
                wanted=line.quantity,
            )


def _had(
    session: Session, community_id: UUID, person_id: UUID, goods_ids: list[UUID], at: datetime
) -> dict[UUID, int]:
    """Pieces a person holds or has collected; what was cancelled, lapsed or returned is free."""
    if not goods_ids:
        return {}
    counts = (Order.status == "collected") | (
        Order.status.in_(("held", "ready")) & (Order.lapses_at > at)
    )
    rows = session.execute(
        select(OrderLine.goods_id, func.sum(OrderLine.quantity).label("pieces"))
        .join(
            Order,
            (Order.community_id == OrderLine.community_id) & (Order.id == OrderLine.order_id),
        )
        .where(
            OrderLine.community_id == community_id,
            OrderLine.goods_id.in_(goods_ids),
            Order.community_id == community_id,
            Order.person_id == person_id,
            counts,
        )
        .group_by(OrderLine.goods_id)
    )
    return {row.goods_id: int(row.pieces) for row in rows}
