"""Write an order with its lines and voucher, and set aside what it needs.

Invariant: points and goods of one order are held in one transfer; what overdue orders still hold of
them is released, and what spoiled is taken off the shelf, in the same stroke.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict
from kit.keys import KeyRing
from ledger import accounts, transfers
from ledger.drafts import Draft
from ledger.errors import Short
from redemption import overdue, vouchers
from redemption.basket import Wanted
from redemption.models import Goods, Order, OrderLine
from redemption.shelf import spoiling


def write(
    session: Session,
    actor: Actor,
    keys: KeyRing,
    order: Order,
    wanted: Sequence[Wanted],
    prices: Mapping[UUID, Goods],
) -> list[OrderLine]:
    """The order, its lines at today's prices, its voucher, and the entry in the trail."""
    session.add(order)
    session.flush()
    rows = [
        OrderLine(
            community_id=order.community_id,
            order_id=order.id,
            line=number,
            goods_id=line.goods_id,
            quantity=line.quantity,
            points_each=prices[line.goods_id].points,
        )
        for number, line in enumerate(wanted, start=1)
    ]
    session.add_all(rows)
    vouchers.issue(session, keys=keys, order=order, at=order.placed_at)
    trail.record(
        session,
        actor=actor,
        action=Action.ORDER_PLACED,
        subject=("order", order.id),
        at=order.placed_at,
        after={
            "person_id": order.person_id,
            "points": order.points,
            "witness_id": order.witness_id,
            "lines": [[row.goods_id, row.quantity, row.points_each] for row in rows],
        },
    )
    return rows


def hold(
    session: Session, actor: Actor, order: Order, rows: Sequence[OrderLine], draft: Draft
) -> None:
    """Release what overdue orders still hold of these points and goods, and hold them anew."""
    at = order.placed_at
    goods_ids = [row.goods_id for row in rows]
    late = overdue.in_the_way(session, actor.community_id, at, order.person_id, goods_ids)
    released = overdue.lapse(session, actor=actor, at=at, orders=late)
    places = {place for leg in draft.legs for place in (leg.debit, leg.credit)}
    gone = [one.id for one in late]
    spoiled = spoiling.in_the_way(session, actor.community_id, at, places, gone)
    drafts = [*released, *spoiled, draft]
    try:
        transfers.record_all(session, actor=actor, drafts=drafts, at=at)
    except Short as short:
        raise _refusal(session, order, rows, short) from short


def _refusal(session: Session, order: Order, rows: Sequence[OrderLine], short: Short) -> Conflict:
    """The ledger's refusal with the order's own figures: what is wanted, what is there."""
    wanted, more = order.points, {}
    if short.code == "out_of_stock":
        places = {accounts.shelf(row.goods_id): row for row in rows}
        found = accounts.find(session, order.community_id, places)
        row = next(places[place] for place in found if found[place].id == short.account_id)
        wanted, more = row.quantity, {"goods_id": row.goods_id}
    missing = short.facts["short"]
    return Conflict(short.code, available=wanted - missing, needed=wanted, short=missing, **more)
