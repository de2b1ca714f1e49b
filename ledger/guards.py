"""Guarded balances: held in one order by every unit, changed by conditional UPDATEs (design D4).

Invariant: a balance never stands below its floor or above the largest amount; who would bring it
there changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from kit.types import AMOUNT_MAX
from ledger.errors import Short, TooMuch
from ledger.kinds import LOCK_RANK
from ledger.models import Account, Balance

_RANK = case(LOCK_RANK, value=Account.kind)


@dataclass(frozen=True)
class Standing:
    """A guarded account as its held row tells it."""

    kind: str
    balance: int
    floor: int


def hold(
    session: Session, community_id: UUID, account_ids: Collection[UUID]
) -> dict[UUID, Standing]:
    """The guarded ones of these accounts, their rows held until the unit ends.

    In lock order, then by id: the busiest last. Whoever waits here reads what the one before left.
    """
    if not account_ids:
        return {}
    rows = session.execute(
        select(Balance.account_id, Account.kind, Balance.balance, Balance.floor)
        .join(
            Account,
            (Account.community_id == Balance.community_id) & (Account.id == Balance.account_id),
        )
        .where(
            Balance.community_id == community_id,
            Account.community_id == community_id,
            Balance.account_id.in_(sorted(account_ids)),
        )
        .order_by(_RANK, Balance.account_id)
        .with_for_update(of=Balance, key_share=True)
    )
    return {row.account_id: Standing(row.kind, int(row.balance), int(row.floor)) for row in rows}


def refuse_unless_fit(deltas: Mapping[UUID, int], standing: Mapping[UUID, Standing]) -> None:
    """Raise for the first guarded account, in lock order, that the deltas would bring out of
    bounds: Short below its floor, TooMuch above the largest amount."""
    for account_id, now in standing.items():
        delta = deltas.get(account_id, 0)
        if now.balance + delta > AMOUNT_MAX:
            raise TooMuch(account_id)
        if delta < 0 and now.balance + delta < now.floor:
            raise Short(now.kind, account_id, now.balance - now.floor, -delta)
