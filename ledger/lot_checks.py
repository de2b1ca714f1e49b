"""Proof of the lots: each posting of a wallet or shelf moved lots by its amount, and no more.

Invariant: what remains of a lot is its original less all that was taken; so points can be traced
to the shift that earned them and goods to the fund that bought them.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit import paging, texts
from kit.problems import Problem
from ledger.flows import MAKES_LOTS
from ledger.models import Lot, LotUse
from ledger.pages import Accounts, Head, Known, Made, Page, Posted

#: kinds of transfers that may make a lot anew, of the fund of the lot that lapsed
RENEWING = ("release", "return")


def of_page(page: Page, known: Accounts) -> Iterator[Problem]:
    """What is wrong between the postings of a page and the lots they moved."""
    heads = {head.id: head for head in page.heads}
    moved = {spot: None for spot in (*page.lots, *page.uses)}
    for postings in page.postings.values():
        for posting in postings:
            if known[posting[2]].in_lots or known[posting[3]].in_lots:
                moved.pop(posting[:2], None)
                yield from _of_posting(posting, heads.get(posting[0]), page, known)
    # What hangs on a posting that has nothing to do with lots, or on none at all.
    for spot in sorted(moved):
        there = [posting for posting in page.postings.get(spot[0], ()) if posting[:2] == spot]
        for posting in there:
            yield from _of_posting(posting, heads.get(posting[0]), page, known)
        if there:
            continue
        for lot in page.lots.get(spot, ()):
            yield Problem("lot_without_posting", f"lot:{lot.id}")
        for use in page.uses.get(spot, ()):
            yield Problem("use_without_posting", f"lot:{use.lot_id}", {"taken": use.taken})


def _of_posting(
    posting: Posted, head: Head | None, page: Page, known: Accounts
) -> Iterator[Problem]:
    debit, credit = known[posting.debit_id], known[posting.credit_id]
    spot, amount = posting[:2], posting.amount
    taken = given = moved = 0
    for _id, _line, lot_id, part, account_id in page.uses.get(spot, ()):
        moved += abs(part)
        if part > 0 and account_id == debit.id:
            taken += part
        elif part < 0 and account_id == credit.id:
            given -= part
        if account_id is None:
            yield Problem("use_without_lot", f"lot:{lot_id}", {"taken": part})
    for lot in page.lots.get(spot, ()):
        moved += lot.original
        given += lot.original if lot.account_id == credit.id else 0
        yield from _of_made(lot, head, known.get(lot.account_id))
    wanted_taken = amount if debit.in_lots else 0
    wanted_given = amount if credit.in_lots else 0
    if (taken, given, moved) != (wanted_taken, wanted_given, wanted_taken + wanted_given):
        subject = f"posting:{posting.transfer_id}:{posting.line}"
        facts = {"amount": amount, "taken": taken, "given": given, "moved": moved}
        yield Problem("posting_not_in_lots", subject, facts)


def _of_made(lot: Made, head: Head | None, account: Known | None) -> Iterator[Problem]:
    """A lot against the transfer that made it, and the account it lies in."""
    if account is not None and (account.kind == "pending") != (lot.available_on is not None):
        facts = {"account": account.code, "available_on": lot.available_on}
        yield Problem("lot_notice_wrong", f"lot:{lot.id}", facts)
    if head is None:
        return
    # What comes back after its last day stays with the fund that paid for it.
    if lot.fund_id != head.fund_id and head.kind not in RENEWING:
        yield Problem("lot_fund_wrong", f"lot:{lot.id}")
    if account is not None and head.kind not in MAKES_LOTS.get(account.kind, ()):
        facts = {"account": account.code, "kind": head.kind}
        yield Problem("lot_made_otherwise", f"lot:{lot.id}", facts)


def of_lots(session: Session, community_id: UUID) -> Iterator[Problem]:
    """What remains of each lot against all that was ever taken from it."""
    taken = (
        select(func.coalesce(func.sum(LotUse.taken), 0))
        .where(LotUse.community_id == community_id, LotUse.lot_id == Lot.id)
        .scalar_subquery()
    )
    query = select(texts.plain(Lot.id), Lot.original, Lot.remaining, taken).where(
        Lot.community_id == community_id
    )
    for page in paging.pages(session, query, [Lot.id]):
        for lot_id, original, remaining, used in page:
            if remaining != original - used:
                facts = {"original": original, "remaining": remaining, "taken": int(used)}
                yield Problem("lot_remaining_wrong", f"lot:{lot_id}", facts)
