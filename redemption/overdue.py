"""Orders whose time to be collected has passed: judged at the time of the call, posted when met.

Invariant: a late tick changes no answer. Whoever reads counts what an overdue order still holds as
given back; whoever orders posts that release first, under the key that tick would use (D6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.clock import local_date
from ledger import books, expiry
from ledger.drafts import Draft
from ledger.models import Account, Lot, LotUse, Transfer
from people import communities
from redemption import movements, steps
from redemption.models import Order, OrderLine

#: An order that still holds points and goods.
HOLDING = ("held", "ready")


@dataclass(frozen=True)
class Back:
    """Points of one lot that an overdue order gives back, and until when they may be used."""

    order_id: UUID
    points: int
    last_day: date | None
    #: where they stand when points are used up: in order of expiry
    used_at: tuple[date, UUID]


def coming_back(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> list[Back]:
    """What a person's overdue orders still hold: by order, and in each in the order of use.

    As their release will give it back: to the same lots, or with the grace where a lot's last day
    had passed when the order lapsed.
    """
    rows = session.execute(
        select(Order.id, Order.lapses_at, Lot.id.label("lot_id"), Lot.expires_on, LotUse.taken)
        .join(Transfer, and_(Transfer.source_id == Order.id, Transfer.source_type == "order"))
        .join(LotUse, LotUse.transfer_id == Transfer.id)
        .join(Lot, Lot.id == LotUse.lot_id)
        .join(Account, Account.id == Lot.account_id)
        .where(
            *_overdue(community_id, at),
            Order.person_id == person_id,
            Transfer.community_id == community_id,
            Transfer.kind == "hold",
            LotUse.community_id == community_id,
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Account.kind == "wallet",
        )
        .order_by(Order.id)
    ).all()
    if not rows:
        return []
    calendar = books.of(session, community_id)
    found = []
    for row in rows:
        on = local_date(row.lapses_at, calendar.zone)
        last = row.expires_on or calendar.grace_until
        until = expiry.last_day_of_return(last, on)
        used = row.expires_on if until == last else until
        found.append(Back(row.id, row.taken, until, (used or date.max, row.lot_id)))
    return sorted(found, key=lambda one: (one.order_id, one.used_at))


def pieces(session: Session, community_id: UUID, at: datetime) -> dict[UUID, int]:
    """The pieces that overdue orders still hold in the books, by goods: there to be ordered."""
    rows = session.execute(
        select(OrderLine.goods_id, func.sum(OrderLine.quantity).label("pieces"))
        .join(
            Order,
            (Order.community_id == OrderLine.community_id) & (Order.id == OrderLine.order_id),
        )
        .where(OrderLine.community_id == community_id, *_overdue(community_id, at))
        .group_by(OrderLine.goods_id)
    )
    return {row.goods_id: int(row.pieces) for row in rows}


def order_ids(session: Session, community_id: UUID, at: datetime) -> list[UUID]:
    """The overdue orders of the community."""
    return list(session.scalars(select(Order.id).where(*_overdue(community_id, at))))


def in_the_way(
    session: Session, community_id: UUID, at: datetime, person_id: UUID, goods_ids: Sequence[UUID]
) -> list[Order]:
    """Overdue orders of this person, or of anybody for these goods, by id."""
    with_goods = select(OrderLine.order_id).where(
        OrderLine.community_id == community_id, OrderLine.goods_id.in_(goods_ids)
    )
    theirs = (Order.person_id == person_id) | Order.id.in_(with_goods)
    return _orders(session, community_id, at, theirs)


def due(session: Session, community_id: UUID, at: datetime, limit: int) -> list[Order]:
    """Up to ``limit`` overdue orders of the community, by id."""
    return _orders(session, community_id, at)[:limit]


def lapse(session: Session, *, actor: Actor, at: datetime, orders: Sequence[Order]) -> list[Draft]:
    """Mark these orders lapsed, and return what their release moves, for the caller to record.

    One that another unit decided meanwhile is left alone. The drafts are recorded together with
    what the caller moves itself, so that guarded rows are locked once and in order.
    """
    zone = communities.settings_of(session, actor.community_id).zone
    drafts = []
    for order in orders:
        if not steps.advance(session, order, "lapsed", overdue_at=at):
            continue
        steps.end_voucher(session, order, "lapsed")
        held_by = movements.hold_of(session, order)
        lines = steps.lines_of(session, order)
        # The day it lapsed, not the day of the tick: a balance as of a day must not tell them apart
        on = local_date(order.lapses_at, zone)
        drafts.append(movements.release(order, lines, on, held_by=held_by, reason_code="lapsed"))
        trail.record(
            session,
            actor=actor,
            action=Action.ORDER_LAPSED,
            subject=("order", order.id),
            at=at,
            reason_code="lapsed",
        )
    return drafts


def _overdue(community_id: UUID, at: datetime) -> list[ColumnElement[bool]]:
    return [
        Order.community_id == community_id,
        Order.status.in_(HOLDING),
        Order.lapses_at <= at,
    ]


def _orders(
    session: Session, community_id: UUID, at: datetime, *more: ColumnElement[bool]
) -> list[Order]:
    found = session.scalars(
        select(Order).where(*_overdue(community_id, at), *more).order_by(Order.id)
    )
    return list(found)
