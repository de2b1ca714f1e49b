"""Wrong codes of one person, counted: 30 in a minute, then no more answers for a while.

Invariant: typed codes and scanned ones draw on one count, and only failures are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from audit.actor import Actor
from people import limits

MOST = 30
WINDOW_MINUTES = 1
#: for a question that asks other things too: whether this person guessed wrong of late
ANY_WRONG = limits.ANY_SINCE


def refuse_if_over(session: Session, actor: Actor, at: datetime) -> None:
    """Raises TooMany when this person has guessed too often in this minute."""
    limits.refuse_if_over(session, _bucket(actor), at, MOST, WINDOW_MINUTES, actor.community_id)


def facts(actor: Actor, at: datetime) -> dict[str, Any]:
    """What ``ANY_WRONG`` is asked with, besides the community."""
    return {"bucket": _bucket(actor), "since": at - timedelta(minutes=WINDOW_MINUTES)}


def counted(actor: Actor, at: datetime) -> Callable[[Session], None]:
    """What a wrong code leaves behind, for ``DomainError.leaving``."""

    def count(session: Session) -> None:
        limits.count_failure(session, _bucket(actor), at, WINDOW_MINUTES, actor.community_id)

    return count


def _bucket(actor: Actor) -> str:
    return f"code:{actor.person}"
