"""Lots: points earned together, goods delivered together; used up in order of expiry (design D6).

Invariant: lots of an account change only under the lock of its balance row, so at every commit the
balance equals the sum of what remains. What a unit takes and gives back is worked out here in
memory, in the order of its postings, and then written in one stroke (ledger.writing).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kit import ids
from ledger.drafts import Leg
from ledger.models import Lot, LotUse

#: sorts behind every day: what never lapses is used last
_NEVER = date.max
#: lots that are read at first; few spends need more
SOME = 40


@dataclass(frozen=True)
class Spot:
    """The posting on whose behalf lots change."""

    community_id: UUID
    transfer_id: UUID
    line: int


@dataclass
class Left:
    """A lot as it stands within the unit."""

    id: UUID
    account_id: UUID
    transfer_id: UUID
    remaining: int
    expires_on: date | None
    fund_id: UUID | None = None


@dataclass
class Working:
    """The lots that a unit moves: read under the lock, changed in memory, told as rows."""

    found: dict[UUID, Left] = field(default_factory=dict)
    made: list[dict[str, Any]] = field(default_factory=list)
    uses: list[dict[str, Any]] = field(default_factory=list)

    def make(self, spot: Spot, account_id: UUID, leg: Leg, fund_id: UUID | None) -> None:
        """The lot that a credit makes."""
        row: dict[str, Any] = {
            "community_id": spot.community_id,
            "id": ids.new(),
            "account_id": account_id,
            "transfer_id": spot.transfer_id,
            "line": spot.line,
            "original": leg.amount,
            "remaining": leg.amount,
            "available_on": leg.available_on,
            "expires_on": leg.expires_on,
            "fund_id": leg.fund_id or fund_id,
            "unit_cost_fen": leg.unit_cost_fen,
        }
        self.made.append(row)
        names = ("id", "account_id", "transfer_id", "remaining", "expires_on", "fund_id")
        lot = Left(**{name: row[name] for name in names})
        self.found[lot.id] = lot

    def take(
        self,
        spot: Spot,
        account_id: UUID,
        amount: int,
        *,
        first: tuple[UUID, ...] = (),
        exactly: tuple[UUID, ...] = (),
    ) -> None:
        """Use up ``amount``: of the lots of transfers ``first``, then by expiry.

        ``exactly`` names the lots that are meant, and no other is touched.
        """
        lots = [lot for lot in self.found.values() if lot.account_id == account_id]
        if exactly:
            lots = [lot for lot in lots if lot.id in exactly]
        lots.sort(key=lambda lot: (lot.transfer_id not in first, lot.expires_on or _NEVER, lot.id))
        left = amount
        for lot in lots:
            part = min(left, lot.remaining)
            if part > 0:
                self._use(spot, lot, part)
                left -= part
        assert left == 0, (
            f"lots of {account_id} hold {amount - left}, its balance promised {amount}"
        )

    def give_back(self, spot: Spot, parts: Iterable[tuple[UUID, int]], amount: int) -> None:
        """Give these parts back to the lots they came from; they come to ``amount``."""
        given = 0
        for lot_id, part in parts:
            self._use(spot, self.found[lot_id], -part)
            given += part
        assert given == amount, f"lots were given {given} back, and {amount} was to come back"

    def changes(self) -> dict[UUID, int]:
        """Lot → what is taken from it in all (given back: negative)."""
        taken: dict[UUID, int] = {}
        for use in self.uses:
            taken[use["lot_id"]] = taken.get(use["lot_id"], 0) + use["taken"]
        return {lot_id: part for lot_id, part in taken.items() if part}

    def _use(self, spot: Spot, lot: Left, part: int) -> None:
        lot.remaining -= part
        self.uses.append(
            {
                "community_id": spot.community_id,
                "transfer_id": spot.transfer_id,
                "line": spot.line,
                "lot_id": lot.id,
                "taken": part,
            }
        )


def left_in(session: Session, community_id: UUID, account_ids: Iterable[UUID]) -> list[Left]:
    """What remains in the lots of these accounts; their balance rows are held by the caller."""
    return _read(session, community_id, Lot.account_id.in_(sorted(account_ids)))


def next_in(session: Session, community_id: UUID, account_id: UUID, amount: int) -> list[Left]:
    """The lots of an account that are used next, enough of them for ``amount``.

    Some are read by the index, and all only where they do not do: a wallet may have thousands.
    """
    own = Lot.account_id == account_id
    some = _read(session, community_id, own, Lot.expires_on.is_not(None), limit=SOME)
    if sum(lot.remaining for lot in some) < amount:
        if len(some) == SOME:
            return left_in(session, community_id, [account_id])
        some += _read(session, community_id, own, Lot.expires_on.is_(None), limit=SOME)
        if sum(lot.remaining for lot in some) < amount:
            return left_in(session, community_id, [account_id])
    return some


def _read(
    session: Session,
    community_id: UUID,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
) -> list[Left]:
    rows = session.execute(
        select(*_LEFT)
        .where(Lot.community_id == community_id, *conditions, Lot.remaining > 0)
        .order_by(Lot.expires_on, Lot.id)
        .limit(limit)
    )
    return [Left(*row) for row in rows]


def taken_by(
    session: Session, community_id: UUID, transfer_id: UUID, account_id: UUID
) -> list[tuple[Left, int]]:
    """What a transfer took from the lots of an account, each lot as it stands now."""
    rows = session.execute(
        select(*_LEFT, LotUse.taken)
        .join(LotUse, (LotUse.community_id == Lot.community_id) & (LotUse.lot_id == Lot.id))
        .where(
            Lot.community_id == community_id,
            LotUse.community_id == community_id,
            LotUse.transfer_id == transfer_id,
            Lot.account_id == account_id,
        )
        .order_by(Lot.id)
    )
    return [(Left(*row[:-1]), row.taken) for row in rows]


def uses_of(session: Session, community_id: UUID, transfer_id: UUID) -> list[tuple[UUID, int]]:
    """What a transfer took from lots: (lot id, taken), for the chain of a number (D9)."""
    rows = session.execute(
        select(LotUse.lot_id, LotUse.taken)
        .where(LotUse.community_id == community_id, LotUse.transfer_id == transfer_id)
        .order_by(LotUse.lot_id)
    )
    return [(row.lot_id, row.taken) for row in rows]


_LEFT = (Lot.id, Lot.account_id, Lot.transfer_id, Lot.remaining, Lot.expires_on, Lot.fund_id)
