"""Which transfers stand on a page of a statement, and what each did to the accounts.

Invariant: the page is found by walking the indexes of the accounts from the newest entry on, as far
as the page goes and no further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, bindparam, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from kit.types import Id
from ledger import past
from ledger.models import Posting, Transfer
from ledger.turnover import SIDES


def newest(
    session: Session,
    community_id: UUID,
    account_ids: Collection[UUID],
    limit: int,
    before: UUID | None,
    as_of: past.AsOf,
) -> list[UUID]:
    """The newest transfers with a posting on one of these accounts, each once."""
    query = _newest(len(account_ids), before is not None, *_asked(as_of))
    facts = {"community_id": community_id, "limit": limit, "before": before, **_facts(as_of)}
    facts |= {f"account_{number}": one for number, one in enumerate(account_ids)}
    if before is None:
        del facts["before"]
    return list(session.scalars(query, facts))


@lru_cache
def _newest(accounts: int, before: bool, on: bool, known: bool) -> Select[Any]:
    """One walk for each account and side, each in the order of its own index."""
    limit = bindparam("limit", type_=Integer())
    walks = []
    for number in range(accounts):
        for side in SIDES:
            query = _of(side, f"account_{number}", on, known, Posting.transfer_id).distinct()
            if before:
                query = query.where(Posting.transfer_id < bindparam("before", type_=Id()))
            walk = query.order_by(Posting.transfer_id.desc()).limit(limit).subquery()
            walks.append(select(walk.c.transfer_id))
    together = union_all(*walks).subquery()
    found = select(together.c.transfer_id).distinct().order_by(together.c.transfer_id.desc())
    return found.limit(limit)


def effects(
    session: Session, community_id: UUID, transfer_ids: Collection[UUID]
) -> Counter[tuple[UUID, UUID]]:
    """(Account, transfer) → what the transfer added to the account (took away: negative)."""
    rows = session.execute(
        select(
            Posting.transfer_id, Posting.debit_account_id, Posting.credit_account_id, Posting.amount
        ).where(Posting.community_id == community_id, Posting.transfer_id.in_(transfer_ids))
    )
    moved: Counter[tuple[UUID, UUID]] = Counter()
    for transfer_id, debited, credited, amount in rows:
        moved[debited, transfer_id] -= amount
        moved[credited, transfer_id] += amount
    return moved


def newer(
    session: Session, community_id: UUID, account_id: UUID, transfer_id: UUID, as_of: past.AsOf
) -> int:
    """What the transfers after this one, in the order of ids, added to the account."""
    facts = {"community_id": community_id, "account": account_id, "after": transfer_id}
    debited, credited = (
        session.scalar(_newer(number, *_asked(as_of)), {**facts, **_facts(as_of)})
        for number in range(len(SIDES))
    )
    return int(credited or 0) - int(debited or 0)


@lru_cache
def _newer(side: int, on: bool, known: bool) -> Select[Any]:
    query = _of(SIDES[side], "account", on, known, func.sum(Posting.amount))
    return query.where(Posting.transfer_id > bindparam("after", type_=Id()))


def _asked(as_of: past.AsOf) -> tuple[bool, bool]:
    return as_of.effective_on is not None, as_of.known_at is not None


def _facts(as_of: past.AsOf) -> dict[str, Any]:
    named = {"effective_on": as_of.effective_on, "known_at": as_of.known_at}
    return {name: value for name, value in named.items() if value is not None}


def _of(
    side: InstrumentedAttribute[UUID], account: str, on: bool, known: bool, wanted: Any
) -> Select[Any]:
    query = select(wanted).where(
        Posting.community_id == past.COMMUNITY, side == bindparam(account, type_=Id())
    )
    # Asked of each posting by itself: a join would let the planner begin with all transfers of the
    # time, and lose the order in which the walk goes.
    if on:
        query = query.where(_of_head(Transfer.effective_on) <= past.ON)
    return query.where(_of_head(Transfer.recorded_at) <= past.KNOWN) if known else query


def _of_head(column: Any) -> Any:
    found = select(column).where(
        Transfer.community_id == past.COMMUNITY, Transfer.id == Posting.transfer_id
    )
    return found.correlate(Posting).scalar_subquery()
