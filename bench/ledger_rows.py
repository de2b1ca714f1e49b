"""The rows of a transfer, worked out in memory as ledger.entering writes them, for bulk.

Invariant: balances and lots are moved as the ledger moves them, in order of expiry and of age; they
are written once at the end, so what stands in the books is what the postings come to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from audit import leaves
from audit.actions import Action
from audit.models import Entry, Unsealed
from bench.bulk import Bulk
from kit import ids
from kit.db import Database
from ledger import entering
from ledger.accounts import Place
from ledger.checkpoint_models import DAY, MONTH, Checkpoint
from ledger.drafts import Draft, Leg
from ledger.kinds import GUARDED, IN_LOTS
from ledger.models import Account, Balance, Lot, LotUse, Posting, Transfer

Row = dict[str, Any]
_ORDER = [column.name for column in Transfer.__table__.columns]


@dataclass(frozen=True)
class Who:
    """One request: whose, when, and under which number."""

    actor_id: UUID
    at: datetime
    request_id: UUID


@dataclass
class Ledger:
    """The books of one community while they are filled."""

    community_id: UUID
    rows: Bulk
    #: place → id
    known: dict[Place, UUID]
    opened_at: datetime
    #: accounts that stand in the database already; their balance rows are not ours to write
    before: set[UUID]
    balances: Counter[UUID] = field(default_factory=Counter)
    lots: dict[UUID, list[Row]] = field(default_factory=lambda: defaultdict(list))
    #: (account, span, first day) → debits and credits, as the fold would have made them
    spans: dict[tuple[UUID, str, date], list[int]] = field(
        default_factory=lambda: defaultdict(lambda: [0, 0])
    )
    postings: int = 0
    #: what the last transfer took from lots
    used: list[Row] = field(default_factory=list)

    def record(
        self,
        draft: Draft,
        who: Who,
        back: list[Row] | None = None,
    ) -> UUID:
        """Write one transfer; ``back`` are the uses that it gives back."""
        head: Row = dict.fromkeys(_ORDER)
        head |= {
            "community_id": self.community_id, "id": ids.new(), "kind": draft.kind,
            "natural_key": draft.key, "effective_on": draft.effective_on, "recorded_at": who.at,
            "actor_id": who.actor_id, "source_type": draft.source[0], "source_id": draft.source[1],
            "fund_id": draft.fund_id, "evidence": draft.evidence,
            "reason_code": draft.reason_code, "text_digest": draft.text_digest,
            "reverses_id": draft.reverses_id, "request_id": who.request_id,
        }  # fmt: skip
        told = []
        for line, leg in enumerate(draft.legs):
            made = draft.makes_lot(leg)
            fund_id = draft.fund_id if made else None
            lot = (leg.available_on, leg.expires_on, leg.unit_cost_fen, fund_id)
            told.append([line, leg.debit.code, leg.credit.code, leg.amount, *lot])
        head.pop("leaf")
        head["leaf"] = entering.leaf_of(head, told)
        self.rows.add(Transfer, head)
        self._unsealed("transfer", head)
        for line, leg in enumerate(draft.legs):
            self._post(head, line, leg, draft, back)
        transfer_id: UUID = head["id"]
        return transfer_id

    def tell(
        self,
        action: Action,
        subject: tuple[str, UUID],
        who: Who,
        **facts: Any,
    ) -> None:
        """Write one audit entry; ``row`` is what it covers."""
        row = facts.pop("row", None)
        entry: Row = {
            "community_id": self.community_id, "id": ids.new(), "at": who.at,
            "actor_id": who.actor_id, "via": "api", "action": str(action),
            "subject_type": subject[0], "subject_id": subject[1],
            "refused": None, "reason_code": facts.pop("reason", None),
            "text_digest": None, "request_id": who.request_id,
            "before": leaves.plain(facts.pop("before", None)),
            "after": leaves.plain(facts.pop("after", None)),
            "row_digest": leaves.digest(row) if row is not None else None,
        }  # fmt: skip
        entry["leaf"] = leaves.leaf("entry", entry)
        self.rows.add(Entry, entry)
        self._unsealed("entry", entry)

    def spendable(self, place: Place) -> int:
        """What stands on a guarded account now."""
        return self.balances[self.known[place]] if place in self.known else 0

    def close(self) -> None:
        """Write lots, accounts, balances and checkpoints as they stand at the end."""
        for (account_id, span, begins_on), (debits, credits) in self.spans.items():
            row = {"account_id": account_id, "span": span, "begins_on": begins_on}
            row |= {"debits": debits, "credits": credits}
            self.rows.add(Checkpoint, row | {"community_id": self.community_id})
        for place, account_id in self.known.items():
            for lot in self.lots[account_id]:
                self.rows.add(Lot, lot)
            if account_id in self.before:
                self.rows.set_balance(self.community_id, account_id, self.balances[account_id])
                continue
            floor = 0 if place.kind in GUARDED else None
            account = {
                "community_id": self.community_id, "id": account_id, "code": place.code,
                "kind": place.kind, "commodity": place.commodity, "owner_id": place.owner_id,
                "floor": floor, "opened_at": self.opened_at,
            }  # fmt: skip
            self.rows.add(Account, account)
            if floor is not None:
                balance = {"account_id": account_id, "balance": self.balances[account_id]}
                self.rows.add(
                    Balance, balance | {"community_id": self.community_id, "floor": floor}
                )

    def _unsealed(self, kind: str, row: Row) -> None:
        told = {"community_id": self.community_id, "kind": kind, "subject_id": row["id"]}
        self.rows.add(Unsealed, told | {"leaf": row["leaf"]})

    def _post(self, head: Row, line: int, leg: Leg, draft: Draft, back: list[Row] | None) -> None:
        debit, credit = self._open(leg.debit), self._open(leg.credit)
        spot = {"community_id": self.community_id, "transfer_id": head["id"], "line": line}
        accounts = {"debit_account_id": debit, "credit_account_id": credit}
        self.rows.add(
            Posting, spot | accounts | {"commodity": leg.debit.commodity, "amount": leg.amount}
        )
        self.postings += 1
        self.balances[debit] -= leg.amount
        self.balances[credit] += leg.amount
        on = head["effective_on"]
        for span, begins_on in ((DAY, on), (MONTH, on.replace(day=1))):
            self.spans[debit, span, begins_on][0] += leg.amount
            self.spans[credit, span, begins_on][1] += leg.amount
        if leg.debit.kind in IN_LOTS:
            self._take(spot, debit, leg.amount, draft.takes_first)
        if draft.makes_lot(leg):
            made = {
                "id": ids.new(), "account_id": credit, "original": leg.amount,
                "remaining": leg.amount, "available_on": leg.available_on,
                "expires_on": leg.expires_on, "fund_id": draft.fund_id,
                "unit_cost_fen": leg.unit_cost_fen,
            }  # fmt: skip
            self.lots[credit].append(spot | made)
        elif leg.credit.kind in IN_LOTS:
            by_id = {lot["id"]: lot for lot in self.lots[credit]}
            for use in back or ():
                if use["lot_id"] in by_id:
                    by_id[use["lot_id"]]["remaining"] += use["taken"]
                    self.rows.add(LotUse, use | spot | {"taken": -use["taken"]})

    def _take(self, spot: Row, account_id: UUID, amount: int, first: tuple[UUID, ...]) -> None:
        self.used = [] if spot["line"] == 0 else self.used
        lots = [lot for lot in self.lots[account_id] if lot["remaining"]]
        lots.sort(
            key=lambda lot: (
                lot["transfer_id"] not in first, lot["expires_on"] or date.max, lot["id"],
            )
        )  # fmt: skip
        left = amount
        for lot in lots:
            part = min(left, lot["remaining"])
            if part:
                lot["remaining"] -= part
                left -= part
                use = spot | {"lot_id": lot["id"], "taken": part}
                self.used.append(use)
                self.rows.add(LotUse, use)
        assert left == 0, "the lots hold what the balance says"

    def _open(self, place: Place) -> UUID:
        if place not in self.known:
            self.known[place] = ids.new()
        return self.known[place]


def opened(database: Database, community_id: UUID, rows: Bulk, at: datetime) -> Ledger:
    """The books as they stand now: to be gone on with."""

    def read(session: Any) -> dict[Place, UUID]:
        found = session.scalars(select(Account).where(Account.community_id == community_id))
        return {Place(row.kind, row.owner_id, row.commodity): row.id for row in found}

    known = database.read(read, community_id=community_id)
    return Ledger(community_id, rows, known, at, set(known.values()))
