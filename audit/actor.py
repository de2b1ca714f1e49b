"""Who acts, in which community, through which door, in which request."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from kit import ids


@dataclass(frozen=True)
class Actor:
    """A person of one community, or the program itself (``person_id`` none)."""

    community_id: UUID
    person_id: UUID | None
    via: str = "api"
    request_id: UUID = field(default_factory=ids.new)

    @property
    def person(self) -> UUID:
        """The acting person; our mistake where only a person may act and the program tried."""
        assert self.person_id is not None, "a person must act here"
        return self.person_id


def system(community_id: UUID, via: str) -> Actor:
    """The program itself: ``cli``, ``tick`` or ``demo``."""
    return Actor(community_id, None, via)
