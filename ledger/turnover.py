"""Sums of postings by account, from which every balance can be told again.

Invariant: reads postings alone; neither a guarded balance row nor a checkpoint is looked at here.
"""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.checkpoint_models import Unfolded
from ledger.models import Posting, Transfer

K = TypeVar("K")
Sums = dict[UUID, tuple[int, int]]
"""Account → (debits, credits)."""
SIDES = (Posting.debit_account_id, Posting.credit_account_id)


def by_account(session: Session, community_id: UUID) -> Sums:
    """The turnover of every account that has some."""
    debits, credits = (_sums(session, community_id, side) for side in SIDES)
    return _paired(debits, credits)


def folded_by_day(
    session: Session, community_id: UUID, account_id: UUID
) -> dict[date, tuple[int, int]]:
    """Effective day → (debits, credits) of one account, without the unfolded transfers."""
    debits, credits = (_by_day(session, community_id, side, account_id) for side in SIDES)
    return _paired(debits, credits)


def _paired(debits: dict[K, int], credits: dict[K, int]) -> dict[K, tuple[int, int]]:
    return {
        key: (debits.get(key, 0), credits.get(key, 0)) for key in debits.keys() | credits.keys()
    }


def _sums(
    session: Session, community_id: UUID, side: InstrumentedAttribute[UUID]
) -> dict[UUID, int]:
    query = (
        select(side, func.sum(Posting.amount))
        .where(Posting.community_id == community_id)
        .group_by(side)
    )
    # PostgreSQL tells sums of 64-bit integers as numeric.
    return {account_id: int(total) for account_id, total in session.execute(query)}


def _by_day(
    session: Session, community_id: UUID, side: InstrumentedAttribute[UUID], account_id: UUID
) -> dict[date, int]:
    unfolded = (
        select(Unfolded.transfer_id)
        .where(Unfolded.community_id == community_id, Unfolded.transfer_id == Posting.transfer_id)
        .exists()
    )
    head = (Transfer.community_id == community_id) & (Transfer.id == Posting.transfer_id)
    # An outer join, because it fixes the order: from the account's postings to their transfers.
    query = (
        select(Transfer.effective_on, func.sum(Posting.amount))
        .select_from(Posting)
        .outerjoin(Transfer, head)
        .where(Posting.community_id == community_id, side == account_id, ~unfolded)
        .group_by(Transfer.effective_on)
    )
    # A posting whose transfer is not there has no day; the proof of the journal names it.
    rows: Any = session.execute(query)
    return {day: int(total) for day, total in rows if day is not None}
