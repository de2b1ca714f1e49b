"""A voucher whose code somebody else may have seen: frozen, freed again, or replaced by another.

Invariant: the order's row is held before its voucher's, as handing over does, so a voucher is
frozen in time or its goods are gone; a replaced one collects nothing for ever.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict
from kit.keys import KeyRing
from redemption import orders, steps, vouchers
from redemption.models import Order, Voucher


def freeze(session: Session, *, actor: Actor, at: datetime, order_id: UUID) -> Order:
    """Let nobody collect with the voucher until it is freed or replaced.

    Raises NotFound, NotAllowed (neither its person nor a clerk), Conflict ``already_decided``.
    """
    return _turn(session, actor, at, order_id, "issued", "frozen", Action.VOUCHER_FROZEN)


def free(session: Session, *, actor: Actor, at: datetime, order_id: UUID) -> Order:
    """Let the frozen voucher collect again. Raises as ``freeze``."""
    return _turn(session, actor, at, order_id, "frozen", "issued", Action.VOUCHER_FREED)


def reissue(
    session: Session, *, actor: Actor, keys: KeyRing, at: datetime, order_id: UUID, reason: str
) -> Order:
    """Put another voucher in the place of the order's; the one before says that it is void.

    Raises NotFound, NotAllowed (who is not their clerk, or of their household), Conflict
    ``already_decided``.
    """
    order = orders.find(session, actor.community_id, order_id)
    orders.serves(session, actor, order)
    before = _held(session, order, at)
    before.status = "void"
    session.flush()
    made = vouchers.issue(session, keys=keys, order=order, at=at, number=before.issue + 1)
    trail.record(
        session,
        actor=actor,
        action=Action.VOUCHER_REISSUED,
        subject=("order", order.id),
        at=at,
        before={"issue": before.issue},
        after={"issue": made.issue},
        reason_code="stated",
        text=orders.reason_of(reason),
    )
    return order


def _turn(
    session: Session,
    actor: Actor,
    at: datetime,
    order_id: UUID,
    before: str,
    after: str,
    action: Action,
) -> Order:
    order = orders.find(session, actor.community_id, order_id)
    if order.person_id != actor.person:
        orders.require_clerk_of(session, actor, order.person_id)
    voucher = _held(session, order, at)
    if voucher.status != before:
        raise Conflict("already_decided", status=voucher.status)
    voucher.status = after
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("order", order.id),
        at=at,
        before={"voucher": before},
        after={"voucher": after},
    )
    return order


def _held(session: Session, order: Order, at: datetime) -> Voucher:
    """The voucher in force of an order that is still to be collected; both rows are held."""
    session.refresh(order, with_for_update={"key_share": True})
    status = steps.status_at(order, at)
    if status not in steps.FROM["lapsed"]:
        raise Conflict("already_decided", status=status)
    return session.scalars(
        select(Voucher)
        .where(
            Voucher.community_id == order.community_id,
            Voucher.order_id == order.id,
            Voucher.status.in_(("issued", "frozen")),
        )
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
