"""One step of an order or its voucher: a conditional UPDATE, so that exactly one of two wins.

Invariant: who advances an order saw it in the state it leaves; the row is locked by that very
UPDATE until the unit ends, and the ledger's guards come after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from redemption.models import Order, OrderLine, Voucher

#: state → the states it is entered from (design §5; a trigger holds the same arrows)
FROM = {
    "ready": ("held",),
    "collected": ("ready",),
    "cancelled": ("held", "ready"),
    "lapsed": ("held", "ready"),
    "returned": ("collected",),
}


def advance(
    session: Session,
    order: Order,
    status: str,
    *,
    before_lapse: datetime | None = None,
    overdue_at: datetime | None = None,
    **values: Any,
) -> bool:
    """Whether the order went to ``status`` by this unit; the order then shows its new state.

    ``before_lapse`` asks that it has not lapsed at that time, ``overdue_at`` that it has.
    """
    conditions = [
        Order.community_id == order.community_id,
        Order.id == order.id,
        Order.status.in_(FROM[status]),
    ]
    if before_lapse is not None:
        conditions.append(Order.lapses_at > before_lapse)
    if overdue_at is not None:
        conditions.append(Order.lapses_at <= overdue_at)
    done = cast(
        "CursorResult[Any]",
        session.execute(
            update(Order)
            .where(*conditions)
            .values(status=status, **values)
            .execution_options(synchronize_session=False)
        ),
    )
    # In both cases: the loser's refusal tells what the winner made of the order.
    session.refresh(order)
    return done.rowcount == 1


def status_at(order: Order, at: datetime) -> str:
    """The order's state at the time of the call, whether or not tick came by."""
    overdue = order.status in FROM["lapsed"] and order.lapses_at <= at
    return "lapsed" if overdue else order.status


def redeem_voucher(session: Session, voucher: Voucher) -> bool:
    """Whether this very voucher collects: it is neither frozen nor replaced."""
    done = cast(
        "CursorResult[Any]",
        session.execute(
            update(Voucher)
            .where(
                Voucher.community_id == voucher.community_id,
                Voucher.id == voucher.id,
                Voucher.status == "issued",
            )
            .values(status="redeemed")
            .execution_options(synchronize_session=False)
        ),
    )
    return done.rowcount == 1


def end_voucher(session: Session, order: Order, status: str) -> None:
    """The order's voucher in force becomes ``void`` or ``lapsed``."""
    session.execute(
        update(Voucher)
        .where(
            Voucher.community_id == order.community_id,
            Voucher.order_id == order.id,
            Voucher.status.in_(("issued", "frozen")),
        )
        .values(status=status)
        .execution_options(synchronize_session="fetch")
    )


def lines_of(session: Session, order: Order) -> Sequence[OrderLine]:
    """The order's lines, in their order."""
    return lines_of_all(session, order.community_id, [order.id])


def lines_of_all(
    session: Session, community_id: UUID, order_ids: Sequence[UUID]
) -> Sequence[OrderLine]:
    """The lines of these orders, by order and line."""
    return session.scalars(
        select(OrderLine)
        .where(OrderLine.community_id == community_id, OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, OrderLine.line)
    ).all()
