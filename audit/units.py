"""The unit of work of a signed-in caller: one transaction, and the trace that a refusal leaves.

Invariant: a refused unit changes nothing, and its refusal is in the trail all the same; a unit
whose commit got no answer is looked up by its request id (design D11, D12).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.db import Database
from kit.errors import Conflict, DomainError, NotAllowed

T = TypeVar("T")


def perform(
    database: Database, work: Callable[[Session], T], *, actor: Actor, at: datetime, call: str
) -> T:
    """Run ``work`` for ``actor`` in one transaction; ``call`` names it in a refusal's entry.

    Raises what ``work`` raises. Refusals by right or by state are kept in the trail, with what they
    leave; malformed input is not.
    """

    def one() -> T:
        return database.write(
            work,
            community_id=actor.community_id,
            landed=lambda session: trail.landed(session, actor),
        )

    return traced(database, one, actor=actor, at=at, call=call)


def traced(
    database: Database, work: Callable[[], T], *, actor: Actor, at: datetime, call: str
) -> T:
    """Run ``work``, which opens its own units; a refusal leaves its trace as in ``perform``."""
    try:
        return work()
    except DomainError as refusal:
        keep_refusal(database, refusal, actor=actor, at=at, call=call)
        raise


def keep_refusal(
    database: Database, refusal: DomainError, *, actor: Actor, at: datetime, call: str
) -> None:
    """Write what a refusal leaves behind, in a short unit of its own."""
    if not _is_told(refusal) and not refusal.aftermath:
        return

    def keep(session: Session) -> None:
        leave(session, refusal, actor=actor, at=at, call=call)

    database.write(keep, community_id=actor.community_id)


def leave(session: Session, refusal: DomainError, *, actor: Actor, at: datetime, call: str) -> None:
    """Write what a refusal leaves behind, in the caller's unit."""
    for deed in refusal.aftermath:
        deed(session)
    if _is_told(refusal):
        trail.record(
            session,
            actor=actor,
            action=Action.CALL_REFUSED,
            subject=("call", actor.request_id),
            at=at,
            refused=refusal.code,
            after={"call": call},
        )


def _is_told(refusal: DomainError) -> bool:
    """Refused by right or by state, not for its form."""
    return isinstance(refusal, NotAllowed | Conflict)
