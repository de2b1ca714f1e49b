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
from ledger.pages import Head, Known, Made, Page, Posted

#: kinds of transfers that may make a lot anew, of the fund of the lot that lapsed
RENEWING = ("release", "return")
Accounts = dict[str, Known]


def of_page(page: Page, known: Accounts) -> Iterator[Problem]:
    """What is wrong between the postings of a page and the lots they moved."""
    heads = {head.id: head for head in page.heads}
    lots, uses, seen = page.lots, page.uses, set()
    for postings in page.postings.values():
        for posting in postings:
            spot = (posting.transfer_id, posting.line)
            debit, credit = known.get(posting.debit_id), known.get(posting.credit_id)
            moves = (debit and debit.in_lots) or (credit and credit.in_lots)
            if moves or spot in lots or spot in uses:
                seen.add(spot)
                yield from _of_posting(posting, heads.get(posting.transfer_id), page, known)
    for spot in sorted((lots.keys() | uses.keys()) - seen):
        for lot in lots.get(spot, []):
            yield Problem("lot_without_posting", f"lot:{lot.id}")
        for use in uses.get(spot, []):
            yield Problem("use_without_posting", f"lot:{use.lot_id}", {"taken": use.taken})


def _of_posting(
    posting: Posted, head: Head | None, page: Page, known: Accounts
) -> Iterator[Problem]:
    spot = (posting.transfer_id, posting.line)
    made, uses = page.lots.get(spot, ()), page.uses.get(spot, ())
    debited, credited = posting.debit_id, posting.credit_id
    taken = given = moved = 0
    for use in uses:
        moved += abs(use.taken)
        if use.taken > 0 and use.account_id == debited:
            taken += use.taken
        elif use.taken < 0 and use.account_id == credited:
            given -= use.taken
        if use.account_id is None:
            yield Problem("use_without_lot", f"lot:{use.lot_id}", {"taken": use.taken})
    for lot in made:
        moved += lot.original
        given += lot.original if lot.account_id == credited else 0
        yield from _of_made(lot, head, known)
    wanted_taken = posting.amount if _in_lots(debited, known) else 0
    wanted_given = posting.amount if _in_lots(credited, known) else 0
    if (taken, given, moved) != (wanted_taken, wanted_given, wanted_taken + wanted_given):
        subject = f"posting:{posting.transfer_id}:{posting.line}"
        facts = {"amount": posting.amount, "taken": taken, "given": given, "moved": moved}
        yield Problem("posting_not_in_lots", subject, facts)


def _of_made(lot: Made, head: Head | None, known: Accounts) -> Iterator[Problem]:
    """A lot against the transfer that made it, and the account it lies in."""
    account = known.get(lot.account_id)
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


def _in_lots(account_id: str, known: Accounts) -> bool:
    return account_id in known and known[account_id].in_lots


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
