"""Checkpoints of the accounts' turnover: folded in from transfers, thrown away, made again.

Invariant: one unit takes unfolded rows away and adds what their postings came to, or does neither.
So any number of folders may run at once, and be stopped at any point (ledger.checkpoint_models).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ledger import turnover
from ledger.checkpoint_models import DAY, MONTH, Checkpoint, Unfolded
from ledger.models import Account, Posting, Transfer

#: Transfers of one unit: short, so that nobody waits for it long.
AT_ONCE = 250
_KEY = ["community_id", "account_id", "span", "begins_on"]

Spans = dict[tuple[UUID, str, date], list[int]]
"""(Account, span, first day) → [debits, credits]."""


def fold(session: Session, community_id: UUID, at: datetime) -> int:
    """Bring some transfers into the checkpoints; how many, so that 0 says that all are in.

    Leaves out what was recorded after ``at``: a tick comes to its end while others write.
    """
    taken = _take(session, community_id, at)
    if taken:
        _add(session, community_id, _spans(session, community_id, taken))
    return len(taken)


def rebuild(session: Session, community_id: UUID) -> int:
    """Throw a community's checkpoints away and make them from the postings; how many there are.

    The first thing in its unit, on one snapshot: a fold that commits meanwhile makes the database
    ask for another try.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    session.execute(
        delete(Checkpoint)
        .where(Checkpoint.community_id == community_id)
        .execution_options(synchronize_session=False)
    )
    made = 0
    found = select(Account.id).where(Account.community_id == community_id).order_by(Account.id)
    for account_id in session.scalars(found).all():
        spans: Spans = {}
        days = turnover.folded_by_day(session, community_id, account_id)
        for day, (debits, credits) in days.items():
            _count(spans, account_id, day, debits, credits)
        if spans:
            session.execute(insert(Checkpoint), _rows(community_id, spans))
            made += len(spans)
    return made


def _take(session: Session, community_id: UUID, at: datetime) -> list[UUID]:
    """Some unfolded transfers; their rows are gone, so nobody else folds them."""
    # Asked of each row by itself, so that the few are read and not all that was ever recorded.
    recorded_at = (
        select(Transfer.recorded_at)
        .where(Transfer.community_id == community_id, Transfer.id == Unfolded.transfer_id)
        .scalar_subquery()
    )
    due = session.scalars(
        select(Unfolded.transfer_id)
        .where(Unfolded.community_id == community_id, recorded_at <= at)
        .order_by(Unfolded.transfer_id)
        .limit(AT_ONCE)
    ).all()
    if not due:
        return []
    # Another folder that took one of them first is waited for, and then it is not ours.
    mine = session.scalars(
        delete(Unfolded)
        .where(Unfolded.community_id == community_id, Unfolded.transfer_id.in_(due))
        .returning(Unfolded.transfer_id)
        .execution_options(synchronize_session=False)
    )
    return list(mine)


def _spans(session: Session, community_id: UUID, transfer_ids: Collection[UUID]) -> Spans:
    spans: Spans = {}
    head = (Transfer.community_id == community_id) & (Transfer.id == Posting.transfer_id)
    rows = session.execute(
        select(
            Transfer.effective_on,
            Posting.debit_account_id,
            Posting.credit_account_id,
            Posting.amount,
        )
        .select_from(Posting)
        .outerjoin(Transfer, head)
        .where(Posting.community_id == community_id, Posting.transfer_id.in_(transfer_ids))
    )
    for day, debited, credited, amount in rows:
        _count(spans, debited, day, amount, 0)
        _count(spans, credited, day, 0, amount)
    return spans


def _count(spans: Spans, account_id: UUID, day: date, debits: int, credits: int) -> None:
    for span, begins_on in ((DAY, day), (MONTH, day.replace(day=1))):
        sums = spans.setdefault((account_id, span, begins_on), [0, 0])
        sums[0] += debits
        sums[1] += credits


def _add(session: Session, community_id: UUID, spans: Spans) -> None:
    chosen = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    there = chosen(Checkpoint)
    adding = there.on_conflict_do_update(
        index_elements=_KEY,
        set_={
            "debits": Checkpoint.debits + there.excluded.debits,
            "credits": Checkpoint.credits + there.excluded.credits,
        },
    )
    session.execute(adding, _rows(community_id, spans))


def _rows(community_id: UUID, spans: Spans) -> list[dict[str, Any]]:
    """Rows in the order of their keys, in which every folder comes to them."""
    return [
        {
            "community_id": community_id,
            "account_id": account_id,
            "span": span,
            "begins_on": begins_on,
            "debits": debits,
            "credits": credits,
        }
        for (account_id, span, begins_on), (debits, credits) in sorted(spans.items())
    ]
