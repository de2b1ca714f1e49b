"""Adjustments: points given or taken by two treasurers, and balances carried over from paper.

Invariant: nothing is in force, and nothing moves, before a second treasurer's approval; each
adjustment has one decision at most, and an approved one has exactly one transfer (design D8).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, Invalid
from kit.types import AMOUNT_MAX
from ledger import books, transfers
from ledger.errors import PeriodClosed
from people import names
from treasury import deciders, movements
from treasury.models import KINDS, STATUSES, Adjustment, Decision

REASON_MAX = 500
STATED = "stated"
_DEEDS = {
    "approve": Action.ADJUSTMENT_APPROVED,
    "reject": Action.ADJUSTMENT_REJECTED,
    "withdraw": Action.ADJUSTMENT_WITHDRAWN,
}


def make(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    person_id: UUID,
    points: int,
    reason: str,
    kind: str = "adjustment",
    effective_on: date | None = None,
) -> Adjustment:
    """Ask for an adjustment of a person's points (signed), or for an opening balance from paper.

    ``effective_on`` is a day that the maker chose; without it, it counts from its approval. Raises,
    in this order: what ``deciders.require_maker`` raises, Invalid, Conflict ``period_closed``.
    """
    deciders.require_maker(session, actor, person_id)
    _check(points, kind)
    _check_day(session, actor.community_id, effective_on, at)
    row: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "person_id": person_id,
        "kind": kind,
        "points": points,
        "effective_on": effective_on,
        "reason_code": STATED,
        "text_digest": _kept(session, actor.community_id, reason),
        "made_by": actor.person,
        "made_at": at,
    }
    session.execute(insert(Adjustment), [row])
    trail.record(
        session,
        actor=actor,
        action=Action.ADJUSTMENT_MADE,
        subject=("adjustment", row["id"]),
        at=at,
        reason_code=STATED,
        after={"person_id": person_id, "kind": kind, "points": points},
        row=row,
    )
    return deciders.find(session, actor.community_id, row["id"])


def approve(session: Session, *, actor: Actor, at: datetime, adjustment_id: UUID) -> Decision:
    """Approve as a second treasurer: the points move now, or nothing does.

    Raises, in this order: NotFound, what ``deciders.require_decider`` raises, Conflict
    ``already_decided``, ``period_closed``, ``insufficient_points``, ``too_much``; then it stays
    waiting.
    """
    row = deciders.find(session, actor.community_id, adjustment_id)
    deciders.require_decider(session, actor, row)
    _refuse_decided(session, row)
    draft = movements.draft(session, row, at)
    transfer_id = transfers.record(session, actor=actor, draft=draft, at=at)
    return _decide(session, actor, at, row, "approve", transfer_id=transfer_id)


def reject(
    session: Session, *, actor: Actor, at: datetime, adjustment_id: UUID, reason: str
) -> Decision:
    """Reject as a second treasurer, and say why.

    Raises, in this order: NotFound, what ``deciders.require_decider`` raises, Conflict
    ``already_decided``, Invalid.
    """
    row = deciders.find(session, actor.community_id, adjustment_id)
    deciders.require_decider(session, actor, row)
    _refuse_decided(session, row)
    return _decide(session, actor, at, row, "reject", reason=reason)


def withdraw(session: Session, *, actor: Actor, at: datetime, adjustment_id: UUID) -> Decision:
    """Withdraw what one asked for oneself.

    Raises, in this order: NotFound, NotAllowed (its maker), Conflict ``already_decided``.
    """
    row = deciders.find(session, actor.community_id, adjustment_id)
    deciders.hold_maker(session, actor, row)
    _refuse_decided(session, row)
    return _decide(session, actor, at, row, "withdraw")


def _check(points: int, kind: str) -> None:
    if type(points) is not int or points == 0 or abs(points) > AMOUNT_MAX:
        raise Invalid(points="want a whole number of points, and not 0")
    if kind not in KINDS:
        raise Invalid(kind="is no kind of adjustment")
    if kind == "opening" and points < 0:
        raise Invalid(points="an opening balance is above 0")


def _check_day(
    session: Session, community_id: UUID, effective_on: date | None, at: datetime
) -> None:
    if effective_on is None:
        return
    found = books.of(session, community_id)
    if effective_on > books.today(found, at):
        raise Invalid(effective_on="is in the future")
    if found.closed_through is not None and effective_on <= found.closed_through:
        raise PeriodClosed(found.closed_through)


def _refuse_decided(session: Session, row: Adjustment) -> None:
    """The person's row is held: whoever decided first has committed, and is seen here."""
    decision = session.scalar(
        select(Decision.decision).where(
            Decision.community_id == row.community_id, Decision.adjustment_id == row.id
        )
    )
    if decision is not None:
        raise Conflict("already_decided", status=STATUSES[decision])


def _decide(
    session: Session,
    actor: Actor,
    at: datetime,
    adjustment: Adjustment,
    decision: str,
    *,
    reason: str | None = None,
    transfer_id: UUID | None = None,
) -> Decision:
    digest = None if reason is None else _kept(session, actor.community_id, reason)
    reason_code = None if reason is None else STATED
    row: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "adjustment_id": adjustment.id,
        "decision": decision,
        "decided_by": actor.person,
        "decided_at": at,
        "reason_code": reason_code,
        "text_digest": digest,
        "transfer_id": transfer_id,
    }
    session.execute(insert(Decision), [row])
    trail.record(
        session,
        actor=actor,
        action=_DEEDS[decision],
        subject=("adjustment", adjustment.id),
        at=at,
        reason_code=reason_code,
        before={"status": "waiting"},
        after={"status": STATUSES[decision], "transfer_id": transfer_id},
        row=row,
    )
    return session.scalars(
        select(Decision).where(
            Decision.community_id == actor.community_id, Decision.id == row["id"]
        )
    ).one()


def _kept(session: Session, community_id: UUID, reason: str) -> bytes:
    """Keep a stated reason and return its digest; Invalid where it is empty or too long."""
    text = names.clean("reason", " ".join(reason.split()), REASON_MAX)
    return trail.keep_text(session, community_id, text)
