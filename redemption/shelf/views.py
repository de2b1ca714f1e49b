"""What is shown of write-offs and counts: what was found, by whom, and who signed.

Invariant: the status follows from the one signature and is kept nowhere else; reads only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actor import Actor
from people import roles
from redemption.shelf import changing
from redemption.shelf.tables import StockChange, StockChangeLine, StockSignature

WAITING = "waiting"
STATUSES = (WAITING, "signed", "rejected")
READERS = (*changing.MAKERS, "auditor")


@dataclass(frozen=True)
class ChangeView:
    """A write-off or count as api and web show it."""

    id: UUID
    kind: str
    status: str
    reason: str | None
    lines: list[StockChangeLine]
    made_by: UUID
    made_at: datetime
    signed_by: UUID | None
    signed_at: datetime | None
    transfer_id: UUID | None


def listed(
    session: Session,
    *,
    actor: Actor,
    limit: int,
    before: UUID | None = None,
    status: str | None = None,
) -> list[ChangeView]:
    """Write-offs and counts older than ``before``, newest first. Raises NotAllowed."""
    roles.require(session, actor, *READERS)
    query = select(StockChange).where(StockChange.community_id == actor.community_id)
    signed = exists().where(
        StockSignature.community_id == actor.community_id,
        StockSignature.change_id == StockChange.id,
    )
    if status == WAITING:
        query = query.where(~signed)
    elif status is not None:
        query = query.where(signed.where(StockSignature.decision == status))
    if before is not None:
        query = query.where(StockChange.id < before)
    rows = session.scalars(query.order_by(StockChange.id.desc()).limit(limit)).all()
    return shown(session, actor.community_id, rows)


def shown(session: Session, community_id: UUID, changes: Sequence[StockChange]) -> list[ChangeView]:
    """These changes with their lines and signatures."""
    change_ids = [one.id for one in changes]
    lines: dict[UUID, list[StockChangeLine]] = {one: [] for one in change_ids}
    found = session.scalars(
        select(StockChangeLine)
        .where(
            StockChangeLine.community_id == community_id,
            StockChangeLine.change_id.in_(change_ids),
        )
        .order_by(StockChangeLine.goods_id)
    )
    for line in found:
        lines[line.change_id].append(line)
    signatures = {
        one.change_id: one
        for one in session.scalars(
            select(StockSignature).where(
                StockSignature.community_id == community_id,
                StockSignature.change_id.in_(change_ids),
            )
        )
    }
    return [_view(session, one, lines[one.id], signatures.get(one.id)) for one in changes]


def _view(
    session: Session,
    change: StockChange,
    lines: list[StockChangeLine],
    signature: StockSignature | None,
) -> ChangeView:
    return ChangeView(
        id=change.id,
        kind=change.kind,
        status=signature.decision if signature else WAITING,
        reason=trail.text_of(session, change.community_id, change.text_digest),
        lines=lines,
        made_by=change.made_by,
        made_at=change.made_at,
        signed_by=signature.signed_by if signature else None,
        signed_at=signature.signed_at if signature else None,
        transfer_id=signature.transfer_id if signature else None,
    )
