"""What accounts came to as effective on a day and as known at an instant (research/ledger.md §3.5).

Invariant: one query path for one account, for many and for all: checkpoints up to the day, and the
transfers that are not in them yet, less what was recorded after the instant. It is one statement,
so a fold that commits meanwhile is seen wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from kit.types import Day, Id, Instant
from ledger.checkpoint_models import DAY, MONTH, Checkpoint, Unfolded
from ledger.models import Account, Posting, Transfer
from ledger.turnover import SIDES, Sums


@dataclass(frozen=True)
class AsOf:
    """Which transfers count: effective on or before a day, recorded at or before an instant."""

    effective_on: date | None = None
    known_at: datetime | None = None


NOW = AsOf()
#: what the statements of this module and of `lines` are asked with
COMMUNITY = bindparam("community_id", type_=Id())
_ONLY = bindparam("only", type_=Id(), expanding=True)
ON, _MONTH = bindparam("effective_on", type_=Day()), bindparam("month", type_=Day())
KNOWN = bindparam("known_at", type_=Instant())
_OF_PEOPLE = ("wallet", "pending", "held", "owed", "hours")


def by_account(
    session: Session,
    community_id: UUID,
    as_of: AsOf = NOW,
    *,
    only: Collection[UUID] | None = None,
    small: bool = False,
) -> Sums:
    """Account → (debits, credits) of every account with turnover, or of those named.

    ``small`` says that these have few postings, as a person's accounts: what was recorded after the
    instant is then looked for among these, and not among all that was recorded since.
    """
    assert only is not None or not small, "all accounts together are not small"
    on, known_at = as_of.effective_on, as_of.known_at
    query = _query(on is not None, known_at is not None, only is not None, small)
    facts: dict[str, Any] = {"community_id": community_id}
    if on is not None:
        facts |= {"effective_on": on, "month": on.replace(day=1)}
    if known_at is not None:
        facts["known_at"] = known_at
    if only is not None:
        facts["only"] = list(only)
    # PostgreSQL tells sums of 64-bit integers as numeric. Rows without an account are those of an
    # outer join that met nothing.
    return {
        account_id: (int(debits), int(credits))
        for account_id, debits, credits in session.execute(query, facts)
        if account_id is not None and (debits or credits)
    }


def balance(session: Session, community_id: UUID, account: Account, as_of: AsOf = NOW) -> int:
    """One account's credits less its debits."""
    small = account.kind in _OF_PEOPLE
    sums = by_account(session, community_id, as_of, only=[account.id], small=small)
    debits, credits = sums.get(account.id, (0, 0))
    return credits - debits


@lru_cache
def _query(on: bool, known: bool, only: bool, small: bool) -> Select[Any]:
    """The one statement, put together once for each kind of question."""
    parts = [_folded(on, only)]
    parts += [_unfolded(on, only, side) for side in SIDES]
    if known:
        parts += [_later(on, only, small, side) for side in SIDES]
    rows = union_all(*parts).subquery()
    sums = (rows.c.account_id, func.sum(rows.c.debits), func.sum(rows.c.credits))
    return cast("Select[Any]", select(*sums).group_by(rows.c.account_id))


def _folded(on: bool, only: bool) -> Select[Any]:
    sums = (Checkpoint.account_id, Checkpoint.debits, Checkpoint.credits)
    query = cast("Select[Any]", select(*sums).where(Checkpoint.community_id == COMMUNITY))
    if only:
        query = query.where(Checkpoint.account_id.in_(_ONLY))
    if not on:
        return query.where(Checkpoint.span == MONTH)
    return query.where(
        or_(
            and_(Checkpoint.span == MONTH, Checkpoint.begins_on < _MONTH),
            and_(
                Checkpoint.span == DAY, Checkpoint.begins_on >= _MONTH, Checkpoint.begins_on <= ON
            ),
        )
    )


def _unfolded(on: bool, only: bool, side: InstrumentedAttribute[UUID]) -> Select[Any]:
    """The few transfers that no checkpoint holds yet.

    Outer joins, because they fix the order: from these few to their postings, and never through all
    postings of an account.
    """
    head = and_(
        Transfer.community_id == COMMUNITY,
        Transfer.id == Unfolded.transfer_id,
        *([Transfer.effective_on <= ON] if on else []),
    )
    return (
        _signed(side, 1)
        .select_from(Unfolded)
        .outerjoin(Transfer, head)
        .outerjoin(Posting, _posting(only, side))
        .where(Unfolded.community_id == COMMUNITY)
    )


def _later(on: bool, only: bool, small: bool, side: InstrumentedAttribute[UUID]) -> Select[Any]:
    """What was recorded after the instant, to be taken off again.

    Outer joins, as above: from the transfers since then to their postings, or, where the accounts
    have few, from all postings of theirs to those transfers.
    """
    since = [Transfer.recorded_at > KNOWN, *([Transfer.effective_on <= ON] if on else [])]
    if not small:
        found = _signed(side, -1).select_from(Transfer).outerjoin(Posting, _posting(only, side))
        return found.where(Transfer.community_id == COMMUNITY, *since)
    joined = and_(Transfer.community_id == COMMUNITY, Transfer.id == Posting.transfer_id, *since)
    # A posting that met no such transfer counts for nothing.
    found = _signed(side, -1, case((Transfer.id.is_not(None), Posting.amount), else_=0))
    return (
        found.select_from(Posting)
        .outerjoin(Transfer, joined)
        .where(Posting.community_id == COMMUNITY, side.in_(_ONLY))
    )


def _posting(only: bool, side: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    found = [Posting.community_id == COMMUNITY, Posting.transfer_id == Transfer.id]
    if only:
        found.append(side.in_(_ONLY))
    return and_(*found)


def _signed(
    side: InstrumentedAttribute[UUID], sign: int, moved: ColumnElement[int] | None = None
) -> Select[Any]:
    amount = (func.coalesce(Posting.amount, 0) if moved is None else moved) * sign
    nothing = literal(0)
    debits, credits = (amount, nothing) if side is SIDES[0] else (nothing, amount)
    return cast(
        "Select[Any]",
        select(side.label("account_id"), debits.label("debits"), credits.label("credits")),
    )
