"""What a process keeps of a database between units: facts that, once committed, never change.

Invariant: a fact is kept only after the unit that read it has committed, so nothing is kept that a
rollback undid; whoever goes by a kept fact writes under the database's own conditions all the same.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

from sqlalchemy.orm import Session

#: facts that one process keeps at most; the oldest go first
FACTS_MAX = 50_000
#: where a session keeps its database's facts, and what it learned itself
_KEPT, _LEARNED = "kit.kept", "kit.kept.learned"


class Kept:
    """The facts of one database."""

    def __init__(self) -> None:
        self._facts: dict[Hashable, Any] = {}
        self._guard = threading.Lock()

    def get(self, key: Hashable) -> Any | None:
        """The fact, where it is kept."""
        return self._facts.get(key)

    def add(self, facts: dict[Hashable, Any]) -> None:
        """Keep these too."""
        with self._guard:
            self._facts |= facts
            while len(self._facts) > FACTS_MAX:
                del self._facts[next(iter(self._facts))]


def shared(kept: Kept) -> dict[str, Any]:
    """What a session is told so that it knows these facts and may learn others."""
    return {_KEPT: kept}


def find(session: Session, key: Hashable) -> Any | None:
    """A fact that is kept; none where it is not, or the session belongs to no unit."""
    kept = session.info.get(_KEPT)
    return kept.get(key) if kept is not None else None


def learn(session: Session, facts: dict[Hashable, Any]) -> None:
    """Facts to keep once this unit has committed."""
    if _KEPT in session.info:
        session.info.setdefault(_LEARNED, {}).update(facts)


def commit(session: Session) -> None:
    """The unit has committed: what it learned is so."""
    learned = session.info.pop(_LEARNED, None)
    if learned:
        session.info[_KEPT].add(learned)


def forget(session: Session) -> None:
    """The unit was rolled back: what it learned may never have been."""
    session.info.pop(_LEARNED, None)
