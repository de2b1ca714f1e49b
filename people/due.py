"""What is due among people: failures that weigh no more are forgotten.

Invariant: no answer depends on it; a limit reads its own window only.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kit import ids
from people import limits


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Forget the old failures of a community, and those from before a sign-in; returns how many."""
    return sum(limits.forget(session, at, owner) for owner in (community_id, ids.NIL))
