"""What moved in a period: every account's turnover over its days, and the fingerprint of that.

Invariant: each transfer belongs to exactly one period by its effective day, so a fingerprint that
still holds says that nothing was added to the period since, and nothing taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from audit import leaves
from ledger.models import Posting, Transfer


@dataclass(frozen=True)
class Turnover:
    """How many transfers are effective in a period, and the digest of what they moved."""

    transfers: int
    digest: bytes


def between(session: Session, community_id: UUID, after: date | None, through: date) -> Turnover:
    """The turnover of the days after ``after`` (from the first) up to and with ``through``."""
    within = days(community_id, after, through)
    count = session.scalar(select(func.count()).select_from(Transfer).where(*within)) or 0
    debits = _sums(session, community_id, Posting.debit_account_id, within)
    credits = _sums(session, community_id, Posting.credit_account_id, within)
    rows = [
        [account_id, debits.get(account_id, 0), credits.get(account_id, 0)]
        for account_id in sorted(debits.keys() | credits.keys())
    ]
    return Turnover(count, leaves.digest({"transfers": count, "accounts": rows}))


def days(community_id: UUID, after: date | None, through: date) -> list[ColumnElement[bool]]:
    """That a transfer is effective in these days."""
    found: list[ColumnElement[bool]] = [
        Transfer.community_id == community_id,
        Transfer.effective_on <= through,
    ]
    if after is not None:
        found.append(Transfer.effective_on > after)
    return found


def _sums(
    session: Session,
    community_id: UUID,
    side: InstrumentedAttribute[UUID],
    within: list[ColumnElement[bool]],
) -> dict[UUID, int]:
    joined = (Transfer.community_id == Posting.community_id) & (Transfer.id == Posting.transfer_id)
    query = (
        select(side, func.sum(Posting.amount))
        .join(Transfer, joined)
        .where(Posting.community_id == community_id, *within)
        .group_by(side)
    )
    return {account_id: int(total) for account_id, total in session.execute(query)}
