"""What is to follow a commit: asked for inside the unit, done when it is over.

Invariant: what is rolled back is followed by nothing. A deed that fails fails nobody's call: it is
logged, and the tick does the same again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

_OWED = "kit.afterwards"
_log = logging.getLogger(__name__)

Deed = Callable[[UUID], None]
#: which deeds, each for which community
Owed = set[tuple[str, UUID]]


class Afterwards:
    """The deeds that a running program has for what its units ask for; none without a program."""

    def __init__(self) -> None:
        self._deeds: dict[str, Deed] = {}

    def add(self, name: str, deed: Deed) -> None:
        """What to do, from now on, where a unit asks for ``name``."""
        self._deeds[name] = deed

    def carry_out(self, owed: Owed) -> None:
        """Do what a unit that was committed has asked for."""
        for name, community_id in sorted(owed):
            deed = self._deeds.get(name)
            if deed is None:
                continue
            try:
                deed(community_id)
            except Exception:
                # The unit stands; whatever is wrong here must not be told as its refusal.
                _log.exception("%s did not follow its commit; the next tick tries again", name)


def owing(owed: Owed) -> dict[str, Owed]:
    """What a session is told, so that ``ask`` finds it."""
    return {_OWED: owed}


def ask(session: Session, name: str, community_id: UUID) -> None:
    """Have ``name`` done for a community once the unit of this session is committed."""
    owed: Owed | None = session.info.get(_OWED)
    if owed is not None:
        owed.add((name, community_id))
