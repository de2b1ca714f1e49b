"""What is shown of orders: with lines, state and, to those who may collect with it, the voucher.

Invariant: an order's state is judged at the time of the call; its code is made again from the row
and shown to its person and to clerks alone. A role held for a unit sees the orders of its people.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed
from kit.keys import KeyRing
from people import roles
from people.models import Person
from redemption import orders, steps, vouchers
from redemption.models import Goods, Order, OrderLine, Voucher

STATUSES = ("held", "ready", "collected", "cancelled", "lapsed", "returned")


@dataclass(frozen=True)
class LineView:
    """One line, at the price of the day it was ordered."""

    goods_id: UUID
    name: str
    quantity: int
    points_each: int


@dataclass(frozen=True)
class VoucherView:
    """What collects the order: nine characters to type, or the token that the QR code carries."""

    code: str
    token: str
    frozen: bool


@dataclass(frozen=True)
class OrderView:
    """An order as api and web show it."""

    id: UUID
    person_id: UUID
    lines: tuple[LineView, ...]
    points: int
    status: str
    voucher: VoucherView | None
    placed_by: UUID
    witness_id: UUID | None
    placed_at: datetime
    lapses_at: datetime
    #: the limit above which it needs an approval; none: it needs none
    held_above: int | None
    approved_by: UUID | None
    approved_at: datetime | None
    collected_by: UUID | None
    collected_at: datetime | None


def order(
    session: Session, *, actor: Actor, keys: KeyRing, at: datetime, order_id: UUID
) -> OrderView:
    """One order, for its person, their clerk, or their auditor (without the voucher); for their
    manager one that needed an approval.

    Raises NotFound, NotAllowed.
    """
    row = orders.find(session, actor.community_id, order_id)
    if not (row.held_above is not None and _manages(session, actor, row.person_id)):
        _require_sight(session, actor, row.person_id)
    return _views(session, actor, keys, at, [row])[0]


def listed(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    limit: int,
    before: UUID | None = None,
    status: str | None = None,
    person_id: UUID | None = None,
) -> list[OrderView]:
    """Orders, newest first: one's own, those of the people one is clerk or auditor of, and of
    those one manages what needed an approval.

    Raises NotAllowed for a ``person_id`` that is none of these.
    """
    if person_id is not None:
        _require_sight(session, actor, person_id)
    query = select(Order).where(Order.community_id == actor.community_id)
    units = roles.reach(session, actor, "clerk", "auditor")
    if units is not None and person_id is None:
        theirs = Order.person_id.in_(_people_of(actor.community_id, units))
        seen = (Order.person_id == actor.person) | theirs | _to_approve(session, actor)
        query = query.where(seen)
    if person_id is not None:
        query = query.where(Order.person_id == person_id)
    if status is not None:
        query = query.where(_has_status(status, at))
    if before is not None:
        query = query.where(Order.id < before)
    rows = session.scalars(query.order_by(Order.id.desc()).limit(limit)).all()
    return _views(session, actor, keys, at, rows)


def _to_approve(session: Session, actor: Actor) -> ColumnElement[bool]:
    """What needed an approval, of the people the actor manages."""
    units = roles.reach(session, actor, "manager")
    managed = Order.held_above.is_not(None)
    if units is None:
        return managed
    return managed & Order.person_id.in_(_people_of(actor.community_id, units))


def _manages(session: Session, actor: Actor, person_id: UUID) -> bool:
    return bool(_within(session, actor, [person_id], "manager"))


def _require_sight(session: Session, actor: Actor, person_id: UUID) -> None:
    if actor.person_id == person_id:
        return
    if not _within(session, actor, [person_id], "clerk", "auditor"):
        raise NotAllowed()


def _within(session: Session, actor: Actor, person_ids: Sequence[UUID], *held: str) -> Set[UUID]:
    """Those of these people for whom the actor holds one of the roles."""
    units = roles.reach(session, actor, *held)
    if units is None:
        return set(person_ids)
    theirs = _people_of(actor.community_id, units).where(Person.id.in_(person_ids))
    return set(session.scalars(theirs))


def _people_of(community_id: UUID, units: Set[UUID]) -> Select[UUID]:
    return select(Person.id).where(Person.community_id == community_id, Person.unit_id.in_(units))


def _has_status(status: str, at: datetime) -> ColumnElement[bool]:
    """The state at the time of the call, as a condition."""
    if status == "lapsed":
        late = Order.status.in_(steps.FROM["lapsed"]) & (Order.lapses_at <= at)
        return (Order.status == "lapsed") | late
    if status in steps.FROM["lapsed"]:
        return (Order.status == status) & (Order.lapses_at > at)
    return Order.status == status


def _views(
    session: Session, actor: Actor, keys: KeyRing, at: datetime, rows: Sequence[Order]
) -> list[OrderView]:
    community_id, order_ids = actor.community_id, [row.id for row in rows]
    served = _within(session, actor, [row.person_id for row in rows], "clerk")
    codes = vouchers.of_orders(session, community_id, order_ids)
    lines: dict[UUID, list[OrderLine]] = {}
    for line in steps.lines_of_all(session, community_id, order_ids):
        lines.setdefault(line.order_id, []).append(line)
    names = _names(session, community_id, lines)
    return [
        OrderView(
            id=row.id,
            person_id=row.person_id,
            lines=tuple(
                LineView(line.goods_id, names[line.goods_id], line.quantity, line.points_each)
                for line in lines[row.id]
            ),
            points=row.points,
            status=steps.status_at(row, at),
            voucher=(
                _shown(keys, codes[row.id])
                if row.person_id in served or row.person_id == actor.person
                else None
            ),
            placed_by=row.placed_by,
            witness_id=row.witness_id,
            placed_at=row.placed_at,
            lapses_at=row.lapses_at,
            held_above=row.held_above,
            approved_by=row.approved_by,
            approved_at=row.approved_at,
            collected_by=row.collected_by,
            collected_at=row.collected_at,
        )
        for row in rows
    ]


def _shown(keys: KeyRing, voucher: Voucher) -> VoucherView:
    code, token = vouchers.typed_of(keys, voucher), vouchers.token_of(keys, voucher)
    return VoucherView(code, token, frozen=voucher.status == "frozen")


def _names(
    session: Session, community_id: UUID, lines: dict[UUID, list[OrderLine]]
) -> dict[UUID, str]:
    wanted = {line.goods_id for some in lines.values() for line in some}
    rows = session.execute(
        select(Goods.id, Goods.name).where(Goods.community_id == community_id, Goods.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}
