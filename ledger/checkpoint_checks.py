"""Proof of the checkpoints: each is what the postings come to, or is named.

Invariant: holds one number for each account and side, however many days there are: the amounts
weighted by a number that is drawn anew for each day. Where two such numbers differ, the days of
that account are compared one by one; that two different histories have the same number is as
likely as guessing 61 bits.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from kit import paging, texts
from kit.problems import Problem
from ledger import turnover
from ledger.checkpoint_models import DAY, Checkpoint, Unfolded
from ledger.models import Transfer
from ledger.pages import Page

_WEIGHT_BITS = 61


class Kept(NamedTuple):
    """A checkpoint, as the driver reads it."""

    account_id: str
    span: str
    begins_on: str
    debits: int
    credits: int


@dataclass
class Recount:
    """What the folded postings come to, added up while the journal is read."""

    #: (account, 0 for debits and 1 for credits) → weighted sum
    sums: Counter[tuple[str, int]] = field(default_factory=Counter)
    _weights: dict[str, int] = field(
        default_factory=lambda: defaultdict(lambda: secrets.randbits(_WEIGHT_BITS))
    )

    def add(self, page: Page) -> None:
        """The postings of a page's folded transfers, under their effective days."""
        sums = self.sums
        for head in page.heads:
            if not head.folded:
                continue
            weight = self._weights[head.day]
            for posted in page.postings.get(head.id, ()):
                sums[posted.debit_id, 0] += weight * posted.amount
                sums[posted.credit_id, 1] += weight * posted.amount

    def weight(self, day: str) -> int:
        """The number drawn for a day."""
        return self._weights[day]


def problems(session: Session, community_id: UUID, recount: Recount) -> Iterator[Problem]:
    """What is wrong with the checkpoints and the list of what is not in them yet."""
    yield from _strays(session, community_id)
    left = dict(recount.sums)
    for account_id, found in groupby(_kept(session, community_id), lambda row: row.account_id):
        rows = list(found)
        sums = [0, 0]
        for row in rows:
            if row.span == DAY:
                weight = recount.weight(row.begins_on)
                sums[0] += weight * row.debits
                sums[1] += weight * row.credits
        wanted = [left.pop((account_id, side), 0) for side in (0, 1)]
        if sums != wanted:
            yield from _days(session, community_id, account_id, rows)
        yield from _months(account_id, rows)
    for account_id in sorted({key for (key, _side), weighted in left.items() if weighted}):
        yield from _days(session, community_id, account_id, [])


def _strays(session: Session, community_id: UUID) -> Iterator[Problem]:
    there = aliased(Transfer)
    rows = session.scalars(
        select(Unfolded.transfer_id)
        .outerjoin(there, (there.community_id == community_id) & (there.id == Unfolded.transfer_id))
        .where(Unfolded.community_id == community_id, there.id.is_(None))
        .order_by(Unfolded.transfer_id)
    )
    for transfer_id in rows:
        yield Problem("unfolded_without_transfer", f"transfer:{transfer_id}")


def _kept(session: Session, community_id: UUID) -> Iterator[Kept]:
    """Every checkpoint, by account."""
    key = (Checkpoint.account_id, Checkpoint.span, Checkpoint.begins_on)
    query = select(
        *(texts.plain(column) for column in key), Checkpoint.debits, Checkpoint.credits
    ).where(Checkpoint.community_id == community_id)
    for page in paging.pages(session, query, key):
        for row in page:
            yield Kept(*row)


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
    for row in rows:
        if row.span == DAY:
            month = f"{row.begins_on[:-2]}01"
            debits, credits = wanted.get(month, (0, 0))
            wanted[month] = (debits + row.debits, credits + row.credits)
        else:
            found[row.begins_on] = (row.debits, row.credits)
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
