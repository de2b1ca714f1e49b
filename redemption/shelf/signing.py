"""Sign a write-off or a count, or turn it down: the second pair of eyes, and what it puts in force.

Invariant: a change moves its pieces in one transfer, once, under its own key; who signs as the
second hand is neither its maker nor of their household.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.clock import local_date
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from ledger import accounts, kinds, transfers
from ledger.drafts import Draft, Leg
from people import communities, households, roles
from people.models import Person
from redemption.shelf import spoiling
from redemption.shelf.tables import StockChange, StockChangeLine, StockSignature

SIGNERS = ("treasurer", "manager")
REASON_MAX = 500


def sign(session: Session, *, actor: Actor, at: datetime, change_id: UUID) -> StockChange:
    """The second person's signature: the shelf changes.

    Raises NotAllowed (neither treasurer nor manager), NotFound, ``own_approval``, Conflict
    ``already_decided``, ``out_of_stock`` where the pieces are no longer on the shelf.
    """
    roles.require(session, actor, *SIGNERS)
    change = _find(session, actor.community_id, change_id)
    _hold(session, actor, change)
    if households.same(session, actor.community_id, actor.person, change.made_by):
        raise NotAllowed("own_approval")
    put_in_force(session, actor=actor, at=at, change=change, lines=lines_of(session, change))
    return change


def reject(
    session: Session, *, actor: Actor, at: datetime, change_id: UUID, reason: str
) -> StockChange:
    """Turn it down, or take back what one made oneself: nothing moves.

    Raises NotAllowed, NotFound, Invalid (reason), Conflict ``already_decided``.
    """
    change = _find(session, actor.community_id, change_id)
    if actor.person != change.made_by:
        roles.require(session, actor, *SIGNERS)
    _hold(session, actor, change)
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise Invalid(reason=f"want 1 to {REASON_MAX} characters")
    _sign(session, actor, at, change, "rejected", None)
    trail.record(
        session,
        actor=actor,
        action=Action.STOCK_CHANGE_REJECTED,
        subject=("stock_change", change.id),
        at=at,
        reason_code="stated",
        text=reason,
    )
    return change


def put_in_force(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    change: StockChange,
    lines: Sequence[StockChangeLine],
) -> None:
    """Move the pieces and keep who signed; the caller knows that this person may."""
    legs = [_leg(line) for line in lines if line.difference]
    transfer_id = _move(session, actor, at, change, legs) if legs else None
    _sign(session, actor, at, change, "signed", transfer_id)
    trail.record(
        session,
        actor=actor,
        action=Action.STOCK_CHANGE_SIGNED,
        subject=("stock_change", change.id),
        at=at,
        after={"transfer_id": transfer_id},
    )


def lines_of(session: Session, change: StockChange) -> Sequence[StockChangeLine]:
    """What was written off or counted, by goods."""
    return session.scalars(
        select(StockChangeLine)
        .where(
            StockChangeLine.community_id == change.community_id,
            StockChangeLine.change_id == change.id,
        )
        .order_by(StockChangeLine.goods_id)
    ).all()


def _move(
    session: Session, actor: Actor, at: datetime, change: StockChange, legs: list[Leg]
) -> UUID:
    zone = communities.settings_of(session, actor.community_id).zone
    draft = Draft(
        kind="write_off",
        key=f"stock_change:{change.id}",
        legs=tuple(legs),
        effective_on=local_date(at, zone),
        source=("stock_change", change.id),
        reason_code="stated",
        text_digest=change.text_digest,
    )
    places = {place for leg in legs for place in (leg.debit, leg.credit)}
    spoiled = spoiling.in_the_way(session, actor.community_id, at, places, ())
    return transfers.record_all(session, actor=actor, drafts=[*spoiled, draft], at=at)[-1]


def _leg(line: StockChangeLine) -> Leg:
    """Off the shelf what is missing; onto it what was found, worth nothing and nobody's money."""
    shelf = accounts.shelf(line.goods_id)
    gone = accounts.contra("written_off", kinds.goods(line.goods_id))
    if line.difference < 0:
        return Leg(shelf, gone, -line.difference)
    return Leg(gone, shelf, line.difference, unit_cost_fen=0)


def _find(session: Session, community_id: UUID, change_id: UUID) -> StockChange:
    change = session.scalar(
        select(StockChange).where(
            StockChange.community_id == community_id, StockChange.id == change_id
        )
    )
    if change is None:
        raise NotFound("stock_change")
    return change


def _hold(session: Session, actor: Actor, change: StockChange) -> None:
    """Hold its maker's row and the actor's: decisions stand in a queue, and no household changes.

    Raises Conflict ``already_decided``.
    """
    community_id = actor.community_id
    session.execute(
        select(Person.id)
        .where(
            Person.community_id == community_id,
            Person.id.in_(sorted({actor.person, change.made_by})),
        )
        .order_by(Person.id)
        .with_for_update(key_share=True)
    )
    decided = session.scalar(
        select(StockSignature.decision).where(
            StockSignature.community_id == community_id, StockSignature.change_id == change.id
        )
    )
    if decided is not None:
        raise Conflict("already_decided", status=decided)


def _sign(
    session: Session,
    actor: Actor,
    at: datetime,
    change: StockChange,
    decision: str,
    transfer_id: UUID | None,
) -> None:
    session.add(
        StockSignature(
            community_id=change.community_id,
            change_id=change.id,
            decision=decision,
            signed_by=actor.person,
            signed_at=at,
            transfer_id=transfer_id,
        )
    )
    session.flush()
