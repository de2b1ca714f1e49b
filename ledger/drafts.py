"""What a room asks the ledger to record: drafts of transfers, before ids and fingerprints.

Invariant: an amount is an integer of at least 1; direction is told by debit and credit alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kit.types import AMOUNT_MAX
from ledger.accounts import Place
from ledger.kinds import IN_LOTS


@dataclass(frozen=True)
class Leg:
    """One posting to be: ``amount`` from ``debit`` to ``credit``.

    ``expires_on``, ``unit_cost_fen`` belong to the lot that a credit to a wallet or shelf makes;
    ``available_on`` to one that a credit to ``pending`` makes: the day on which it goes to the
    wallet. ``fund_id`` is the lot's where it is not the transfer's. ``renewed``: what comes back
    after its last day makes a new lot, where everything else goes to the lots it came from.
    """

    debit: Place
    credit: Place
    amount: int
    expires_on: date | None = None
    available_on: date | None = None
    unit_cost_fen: int | None = None
    fund_id: UUID | None = None
    renewed: bool = False

    def __post_init__(self) -> None:
        assert type(self.amount) is int, f"an amount is an integer, not {self.amount!r}"
        assert 0 < self.amount <= AMOUNT_MAX, f"an amount is positive, not {self.amount}"
        assert self.debit != self.credit, "a posting moves between two accounts"
        assert self.debit.commodity == self.credit.commodity, "a posting has one commodity"


@dataclass(frozen=True)
class Draft:
    """A transfer to be.

    ``key`` is its natural key (D5). ``gives_back`` names the transfer whose lots come back (a
    release or return): the same lots with the same expiry (D6). ``takes_first`` names the
    transfers whose lots are used before all others (a reversal takes back what it undoes);
    ``takes_exactly`` the lots that alone are meant (a lapse).

    A day in a closed period is moved to the first open one, and named (``original_on``); where
    somebody chose it (``dated``), it is refused ``period_closed`` instead.
    """

    kind: str
    key: str
    legs: tuple[Leg, ...]
    effective_on: date
    source: tuple[str, UUID]
    fund_id: UUID | None = None
    evidence: str | None = None
    reason_code: str | None = None
    text_digest: bytes | None = None
    reverses_id: UUID | None = None
    gives_back: UUID | None = None
    takes_first: tuple[UUID, ...] = ()
    takes_exactly: tuple[UUID, ...] = ()
    original_on: date | None = None
    dated: bool = False

    def __post_init__(self) -> None:
        assert self.legs, "a transfer has at least one posting"

    @property
    def happened_on(self) -> date:
        """The day it belongs to, whether or not that day's period was still open."""
        return self.original_on or self.effective_on

    def makes_lot(self, leg: Leg) -> bool:
        """Whether the leg's credit makes a lot of its own."""
        return leg.credit.kind in IN_LOTS and (self.gives_back is None or leg.renewed)
