"""Proof of the checkpoints: each is what the postings come to, or is named.

Invariant: holds one number for each account and side, however many days there are: the amounts
weighted by a number that is drawn anew for each day. Where two such numbers differ, the days of
that account are compared one by one; that two different histories have the same number is as
likely as guessing 61 bits.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import paging, texts
from kit.problems import Problem
from ledger import turnover
from ledger.checkpoint_models import DAY, Checkpoint
from ledger.pages import Accounts

_WEIGHT_BITS = 61
_NOTHING = (0, 0)


class Kept(NamedTuple):
    """A checkpoint, as the driver reads it."""

    account_id: str
    span: str
    begins_on: str
    debits: int
    credits: int


class Weights(dict[str, int]):
    """Day → the number that is drawn for it."""

    def __missing__(self, day: str) -> int:
        return self.setdefault(day, secrets.randbits(_WEIGHT_BITS))


def problems(
    session: Session, community_id: UUID, known: Accounts, weights: Weights
) -> Iterator[Problem]:
    """What is wrong with the checkpoints, given what each account's folded postings come to."""
    left = {
        account.id: (account.folded_debits, account.folded_credits)
        for account in (*known.values(), *known.strangers.values())
        if account.folded_debits or account.folded_credits
    }
    for account_id, found in groupby(_kept(session, community_id), key=itemgetter(0)):
        rows = list(found)
        debits = credits = 0
        for _account_id, span, begins_on, debited, credited in rows:
            if span == DAY:
                weight = weights[begins_on]
                debits += weight * debited
                credits += weight * credited
        if (debits, credits) != left.pop(account_id, (0, 0)):
            yield from _days(session, community_id, account_id, rows)
        yield from _months(account_id, rows)
    for account_id in sorted(left):
        yield from _days(session, community_id, account_id, [])


def _kept(session: Session, community_id: UUID) -> Iterator[Kept]:
    """Every checkpoint, by account."""
    key = (Checkpoint.account_id, Checkpoint.span, Checkpoint.begins_on)
    query = select(
        *(texts.plain(column) for column in key), Checkpoint.debits, Checkpoint.credits
    ).where(Checkpoint.community_id == community_id)
    for page in paging.pages(session, query, key):
        yield from map(Kept._make, page)


def _days(
    session: Session, community_id: UUID, account_id: str, rows: list[Kept]
) -> Iterator[Problem]:
    """The days of one account whose checkpoint is not what the postings come to."""
    folded = turnover.folded_by_day(session, community_id, UUID(account_id))
    wanted = {day.isoformat(): sums for day, sums in folded.items()}
    found = {row.begins_on: (row.debits, row.credits) for row in rows if row.span == DAY}
    for day in sorted(wanted.keys() | found.keys()):
        if found.get(day, (0, 0)) != wanted.get(day, (0, 0)):
            yield _wrong(account_id, "day", day, found.get(day), wanted.get(day))


def _months(account_id: str, rows: list[Kept]) -> Iterator[Problem]:
    """The months of one account that are not what its days come to."""
    wanted: dict[str, tuple[int, int]] = {}
    found: dict[str, tuple[int, int]] = {}
    for _account_id, span, begins_on, debits, credits in rows:
        if span == DAY:
            month = f"{begins_on[:-2]}01"
            before = wanted.get(month, _NOTHING)
            wanted[month] = (before[0] + debits, before[1] + credits)
        else:
            found[begins_on] = (debits, credits)
    if wanted == found:
        return
    for month in sorted(wanted.keys() | found.keys()):
        if found.get(month) != wanted.get(month):
            yield _wrong(account_id, "month", month, found.get(month), wanted.get(month))


def _wrong(
    account_id: str,
    span: str,
    begins_on: str,
    found: tuple[int, int] | None,
    wanted: tuple[int, int] | None,
) -> Problem:
    facts = {"found": list(found or (0, 0)), "postings": list(wanted or (0, 0))}
    subject = f"checkpoint:{account_id}:{span}:{begins_on}"
    return Problem("checkpoint_wrong", subject, facts)
