"""What time alone brings about in this room: orders that nobody collected lapse.

Invariant: tick posts what already holds, under keys that let two tickers at once do no harm.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import actor as actors
from ledger import transfers
from redemption import overdue

#: Orders of one unit: short, so that counters do not wait for tick.
AT_ONCE = 50


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Lapse up to fifty overdue orders; returns how many. Call again until it returns 0."""
    actor = actors.system(community_id, "tick")
    orders = overdue.due(session, community_id, at, AT_ONCE)
    drafts = overdue.lapse(session, actor=actor, at=at, orders=orders)
    if drafts:
        transfers.record_all(session, actor=actor, drafts=drafts, at=at)
    return len(drafts)
