"""Orders: goods held for a person until they are collected, cancelled or lapse.

Invariant: points and goods are set aside in one transfer with the order, or there is no order. The
rows of the person's household are locked first (limits), then the order's, then the ledger's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from kit.keys import KeyRing
from ledger import transfers
from ledger.drafts import Draft
from people import communities, households, register, roles
from redemption import basket, goods, guesses, holding, limits, movements, proof, steps, vouchers
from redemption.models import Order, Voucher

REASON_MAX = 500


def place(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    lines: Sequence[tuple[UUID, int]],
    person_id: UUID | None = None,
    shown: proof.Proof = proof.NOTHING,
) -> Order:
    """Order ``(goods id, quantity)`` lines for oneself, or as a clerk for ``person_id``.

    ``shown`` is what ``proof.prove`` made of the PINs before this unit; lines for the same goods
    are put together. An order above the community's limit waits for ``approving.approve``.
    Raises, in this order: Invalid (lines), what ``proof.check`` raises, NotFound (goods),
    Conflict ``limit_reached``, ``insufficient_points``, ``out_of_stock``.
    """
    wanted = basket.merged(lines)
    taker = person_id or actor.person
    home = limits.hold(session, actor.community_id, taker)
    witness = proof.check(session, actor=actor, person_id=taker, proof=shown)
    prices = goods.find_all(session, actor.community_id, [line.goods_id for line in wanted])
    points = basket.points_of(wanted, prices)
    limits.refuse_over(session, actor.community_id, taker, home, wanted, prices, at)
    settings = communities.settings_of(session, actor.community_id)
    limit = settings.order_approval_above
    above = limit if limit is not None and points > limit else None
    order = Order(
        community_id=actor.community_id,
        id=ids.new(),
        person_id=taker,
        points=points,
        status="ready" if above is None else "held",
        held_above=above,
        placed_by=actor.person,
        witness_id=witness,
        placed_at=at,
        lapses_at=at + timedelta(days=settings.pickup_days),
    )
    rows = holding.write(session, actor, keys, order, wanted, prices)
    draft = movements.hold(order, rows, local_date(at, settings.zone))
    holding.hold(session, actor, order, rows, draft)
    return order


def collect(
    session: Session, *, actor: Actor, keys: KeyRing, at: datetime, order_id: UUID, code: str
) -> Order:
    """Hand an order over for its typed code (or the whole token, as a scanner types it).

    Raises, in this order: NotAllowed (who is not clerk), TooMany, NotFound, ``own_approval``,
    Conflict ``wrong_code``, ``voucher_used``, ``voucher_void``, ``voucher_lapsed``, ``blocked``
    (not approved yet, or frozen).
    """
    roles.require(session, actor, "clerk", unit_id=roles.ANYWHERE)
    guesses.refuse_if_over(session, actor, at)
    order = find(session, actor.community_id, order_id)
    serves(session, actor, order)
    voucher = vouchers.find_typed(session, keys, actor.community_id, order_id, code)
    if voucher is None:
        raise Conflict("wrong_code").leaving(guesses.counted(actor, at))
    return _hand_over(session, actor, at, order, voucher)


def collect_voucher(session: Session, *, actor: Actor, at: datetime, voucher: Voucher) -> Order:
    """Hand over the order of a voucher that was scanned.

    Raises as ``collect``, without what belongs to typing a code.
    """
    roles.require(session, actor, "clerk", unit_id=roles.ANYWHERE)
    order = find(session, actor.community_id, voucher.order_id)
    serves(session, actor, order)
    return _hand_over(session, actor, at, order, voucher)


def cancel(
    session: Session, *, actor: Actor, at: datetime, order_id: UUID, reason: str | None = None
) -> Order:
    """Give up an order: its points and goods go back to the lots they came from.

    Raises NotFound, NotAllowed (neither its person nor a clerk), Conflict ``already_decided``.
    """
    order = find(session, actor.community_id, order_id)
    if order.person_id != actor.person:
        require_clerk_of(session, actor, order.person_id)
    if not steps.advance(session, order, "cancelled", before_lapse=at):
        raise Conflict("already_decided", status=steps.status_at(order, at))
    steps.end_voucher(session, order, "void")
    _undo(session, actor, at, order, movements.release, reason)
    return order


def give_back(
    session: Session, *, actor: Actor, at: datetime, order_id: UUID, reason: str
) -> Order:
    """Take a collected order back: points to the person, goods to the shelf, the same lots.

    Raises NotAllowed (who is not clerk), NotFound, ``own_approval``, Conflict ``already_decided``.
    """
    roles.require(session, actor, "clerk", unit_id=roles.ANYWHERE)
    order = find(session, actor.community_id, order_id)
    serves(session, actor, order)
    if not steps.advance(session, order, "returned"):
        raise Conflict("already_decided", status=steps.status_at(order, at))
    _undo(session, actor, at, order, movements.give_back, reason)
    return order


def find(session: Session, community_id: UUID, order_id: UUID) -> Order:
    """The order with this id; NotFound."""
    order = session.scalar(
        select(Order).where(Order.community_id == community_id, Order.id == order_id)
    )
    if order is None:
        raise NotFound("order")
    return order


def reason_of(reason: str | None) -> str:
    """Why, without blanks around it; Invalid where it is too long."""
    text = reason.strip() if reason else ""
    if len(text) > REASON_MAX:
        raise Invalid(reason=f"is longer than {REASON_MAX} characters")
    return text


def require_clerk_of(session: Session, actor: Actor, person_id: UUID) -> None:
    person = register.person(session, actor.community_id, person_id)
    roles.require(session, actor, "clerk", unit_id=person.unit_id)


def serves(session: Session, actor: Actor, order: Order) -> None:
    """A clerk hands over to the people of their unit, and never to themself or their household."""
    require_clerk_of(session, actor, order.person_id)
    if households.same(session, actor.community_id, actor.person, order.person_id):
        raise NotAllowed("own_approval")


def _hand_over(
    session: Session, actor: Actor, at: datetime, order: Order, voucher: Voucher
) -> Order:
    won = steps.advance(
        session,
        order,
        "collected",
        before_lapse=at,
        collected_by=actor.person,
        collected_at=at,
    )
    if not won:
        raise _not_collectable(order, vouchers.status_of(session, voucher), at)
    if not steps.redeem_voucher(session, voucher):
        if vouchers.status_of(session, voucher) == "void":
            raise Conflict("voucher_void", order_id=order.id)
        raise Conflict("blocked", order_id=order.id, why="frozen")
    zone = communities.settings_of(session, actor.community_id).zone
    draft = movements.collect(order, steps.lines_of(session, order), local_date(at, zone))
    transfers.record(session, actor=actor, draft=draft, at=at)
    trail.record(
        session, actor=actor, action=Action.ORDER_COLLECTED, subject=("order", order.id), at=at
    )
    return order


def _not_collectable(order: Order, shown: str, at: datetime) -> Conflict:
    """Why a voucher in this state collects nothing (any more), with when and by whom it was used.

    One that was replaced says so whatever became of its order.
    """
    status = steps.status_at(order, at)
    if shown == "void" and status != "cancelled":
        return Conflict("voucher_void", order_id=order.id)
    if status in ("collected", "returned"):
        return Conflict(
            "voucher_used",
            order_id=order.id,
            collected_at=order.collected_at,
            collected_by=order.collected_by,
        )
    if status == "held":
        return Conflict("blocked", order_id=order.id, why="not_approved")
    code = {"cancelled": "voucher_void", "lapsed": "voucher_lapsed"}[status]
    return Conflict(code, order_id=order.id)


def _undo(
    session: Session,
    actor: Actor,
    at: datetime,
    order: Order,
    movement: Callable[..., Draft],
    reason: str | None,
) -> None:
    """Record what gives the order's points and goods back, and why."""
    text = reason_of(reason)
    reason_code = "stated" if text else order.status
    zone = communities.settings_of(session, actor.community_id).zone
    digest = trail.keep_text(session, actor.community_id, text) if text else None
    draft = movement(
        order,
        steps.lines_of(session, order),
        local_date(at, zone),
        held_by=movements.hold_of(session, order),
        reason_code=reason_code,
        text_digest=digest,
    )
    transfers.record(session, actor=actor, draft=draft, at=at)
    trail.record(
        session,
        actor=actor,
        action=Action.ORDER_CANCELLED if order.status == "cancelled" else Action.ORDER_RETURNED,
        subject=("order", order.id),
        at=at,
        reason_code=reason_code,
        text=text or None,
    )
