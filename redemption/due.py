"""What time alone brings about in this room: orders lapse, and what spoiled leaves the shelf.

Invariant: tick posts what already holds, under keys that let two tickers at once do no harm.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import actor as actors
from audit import trail
from audit.actions import Action
from audit.actor import Actor
from audit.trail import Deed
from ledger import transfers
from redemption import overdue
from redemption.shelf import spoiling

#: Orders of one unit: short, so that counters do not wait for tick.
AT_ONCE = 50


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Lapse up to fifty overdue orders and take up to fifty spoiled batches off the shelf.

    Returns how many of both. Call again until it returns 0.
    """
    actor = actors.system(community_id, "tick")
    orders = overdue.due(session, community_id, at, AT_ONCE)
    drafts = overdue.lapse(session, actor=actor, at=at, orders=orders)
    if drafts:
        transfers.record_all(session, actor=actor, drafts=drafts, at=at)
    # What came back just now may have spoiled: it is met by the next call.
    return len(drafts) or _spoil(session, actor, at)


def _spoil(session: Session, actor: Actor, at: datetime) -> int:
    found = spoiling.past(session, actor.community_id, at, limit=AT_ONCE)
    drafts = spoiling.drafts(session, actor.community_id, found)
    if not drafts:
        return 0
    transfers.record_all(session, actor=actor, drafts=drafts, at=at)
    deeds = [
        Deed(
            Action.STOCK_SPOILED,
            ("goods", one.goods_id),
            reason_code="spoiled",
            after={"lot_id": one.lot_id, "pieces": one.pieces, "best_before": one.best_before},
        )
        for one in found
    ]
    trail.record_all(session, actor=actor, at=at, deeds=deeds)
    return len(drafts)
