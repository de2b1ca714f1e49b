"""Prove the books of one community from their first transfer on; lists every problem.

Invariant: trusts nothing that is kept (balances, lots' remainders, fingerprints): each is worked
out again from the postings. Reads page by page, so that the size of the books does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from kit.problems import Problem
from ledger import (
    balance_checks,
    checkpoint_checks,
    journal_checks,
    lot_checks,
    pages,
    reversal_checks,
    time_checks,
)


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Every problem of a community's books; none when they are as they should be."""
    known = pages.accounts(session, community_id)
    weights = checkpoint_checks.Weights()
    debts = reversal_checks.Debts(session, community_id, known)
    for page in pages.journal(session, community_id):
        yield from journal_checks.problems(page, known, weights)
        yield from lot_checks.of_page(page, known)
        yield from debts.problems(page)
    yield from journal_checks.once(session, community_id)
    yield from lot_checks.of_lots(session, community_id)
    yield from time_checks.problems(session, community_id)
    yield from balance_checks.problems(session, community_id, known)
    yield from debts.rest()
    yield from checkpoint_checks.problems(session, community_id, known, weights)
