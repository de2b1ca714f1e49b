"""What the ledger's reads answer with.

Invariant: plain frozen facts; amounts are integers, balances are credits minus debits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Expiry:
    """How many points lapse first, and the last day on which they may be spent."""

    points: int
    on: date


@dataclass(frozen=True)
class Wallet:
    """What a person has, in points; ``owed`` is a debt told as a positive number."""

    available: int
    held: int
    owed: int
    minutes: int
    pending: int = 0
    next_expiry: Expiry | None = None


@dataclass(frozen=True)
class StatementLine:
    """One transfer as the wallet saw it; ``balance`` is the wallet's after it.

    ``points`` is signed. ``owed`` tells what it changed of a debt: positive where it repaid;
    ``pending`` what it changed of the points on notice.
    """

    transfer_id: UUID
    kind: str
    points: int
    balance: int
    recorded_at: datetime
    effective_on: date
    source_type: str
    source_id: UUID
    owed: int = 0
    pending: int = 0
    #: the day it belongs to, where that lies in a closed period
    original_on: date | None = None


@dataclass(frozen=True)
class TrialRow:
    """One account's turnover; ``balance`` is credits minus debits."""

    account_id: UUID
    code: str
    kind: str
    owner_id: UUID | None
    commodity: str
    debits: int
    credits: int

    @property
    def balance(self) -> int:
        """Credits minus debits."""
        return self.credits - self.debits


@dataclass(frozen=True)
class AccountView:
    """An account and what stands on it."""

    id: UUID
    code: str
    kind: str
    owner_id: UUID | None
    commodity: str
    balance: int
    floor: int | None
    opened_at: datetime


@dataclass(frozen=True)
class PostingView:
    """One line of a transfer; ``debit`` and ``credit`` are the codes of the accounts."""

    line: int
    debit_account_id: UUID
    debit: str
    credit_account_id: UUID
    credit: str
    commodity: str
    amount: int


@dataclass(frozen=True)
class TransferView:
    """A transfer with its postings; ``reversed_by_id`` names the one that undid it.

    ``original_on``: the day it belongs to, where that lies in a closed period.
    """

    id: UUID
    kind: str
    natural_key: str
    effective_on: date
    original_on: date | None
    recorded_at: datetime
    actor_id: UUID | None
    source_type: str
    source_id: UUID
    fund_id: UUID | None
    evidence: str | None
    reason_code: str | None
    text_digest: bytes | None
    reverses_id: UUID | None
    reversed_by_id: UUID | None
    leaf: bytes
    postings: tuple[PostingView, ...]
