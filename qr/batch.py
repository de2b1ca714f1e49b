"""Many scans in one call, as a captain's device sends them: each in a unit of its own.

Invariant: one refused scan takes nothing from the others, and each is kept as if it came alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import units
from audit.actor import Actor
from kit import ids
from kit.db import Database
from kit.errors import DomainError, Invalid
from kit.keys import KeyRing
from people import roles
from qr.asks import Trace
from qr.scan import scan

MOST = 500


@dataclass(frozen=True)
class Item:
    """One scan of a batch."""

    token: str
    nonce: str
    shift_id: UUID | None = None
    purpose: str | None = None
    captured_at: datetime | None = None
    trace: Trace | None = None


@dataclass(frozen=True)
class Result:
    """How one scan of a batch ended: with an outcome, or with the code of its refusal."""

    nonce: str
    outcome: str | None = None
    code: str | None = None


def scan_all(
    database: Database,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    items: Sequence[Item],
    call: str,
) -> list[Result]:
    """Scan them one after the other; the results stand in the same order.

    It opens units itself, so it is called outside of one. Raises NotAllowed (who is no captain),
    Invalid (none, or over 500).
    """
    if not 1 <= len(items) <= MOST:
        raise Invalid(scans=f"send 1 to {MOST} scans")
    database.read(
        lambda session: roles.require(session, actor, "captain", unit_id=roles.ANYWHERE),
        community_id=actor.community_id,
    )
    return [_one(database, actor, keys, at, item, call) for item in items]


def _one(
    database: Database, actor: Actor, keys: KeyRing, at: datetime, item: Item, call: str
) -> Result:
    # A request id of its own: an unknown outcome is looked up by it, scan by scan.
    alone = replace(actor, request_id=ids.new())

    def work(session: Session) -> Result:
        answer = scan(
            session,
            actor=alone,
            keys=keys,
            at=at,
            token=item.token,
            shift_id=item.shift_id,
            purpose=item.purpose,
            captured_at=item.captured_at,
            nonce=item.nonce,
            trace=item.trace,
        )
        return Result(item.nonce, outcome=answer.outcome)

    try:
        return units.perform(database, work, actor=alone, at=at, call=call)
    except DomainError as refusal:
        return Result(item.nonce, code=refusal.code)
