"""Proof of the balances: each guarded row against the postings, the floor and the lots.

Invariant: the sum of postings is the truth, and a balance row is judged by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit import paging, texts
from kit.problems import Problem
from ledger.accounts import NO_FLOOR
from ledger.kinds import GUARDED
from ledger.models import Balance, Lot
from ledger.pages import Accounts, Known


class Kept(NamedTuple):
    """A balance row."""

    account_id: str
    balance: int
    floor: int


def problems(session: Session, community_id: UUID, known: Accounts) -> Iterator[Problem]:
    """What is wrong with accounts and balances, given what the postings of each come to."""
    rows = _kept(session, community_id)
    remaining = _remaining(session, community_id)
    for account_id, account in known.items():
        yield from _of_account(account)
        row = rows.pop(account_id, None)
        if row is not None:
            yield from _of_row(account, row)
        elif account.floor is not None:
            facts = {"account_id": account_id, "postings": account.turnover}
            yield Problem("balance_missing", _subject(account), facts)
        left = remaining.pop(account_id, 0)
        held = row.balance if row is not None else account.turnover
        if account.in_lots and left != held:
            facts = {"account_id": account_id, "balance": held, "lots": left}
            yield Problem("lots_differ_from_balance", _subject(account), facts)
        elif not account.in_lots and left:
            yield Problem("lots_of_other_account", _subject(account), {"lots": left})
    for account_id in sorted(rows.keys() | remaining.keys()):
        yield Problem("balance_without_account", f"account:{account_id}")
    yield from _trial(known)


def _kept(session: Session, community_id: UUID) -> dict[str, Kept]:
    rows = paging.rows(
        session,
        select(texts.plain(Balance.account_id), Balance.balance, Balance.floor).where(
            Balance.community_id == community_id
        ),
    )
    return {row[0]: Kept._make(row) for row in rows}


def _of_account(account: Known) -> Iterator[Problem]:
    """An account's facts against its code, which the fingerprints of its postings name."""
    owner = f":{account.owner_id}" if account.owner_id else ""
    if f"{account.kind}{owner}:{account.commodity}" != account.code:
        facts = {"kind": account.kind, "owner_id": account.owner_id}
        yield Problem("account_code_wrong", _subject(account), facts)
    floor = 0 if account.kind in GUARDED else NO_FLOOR if account.kind == "owed" else None
    budgeted = account.kind == "fund_points" and account.floor == 0
    if account.floor != floor and not budgeted:
        yield Problem("account_floor_wrong", _subject(account), {"floor": account.floor})


def _of_row(account: Known, row: Kept) -> Iterator[Problem]:
    subject, facts = _subject(account), {"account_id": account.id, "balance": row.balance}
    if account.floor is None:
        yield Problem("balance_not_wanted", subject, facts)
    if row.floor != account.floor:
        yield Problem("balance_floor_wrong", subject, {**facts, "floor": row.floor})
    if row.balance != account.turnover:
        yield Problem("balance_wrong", subject, {**facts, "postings": account.turnover})
    if account.floor is not None and row.balance < account.floor:
        yield Problem("balance_below_floor", subject, {**facts, "floor": account.floor})
    if account.kind == "owed" and row.balance > 0:
        yield Problem("owed_above_zero", subject, facts)


def _remaining(session: Session, community_id: UUID) -> dict[str, int]:
    rows = session.execute(
        select(texts.plain(Lot.account_id), func.sum(Lot.remaining))
        .where(Lot.community_id == community_id)
        .group_by(Lot.account_id)
    )
    return {account_id: int(total) for account_id, total in rows}


def _trial(known: Accounts) -> Iterator[Problem]:
    """Per commodity, all balances together come to nothing."""
    totals: Counter[str] = Counter()
    # A posting to an account that is not there is named by the proof of the journal.
    for account in (*known.values(), *known.strangers.values()):
        totals[account.commodity] += account.turnover
    for commodity, total in sorted(totals.items()):
        if total != 0:
            yield Problem("trial_balance_not_zero", f"commodity:{commodity}", {"total": total})


def _subject(account: Known) -> str:
    return f"account:{account.code}"
