"""Proof of the reversals, and of the debts that they leave (design D13).

Invariant: a debt is worked out from what was to come back, what the lots gave, and what later
credits kept from them; the postings of the owed account itself have no say in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kit.problems import Problem
from ledger import pages
from ledger.pages import Accounts, Head, Known, Page, Posted

_OWN = ("wallet", "pending", "owed")
"""A person's accounts that are one place for a reversal: it takes from where the points are now."""


class Debts:
    """What each person was left owing by reversals, and what later credits repaid."""

    def __init__(self, session: Session, community_id: UUID, known: Accounts) -> None:
        self._session, self._community_id, self._known = session, community_id, known
        self._left: Counter[str] = Counter()
        self._repaid: Counter[str] = Counter()
        self._owing = {one.id for one in known.values() if one.kind == "owed"}

    def problems(self, page: Page) -> Iterator[Problem]:
        """A reversal's postings come to those of what it reverses, the other way round; adds up
        the debts of the page."""
        undone: dict[str, list[Posted]] = {
            head.reverses_id: [] for head in page.heads if head.reverses_id is not None
        }
        for posted in pages.of_transfers(self._session, self._community_id, sorted(undone)):
            undone[posted.transfer_id].append(posted)
        for head in page.heads:
            if head.reverses_id is not None:
                yield from self._of_reversal(head, undone[head.reverses_id], page)
        self._add_repaid(page)

    def rest(self) -> Iterator[Problem]:
        """The debts that the owed accounts do not stand for, once every page was read."""
        owed = {one.owner_id: one for one in self._known.values() if one.kind == "owed"}
        for owner_id in sorted({*filter(None, owed), *self._left, *self._repaid}):
            account = owed.get(owner_id)
            left, repaid = self._left[owner_id], self._repaid[owner_id]
            booked = -account.turnover if account is not None else 0
            if booked != left - repaid:
                facts = {"left": left, "repaid": repaid, "owed": booked}
                yield Problem("debt_differs", f"account:owed:{owner_id}:points", facts)

    def _of_reversal(self, head: Head, first: list[Posted], page: Page) -> Iterator[Problem]:
        facts = {"reverses_id": head.reverses_id}
        if not first:
            yield Problem("reversal_of_nothing", f"transfer:{head.id}", facts)
            return
        postings = page.postings.get(head.id, [])
        if _flows(postings, self._known, back=False) != _flows(first, self._known, back=True):
            yield Problem("reversal_not_mirrored", f"transfer:{head.id}", facts)
        for owner_id, gone in _into(first, self._known).items():
            self._left[owner_id] += gone
        for owner_id, taken in self._from_lots(head.id, postings, page).items():
            self._left[owner_id] -= taken

    def _add_repaid(self, page: Page) -> None:
        """What came to people in other transfers and not into their lots."""
        for transfer_id in self._credited(page):
            postings = page.postings[transfer_id]
            for owner_id, came in _into(postings, self._known).items():
                self._repaid[owner_id] += came
            for owner_id, taken in self._from_lots(transfer_id, postings, page).items():
                self._repaid[owner_id] += taken

    def _credited(self, page: Page) -> list[str]:
        """The transfers that have to do with a debt and reverse nothing."""
        owing = self._owing
        touched = {
            posting[0]
            for postings in page.postings.values()
            for posting in postings
            if posting[3] in owing or posting[2] in owing
        }
        return [one.id for one in page.heads if one.reverses_id is None and one.id in touched]

    def _from_lots(self, transfer_id: str, postings: list[Posted], page: Page) -> Counter[str]:
        """Person → what a transfer took from their lots, less what it brought into them."""
        taken: Counter[str] = Counter()
        for line in {posting.line for posting in postings}:
            for use in page.uses.get((transfer_id, line), ()):
                _add(taken, self._known, use.account_id, use.taken)
            for made in page.lots.get((transfer_id, line), ()):
                _add(taken, self._known, made.account_id, -made.original)
        return taken


def _into(postings: list[Posted], known: Accounts) -> Counter[str]:
    """Person → points that came to them from elsewhere (went: negative)."""
    came: Counter[str] = Counter()
    for posting in postings:
        _add(came, known, posting.credit_id, posting.amount)
        _add(came, known, posting.debit_id, -posting.amount)
    return came


def _add(sums: Counter[str], known: Accounts, account_id: str | None, amount: int) -> None:
    account: Known | None = known.get(account_id) if account_id is not None else None
    if account is not None and account.kind in _OWN and account.owner_id is not None:
        sums[account.owner_id] += amount


def _flows(postings: list[Posted], known: Accounts, *, back: bool) -> Counter[Any]:
    """(from, to) → amount, where a person's wallet and debt are one place (D13)."""
    flows: Counter[Any] = Counter()
    for row in postings:
        ends = [_end(row.debit_id, known), _end(row.credit_id, known)]
        if ends[0] != ends[1]:
            flows[tuple(reversed(ends)) if back else tuple(ends)] += row.amount
    return flows


def _end(account_id: str, known: Accounts) -> Any:
    account = known.get(account_id)
    if account is not None and account.kind in _OWN:
        return ("points of", account.owner_id)
    return account_id
