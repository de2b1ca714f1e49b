"""What a unit found in the books before it records: accounts, balances, keys in use, the calendar.

Invariant: a balance that stands here is held until the unit ends, or is said to be hoped for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger import accounts
from ledger.accounts import Place
from ledger.guards import Standing


class Opened(NamedTuple):
    """An account that is open; one with a floor is guarded."""

    id: UUID
    floor: int | None


class AsRead(NamedTuple):
    """What the books go by, as ``books.of`` reads it, without a lock."""

    zone: str
    closed_through: date | None
    grace_until: date | None


UNREAD = AsRead("UTC", None, None)


@dataclass(frozen=True)
class Found:
    """Accounts by place, guarded ones by id as they stand, transfers by natural key."""

    known: dict[Place, Opened]
    standing: dict[UUID, Standing]
    recorded: dict[str, UUID]
    calendar: AsRead = UNREAD
    #: nobody looked: balances and debts are taken for 0, and judged when they are written
    hoped: bool = False
    clear: tuple[UUID, ...] = ()

    def debt(self, person_id: UUID) -> int:
        """What a person owes, as a positive number; nothing for one who is not credited here."""
        account = self.known.get(accounts.owed(person_id))
        return -self.standing[account.id].balance if account is not None else 0
