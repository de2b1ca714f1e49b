"""How many pieces of goods a person and a household may have, within how many days.

Invariant: whoever shares a household is held together before the pieces are counted, so two orders
at once, of one person or of two who live together, never both find room for the last one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.errors import Conflict
from ledger import books
from people import households
from people.models import Person
from redemption.basket import Wanted
from redemption.models import Goods, Order, OrderLine


def hold(session: Session, community_id: UUID, person_id: UUID) -> set[UUID]:
    """Hold the rows of a person and all who share their household, by id; returns whose."""
    home = households.members(session, community_id, person_id)
    session.execute(
        select(Person.id)
        .where(Person.community_id == community_id, Person.id.in_(sorted(home)))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
    return home


def refuse_over(
    session: Session,
    community_id: UUID,
    person_id: UUID,
    home: Collection[UUID],
    lines: Sequence[Wanted],
    prices: Mapping[UUID, Goods],
    at: datetime,
) -> None:
    """Raises ``limit_reached`` with the goods, the limit and what was had of them already.

    The rows of ``home`` must be held (``hold``).
    """
    for line in lines:
        goods = prices[line.goods_id]
        scopes = (
            ("limit", goods.per_person_limit, {person_id}),
            ("household_limit", goods.per_household_limit, home),
        )
        for name, limit, whose in scopes:
            if limit is None:
                continue
            had = _had(session, community_id, whose, goods, at)
            if had + line.quantity > limit:
                facts = {"goods_id": goods.id, "already": had, "wanted": line.quantity}
                raise Conflict("limit_reached", **facts, **{name: limit})


def _had(
    session: Session, community_id: UUID, person_ids: Collection[UUID], goods: Goods, at: datetime
) -> int:
    """Pieces these people hold or have collected; what was cancelled, lapsed or returned is not."""
    counts = (Order.status == "collected") | (
        Order.status.in_(("held", "ready")) & (Order.lapses_at > at)
    )
    query = (
        select(func.sum(OrderLine.quantity))
        .join(
            Order,
            (Order.community_id == OrderLine.community_id) & (Order.id == OrderLine.order_id),
        )
        .where(
            OrderLine.community_id == community_id,
            OrderLine.goods_id == goods.id,
            Order.community_id == community_id,
            Order.person_id.in_(sorted(person_ids)),
            counts,
        )
    )
    if goods.limit_days is not None:
        query = query.where(Order.placed_at >= _since(session, community_id, goods.limit_days, at))
    return int(session.scalar(query) or 0)


def _since(session: Session, community_id: UUID, days: int, at: datetime) -> datetime:
    """The midnight with which the last ``days`` days began, today with them."""
    calendar = books.of(session, community_id)
    first = books.today(calendar, at) - timedelta(days=days - 1)
    return datetime.combine(first, time.min, ZoneInfo(calendar.zone)).astimezone(at.tzinfo)
