"""What the books say, worked out again in plain Python from rows that are read once.

Invariant: nothing of the ledger's reads is used here: every figure is a sum over all postings, so
slow and plain that it can be believed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from ledger.kinds import MINUTES, POINTS
from ledger.models import Account, Lot, LotUse, Posting, Transfer

Told = dict[str, Any]


@dataclass(frozen=True)
class Recount:
    """A whole journal in memory, the oldest first."""

    accounts: dict[UUID, Row[Any]]
    heads: dict[UUID, Row[Any]]
    postings: list[Row[Any]]
    #: the same by transfer
    lines: dict[UUID, list[Row[Any]]]
    lots: list[Row[Any]]
    #: what was ever taken from each lot
    taken: Counter[UUID]

    def trial(
        self,
        commodity: str | None = None,
        effective_on: date | None = None,
        known_at: datetime | None = None,
    ) -> list[Told]:
        """Every account with turnover, by code."""
        debits, credits = self._turnover(effective_on, known_at)
        touched = [self.accounts[account_id] for account_id in debits.keys() | credits.keys()]
        return [
            {
                "account_id": account.id,
                "code": account.code,
                "kind": account.kind,
                "owner_id": account.owner_id,
                "commodity": account.commodity,
                "debits": debits[account.id],
                "credits": credits[account.id],
                "balance": credits[account.id] - debits[account.id],
            }
            for account in sorted(touched, key=lambda account: account.code)
            if commodity in (None, account.commodity)
        ]

    def accounts_listed(self, **wanted: object) -> list[Told]:
        """Accounts with what stands on them, the newest first."""
        debits, credits = self._turnover(None, None)
        return [
            {
                "id": account.id,
                "code": account.code,
                "kind": account.kind,
                "owner_id": account.owner_id,
                "commodity": account.commodity,
                "balance": credits[account.id] - debits[account.id],
                "floor": account.floor,
            }
            for account in sorted(self.accounts.values(), key=lambda one: one.id, reverse=True)
            if all(getattr(account, name) == value for name, value in wanted.items())
        ]

    def transfers_listed(self, **wanted: object) -> list[Told]:
        """Transfers with their postings, the newest first."""
        undone = {head.reverses_id: head.id for head in self.heads.values() if head.reverses_id}
        return [
            {
                "id": head.id,
                "kind": head.kind,
                "natural_key": head.natural_key,
                "effective_on": head.effective_on,
                "recorded_at": head.recorded_at,
                "source_id": head.source_id,
                "reverses_id": head.reverses_id,
                "reversed_by_id": undone.get(head.id),
                "postings": self._lines(head.id),
            }
            for head in sorted(self.heads.values(), key=lambda one: one.id, reverse=True)
            if all(getattr(head, name) == value for name, value in wanted.items())
        ]

    def statement(
        self,
        person_id: UUID,
        effective_on: date | None = None,
        known_at: datetime | None = None,
    ) -> list[Told]:
        """What touched a person's points, the newest first, each with the balance after it."""
        ours = {kind: self._account(kind, person_id) for kind in ("wallet", "owed", "pending")}
        told: list[Told] = []
        balance = 0
        for head in sorted(self.heads.values(), key=lambda one: one.id):
            lines = self.lines[head.id]
            touched = {one.debit_account_id for one in lines}
            touched |= {one.credit_account_id for one in lines}
            if not touched & set(ours.values()) or not _counts(head, effective_on, known_at):
                continue
            moved = {
                kind: sum(self._signed(one, account_id) for one in lines)
                for kind, account_id in ours.items()
            }
            balance += moved["wallet"]
            told.append(
                {
                    "transfer_id": head.id,
                    "kind": head.kind,
                    "points": moved["wallet"],
                    "owed": moved["owed"],
                    "pending": moved["pending"],
                    "balance": balance,
                    "recorded_at": head.recorded_at,
                    "effective_on": head.effective_on,
                    "source_id": head.source_id,
                }
            )
        return told[::-1]

    def wallet(self, person_id: UUID, today: date) -> Told:
        """What a person has on a day on which nothing more was recorded."""
        told = self._had(person_id, None, None)
        ahead, lots = self._to_come(person_id, today)
        days = [last for last, points in lots if last is not None and last >= today and points]
        first = min(days, default=None)
        expiry = None
        if first is not None:
            points = sum(points for last, points in lots if last == first)
            expiry = {"points": points, "on": first}
        return {name: told[name] + ahead.get(name, 0) for name in told} | {"next_expiry": expiry}

    def wallet_then(
        self, person_id: UUID, today: date, effective_on: date | None, known_at: datetime | None
    ) -> Told:
        """What a person had as of a day; what tick has yet to record was not known at any time."""
        told = self._had(person_id, effective_on, known_at)
        ahead: dict[str, int] = {}
        if known_at is None:
            ahead, _lots = self._to_come(person_id, min(today, effective_on or today))
        return {name: told[name] + ahead.get(name, 0) for name in told} | {"next_expiry": None}

    def _had(
        self, person_id: UUID, effective_on: date | None, known_at: datetime | None
    ) -> dict[str, int]:
        sums = {
            kind: sum(
                self._signed(one, account_id)
                for one in self.postings
                if _counts(self.heads[one.transfer_id], effective_on, known_at)
            )
            for kind in ("wallet", "held", "pending", "owed", "hours")
            for account_id in [self._account(kind, person_id)]
        }
        return {
            "available": sums["wallet"],
            "held": sums["held"],
            "pending": sums["pending"],
            "owed": -sums["owed"],
            "minutes": sums["hours"],
        }

    def _to_come(
        self, person_id: UUID, day: date
    ) -> tuple[dict[str, int], list[tuple[date | None, int]]]:
        """What tick would do by a day, and the lots then: first the notices that are over go to a
        debt and to the wallet, then everything past its last day lapses."""
        debt = self._had(person_id, None, None)["owed"]
        lots = [(lot.expires_on, self._left(lot)) for lot in self._lots_of("wallet", person_id)]
        waiting = sorted(
            self._lots_of("pending", person_id), key=lambda lot: (lot.available_on, lot.id)
        )
        ahead = {"available": 0, "pending": 0, "owed": 0}
        for lot in waiting:
            if lot.available_on <= day:
                points = self._left(lot)
                repaid = min(points, debt)
                debt -= repaid
                ahead["pending"] -= points
                ahead["owed"] -= repaid
                ahead["available"] += points - repaid
                lots.append((lot.expires_on, points - repaid))
        ahead["available"] -= sum(
            points for last, points in lots if last is not None and last < day
        )
        return ahead, lots

    def _turnover(
        self, effective_on: date | None, known_at: datetime | None
    ) -> tuple[Counter[UUID], Counter[UUID]]:
        debits: Counter[UUID] = Counter()
        credits: Counter[UUID] = Counter()
        for one in self.postings:
            if not _counts(self.heads[one.transfer_id], effective_on, known_at):
                continue
            debits[one.debit_account_id] += one.amount
            credits[one.credit_account_id] += one.amount
        return debits, credits

    def _lines(self, transfer_id: UUID) -> list[Told]:
        return [
            {
                "debit": self.accounts[one.debit_account_id].code,
                "credit": self.accounts[one.credit_account_id].code,
                "commodity": one.commodity,
                "amount": one.amount,
            }
            for one in sorted(self.lines[transfer_id], key=lambda one: int(one.line))
        ]

    def _lots_of(self, kind: str, person_id: UUID) -> list[Row[Any]]:
        account_id = self._account(kind, person_id)
        return [lot for lot in self.lots if lot.account_id == account_id]

    def _left(self, lot: Row[Any]) -> int:
        return int(lot.original) - self.taken[lot.id]

    def _account(self, kind: str, owner_id: UUID) -> UUID | None:
        found = [
            one.id
            for one in self.accounts.values()
            if (one.kind, one.owner_id, one.commodity)
            == (kind, owner_id, MINUTES if kind == "hours" else POINTS)
        ]
        return found[0] if found else None

    def _signed(self, one: Row[Any], account_id: UUID | None) -> int:
        if account_id is None:
            return 0
        sign: int = (one.credit_account_id == account_id) - (one.debit_account_id == account_id)
        return int(one.amount) * sign


def _counts(head: Row[Any], effective_on: date | None, known_at: datetime | None) -> bool:
    """Whether a transfer had happened by then, and was known by then."""
    happened = effective_on is None or head.effective_on <= effective_on
    return bool(happened and (known_at is None or head.recorded_at <= known_at))


def read(community_id: UUID) -> Callable[[Session], Recount]:
    """Reads every row of a community's journal once."""

    def work(session: Session) -> Recount:
        def rows(model: type[Account | Transfer | Posting | Lot | LotUse]) -> list[Row[Any]]:
            query = select(*model.__table__.columns).where(model.community_id == community_id)
            return list(session.execute(query))

        postings = rows(Posting)
        lines: dict[UUID, list[Row[Any]]] = defaultdict(list)
        for one in postings:
            lines[one.transfer_id].append(one)
        taken: Counter[UUID] = Counter()
        for use in rows(LotUse):
            taken[use.lot_id] += use.taken
        return Recount(
            lots=rows(Lot),
            taken=taken,
            accounts={row.id: row for row in rows(Account)},
            heads={row.id: row for row in rows(Transfer)},
            postings=postings,
            lines=lines,
        )

    return work
