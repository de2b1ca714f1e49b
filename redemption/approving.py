"""Approve an order above the community's limit, so that it may be collected.

Invariant: who approves is neither the order's person, nor who placed it, nor of either's household
(a trigger says the same); until then nothing of the order is handed over.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict, NotAllowed
from messages import outbox
from messages.kinds import Kind
from people import households, register, roles
from redemption import orders, steps
from redemption.models import Order


def approve(session: Session, *, actor: Actor, at: datetime, order_id: UUID) -> Order:
    """The second person's yes: the order may be collected, and its person is told.

    Raises NotAllowed (who is not manager), NotFound, ``own_approval``, Conflict
    ``already_decided`` for an order that waits for nobody.
    """
    roles.require(session, actor, "manager", unit_id=roles.ANYWHERE)
    order = orders.find(session, actor.community_id, order_id)
    person = register.person(session, actor.community_id, order.person_id)
    roles.require(session, actor, "manager", unit_id=person.unit_id)
    for whose in (order.person_id, order.placed_by):
        if households.same(session, actor.community_id, actor.person, whose):
            raise NotAllowed("own_approval")
    won = steps.advance(
        session, order, "ready", before_lapse=at, approved_by=actor.person, approved_at=at
    )
    if not won:
        raise Conflict("already_decided", status=steps.status_at(order, at))
    trail.record(
        session,
        actor=actor,
        action=Action.ORDER_APPROVED,
        subject=("order", order.id),
        at=at,
        after={"points": order.points, "held_above": order.held_above},
    )
    outbox.tell(
        session,
        community_id=actor.community_id,
        at=at,
        person_ids=[order.person_id],
        kind=Kind.ORDER_READY,
        facts={"order_id": order.id, "points": order.points, "lapses_at": order.lapses_at},
        key=f"order:{order.id}:ready",
    )
    return order
