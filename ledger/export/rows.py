"""What an export reads: accounts, transfers with their postings, and what the books say stands.

Invariant: transfers come once each in the order of ids, a page at a time; a guarded account's
balance is its kept row and never a sum, so that the other program proves what we keep.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from kit import ids
from ledger import turnover
from ledger.models import Account, Balance, Posting, Transfer

PAGE = 500


@dataclass(frozen=True)
class Opened:
    """An account and the first day it is seen on: opened then, or named by a backdated transfer."""

    id: UUID
    code: str
    kind: str
    owner_id: UUID | None
    commodity: str
    opened_at: datetime
    first_on: date
    #: credits minus debits, as the books say it stands now
    balance: int


@dataclass(frozen=True)
class Entry:
    """One transfer: its head, and its postings in line order."""

    head: Row[Any]
    postings: list[Row[Any]]


@dataclass
class Counted:
    """How much an export told, for its last line: a text that was cut off has none."""

    transfers: int = field(default=0)
    postings: int = field(default=0)

    def add(self, entry: Entry) -> None:
        """One more."""
        self.transfers += 1
        self.postings += len(entry.postings)

    def __str__(self) -> str:
        return f"the end: {self.transfers} transfers, {self.postings} postings"


def opened(session: Session, community_id: UUID) -> dict[UUID, Opened]:
    """Every account of a community, the oldest first."""
    firsts = _first_days(session, community_id)
    standing = _standing(session, community_id)
    found: dict[UUID, Opened] = {}
    for row in session.execute(
        select(*Account.__table__.columns)
        .where(Account.community_id == community_id)
        .order_by(Account.id)
    ):
        day = row.opened_at.astimezone(UTC).date()
        found[row.id] = Opened(
            id=row.id,
            code=row.code,
            kind=row.kind,
            owner_id=row.owner_id,
            commodity=row.commodity,
            opened_at=row.opened_at,
            first_on=min(day, firsts.get(row.id, day)),
            balance=standing.get(row.id, 0),
        )
    return found


def codes(session: Session, community_id: UUID) -> dict[UUID, str]:
    """The code of every account."""
    query = select(Account.id, Account.code).where(Account.community_id == community_id)
    return {account_id: code for account_id, code in session.execute(query)}


def closing_on(session: Session, community_id: UUID, found: dict[UUID, Opened]) -> date | None:
    """The day after everything, on which the balances are asserted; none without accounts."""
    last = session.scalar(
        select(func.max(Transfer.effective_on)).where(Transfer.community_id == community_id)
    )
    days = [account.first_on for account in found.values()] + ([last] if last else [])
    return max(days) + timedelta(days=1) if days else None


def entries(session: Session, community_id: UUID) -> Iterator[Entry]:
    """Every transfer in the order of ids."""
    after = ids.NIL
    while True:
        heads = session.execute(
            select(*Transfer.__table__.columns)
            .where(Transfer.community_id == community_id, Transfer.id > after)
            .order_by(Transfer.id)
            .limit(PAGE)
        ).all()
        if not heads:
            return
        postings = _postings(session, community_id, after, heads[-1].id)
        for head in heads:
            yield Entry(head, postings[head.id])
        after = heads[-1].id


def _postings(
    session: Session, community_id: UUID, after: UUID, last: UUID
) -> dict[UUID, list[Row[Any]]]:
    found: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(
        select(*Posting.__table__.columns)
        .where(
            Posting.community_id == community_id,
            Posting.transfer_id > after,
            Posting.transfer_id <= last,
        )
        .order_by(Posting.transfer_id, Posting.line)
    ):
        found[row.transfer_id].append(row)
    return found


def _first_days(session: Session, community_id: UUID) -> dict[UUID, date]:
    """The earliest effective day of every account with turnover."""
    found: dict[UUID, date] = {}
    for side in (Posting.debit_account_id, Posting.credit_account_id):
        for account_id, day in _first_days_of(session, community_id, side):
            found[account_id] = min(day, found.get(account_id, day))
    return found


def _first_days_of(
    session: Session, community_id: UUID, side: InstrumentedAttribute[UUID]
) -> list[tuple[UUID, date]]:
    joined = (Transfer.community_id == Posting.community_id) & (Transfer.id == Posting.transfer_id)
    query = (
        select(side, func.min(Transfer.effective_on))
        .join(Transfer, joined)
        .where(Posting.community_id == community_id, Transfer.community_id == community_id)
        .group_by(side)
    )
    return [(account_id, day) for account_id, day in session.execute(query)]


def _standing(session: Session, community_id: UUID) -> dict[UUID, int]:
    """What the books say stands on each account: its kept row, or the sum of its postings."""
    sums = turnover.by_account(session, community_id)
    found = {account_id: credits - debits for account_id, (debits, credits) in sums.items()}
    kept = select(Balance.account_id, Balance.balance).where(Balance.community_id == community_id)
    found.update({account_id: balance for account_id, balance in session.execute(kept)})
    return found
