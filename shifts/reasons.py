"""The free text of a reason: kept apart from the row that it explains (design D12).

Invariant: rows hold a reason code and a salted digest; the text lies in the one erasable table.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from people import names

LONGEST = 500
STATED = "stated"


def keep(session: Session, community_id: UUID, reason: str) -> bytes:
    """Keep a stated reason and return its digest; Invalid where it is empty or too long."""
    text = names.clean("reason", " ".join(reason.split()), LONGEST)
    return trail.keep_text(session, community_id, text)
