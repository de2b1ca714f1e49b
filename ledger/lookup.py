"""What a unit must know before it records: its accounts, their held balances, the keys in use.

Invariant: when this has answered, every guarded row that the drafts concern is held in lock order,
so no balance that was read here changes before the unit ends. A key may still be taken by a unit
that waited: then writing finds it taken, and the unit is run again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from ledger import accounts, hopes
from ledger.accounts import Place
from ledger.drafts import Draft
from ledger.found import UNREAD, AsRead, Found, Opened
from ledger.guards import Standing
from ledger.kinds import LOCK_RANK


def look_up(session: Session, community_id: UUID, drafts: Sequence[Draft], at: datetime) -> Found:
    """Open the accounts that are missing, hold the guarded rows, and find the keys in use.

    Who is credited has an account for debts beside the wallet from the first time on: its row is
    held together with the wallet's, so a debt that another unit is just making is not overlooked.
    Beside a shelf stands what is set aside of it: who opened that only now would hold the shelf
    before it, against the lock order, and many who order a new thing at once would lock up.
    """
    legs = [leg for draft in drafts for leg in draft.legs]
    places = {place for leg in legs for place in (leg.debit, leg.credit)}
    owners = {leg.credit.owner_id for leg in legs if leg.credit.kind == "wallet"}
    places |= {accounts.owed(owner) for owner in owners if owner is not None}
    filled = {leg.credit.owner_id for leg in legs if leg.credit.kind == "shelf"}
    places |= {accounts.set_aside(goods_id) for goods_id in filled if goods_id is not None}
    by_code = {place.code: place for place in places}
    keys = [draft.key for draft in drafts]
    found = _ask(session, community_id, by_code, keys)
    if len(found.known) < len(places):
        accounts.open_all(session, community_id=community_id, places=places, at=at)
        found = _ask(session, community_id, by_code, keys)
    assert len(found.known) == len(places), "every account that is named is open"
    hopes.learn(session, community_id, found.known)
    return found


def _ask(
    session: Session, community_id: UUID, by_code: dict[str, Place], keys: Collection[str]
) -> Found:
    """One statement for everything; guarded rows are held in lock order, the busiest last."""
    session.flush()
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        values: Any = {"community_id": community_id}
        values |= {f"c{number}": code for number, code in enumerate(by_code)}
        values |= {f"k{number}": key for number, key in enumerate(keys)}
        text = _on_postgresql(len(by_code), len(keys))
    else:
        one = str(community_id)
        values = (one, *by_code, one, *keys, one)
        text = _on_sqlite(len(by_code), len(keys))
    known: dict[Place, Opened] = {}
    guarded: list[tuple[int, UUID, Standing]] = []
    recorded: dict[str, UUID] = {}
    calendar = UNREAD
    for what, found, kind, floor, balance, *days in connection.exec_driver_sql(text, values):
        if found is None:
            calendar = AsRead(what, *map(_day, days))
            continue
        row_id = found if isinstance(found, UUID) else UUID(found)
        if kind is None:
            recorded[what] = row_id
            continue
        known[by_code[what]] = Opened(row_id, floor)
        if floor is not None:
            assert balance is not None, f"a guarded account has its balance row: {what}"
            guarded.append((LOCK_RANK[kind], row_id, Standing(kind, balance, floor)))
    guarded.sort(key=lambda one: one[:2])
    standing = {account_id: now for _rank, account_id, now in guarded}
    return Found(known, standing, recorded, calendar)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


_RANKED = " ".join(f"WHEN '{kind}' THEN {rank}" for kind, rank in LOCK_RANK.items())


@lru_cache(maxsize=200)
def _on_postgresql(codes: int, keys: int) -> str:
    """Lists and no arrays: for an array of unknown length each call would be planned anew."""
    listed = ", ".join(f"%(c{number})s" for number in range(codes))
    named = ", ".join(f"%(k{number})s" for number in range(keys))
    return f"""
WITH held AS (
 SELECT a.code, a.id, a.kind, a.floor, b.balance FROM ledger_balances b
 JOIN ledger_accounts a ON a.community_id = b.community_id AND a.id = b.account_id
 WHERE b.community_id = %(community_id)s AND a.community_id = %(community_id)s
 AND a.code IN ({listed}) AND a.floor IS NOT NULL
 ORDER BY CASE a.kind {_RANKED} END, b.account_id FOR NO KEY UPDATE OF b
)
SELECT code, id, kind, floor, balance, NULL::date, NULL::date FROM held
UNION ALL
SELECT a.code, a.id, a.kind, NULL, NULL, NULL, NULL FROM ledger_accounts a
WHERE a.community_id = %(community_id)s AND a.code IN ({listed}) AND a.floor IS NULL
UNION ALL
SELECT t.natural_key, t.id, NULL, NULL, NULL, NULL, NULL FROM ledger_transfers t
WHERE t.community_id = %(community_id)s AND t.natural_key IN ({named})
UNION ALL
SELECT k.zone, NULL, NULL, NULL, NULL, k.closed_through, k.grace_until FROM ledger_books k
WHERE k.community_id = %(community_id)s
"""


@lru_cache(maxsize=200)
def _on_sqlite(codes: int, keys: int) -> str:
    """The same for an engine where a unit that writes is alone from its start."""
    return f"""
SELECT a.code, a.id, a.kind, a.floor, b.balance, NULL, NULL FROM ledger_accounts a
LEFT JOIN ledger_balances b ON b.community_id = a.community_id AND b.account_id = a.id
WHERE a.community_id = ? AND a.code IN ({", ".join("?" * codes)})
UNION ALL
SELECT t.natural_key, t.id, NULL, NULL, NULL, NULL, NULL FROM ledger_transfers t
WHERE t.community_id = ? AND t.natural_key IN ({", ".join("?" * keys)})
UNION ALL
SELECT k.zone, NULL, NULL, NULL, NULL, k.closed_through, k.grace_until FROM ledger_books k
WHERE k.community_id = ?
"""
