"""What stands in real books, read row by row and told in the model's names.

Invariant: reads tables and nothing that reckons; so what is compared was written, not worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import ids
from ledger.models import Account, Balance, Lot, LotUse, Posting, Transfer
from tests.machine.hands import Books

_FUND = "fund_points"


@dataclass(frozen=True)
class Seen:
    """One transfer in the model's words; ``leaf`` and ``id`` must be equal on both engines."""

    id: UUID
    key: str
    kind: str
    on: date
    original_on: date | None
    moves: tuple[tuple[str, str, int], ...]
    leaf: bytes
    undoes: str | None


@dataclass
class Sight:
    """What was seen of one community so far; postings are added up as they come."""

    hands: Books
    last: UUID = ids.NIL
    keys: dict[UUID, str] = field(default_factory=dict)
    places: dict[UUID, str] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)
    uses: Counter[UUID] = field(default_factory=Counter)
    lines: list[tuple[str, str, int, Seen]] = field(default_factory=list)

    def new(self, session: Session) -> list[Seen]:
        """The transfers that came since the last look, in order."""
        community_id = self.hands.community_id
        heads = session.execute(
            select(*_HEAD)
            .where(Transfer.community_id == community_id, Transfer.id > self.last)
            .order_by(Transfer.id)
        ).all()
        if not heads:
            return []
        self._learn_places(session, community_id)
        moves = self._moves(session, community_id)
        found = []
        for head in heads:
            seen = self._seen(head, moves.pop(head.id, []))
            found.append(seen)
            for source, target, amount in seen.moves:
                self.sums[source] -= amount
                self.sums[target] += amount
                self.lines.append((source, target, amount, seen))
        assert not moves, "a posting without its transfer"
        for use in session.execute(
            select(LotUse.lot_id, LotUse.taken).where(
                LotUse.community_id == community_id, LotUse.transfer_id > self.last
            )
        ):
            self.uses[use.lot_id] += use.taken
        self.last = heads[-1].id
        return found

    def balances(self, session: Session) -> dict[str, tuple[int, int]]:
        """Guarded place → balance and floor."""
        rows = session.execute(
            select(Balance.account_id, Balance.balance, Balance.floor).where(
                Balance.community_id == self.hands.community_id
            )
        ).all()
        # What has its key already may open accounts all the same.
        if any(row.account_id not in self.places for row in rows):
            self._learn_places(session, self.hands.community_id)
        return {self.places[row.account_id]: (row.balance, row.floor) for row in rows}

    def lots(self, session: Session) -> Sequence[Any]:
        """Every lot, in the order in which they came."""
        return session.execute(
            select(*_LOT).where(Lot.community_id == self.hands.community_id).order_by(Lot.id)
        ).all()

    def lot_told(self, row: Any) -> tuple[Any, ...]:
        """A lot as the model would tell it."""
        fund = self._by_id.get(str(row.fund_id)) if row.fund_id else None
        return (
            self.places[row.account_id], row.original, row.remaining, row.expires_on,
            row.available_on, fund, self.keys[row.transfer_id],
        )  # fmt: skip

    def _learn_places(self, session: Session, community_id: UUID) -> None:
        rows = session.execute(
            select(Account.id, Account.kind, Account.owner_id, Account.commodity).where(
                Account.community_id == community_id
            )
        )
        for row in rows:
            self.places[row.id] = self._place(row.kind, row.owner_id, row.commodity)

    def _moves(
        self, session: Session, community_id: UUID
    ) -> dict[UUID, list[tuple[str, str, int]]]:
        rows = session.execute(
            select(
                Posting.transfer_id, Posting.debit_account_id, Posting.credit_account_id,
                Posting.amount,
            )
            .where(Posting.community_id == community_id, Posting.transfer_id > self.last)
            .order_by(Posting.transfer_id, Posting.line)
        )  # fmt: skip
        found: dict[UUID, list[tuple[str, str, int]]] = {}
        for row in rows:
            ends = self.places[row.debit_account_id], self.places[row.credit_account_id]
            found.setdefault(row.transfer_id, []).append((*ends, row.amount))
        return found

    def _seen(self, head: Any, moves: list[tuple[str, str, int]]) -> Seen:
        key = head.natural_key
        undoes = self.keys[head.reverses_id] if head.reverses_id else None
        if undoes is not None:
            assert key == f"transfer:{head.reverses_id}:reversal", key
            key = f"reversal:{undoes}"
        for made, name in (self.hands.words | self._by_id).items():
            key = key.replace(made, name)
        self.keys[head.id] = key
        self.hands.made[key] = head.id
        return Seen(
            head.id, key, head.kind, head.effective_on, head.original_on, tuple(moves), head.leaf,
            undoes,
        )  # fmt: skip

    def _place(self, kind: str, owner_id: UUID | None, commodity: str) -> str:
        owner = self._by_id.get(str(owner_id)) if owner_id else None
        if kind == _FUND:
            return f"fund:{owner}"
        if owner_id is not None:
            return f"{kind}:{owner}"
        _word, _colon, goods_id = commodity.partition(":")
        return f"{kind}:{self._by_id.get(goods_id)}" if goods_id else kind

    @property
    def _by_id(self) -> dict[str, str]:
        return {str(made): name for name, made in self.hands.names.items()}


_HEAD = (
    Transfer.id, Transfer.natural_key, Transfer.kind, Transfer.effective_on, Transfer.original_on,
    Transfer.leaf, Transfer.reverses_id,
)  # fmt: skip
_LOT = (
    Lot.id, Lot.account_id, Lot.transfer_id, Lot.original, Lot.remaining, Lot.expires_on,
    Lot.available_on, Lot.fund_id,
)  # fmt: skip
