"""Proof of the journal: each transfer against its fingerprint, its accounts, its trail, its pair.

Invariant: reads every transfer and every posting once, and adds up the turnover as it goes; the
balances are then judged by that sum and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audit import leaves
from kit.problems import Problem
from ledger import flows
from ledger.checkpoint_checks import Weights
from ledger.models import Transfer
from ledger.pages import Accounts, Head, Page, Posted

#: what the fingerprint says of a posting that made no lot
_NO_LOT = "null,null,null,null]"


def problems(page: Page, known: Accounts, weights: Weights) -> Iterator[Problem]:
    """What is wrong on one page; adds its postings to the turnover of their accounts."""
    told: list[str] = []
    for head in page.heads:
        postings = page.postings.get(head.id, [])
        if not postings:
            yield Problem("transfer_without_postings", f"transfer:{head.id}")
        weight = weights[head.day] if head.id not in page.unfolded else 0
        lines = _lines(postings, weight, page, known)
        told.append(f'{head.begin},"postings":[{",".join(lines)}]{head.end}')
        yield from _of_postings(postings, head.kind, known)
    made = leaves.of_texts("transfer", told)
    for head, leaf in zip(page.heads, made, strict=True):
        if leaf != head.leaf or page.unsealed.get(head.id) != leaf or not head.told:
            yield from _of_head(head, leaf, page)
    yield from _strays(page, known)


def _lines(postings: list[Posted], weight: int, page: Page, known: Accounts) -> list[str]:
    """The postings as the fingerprint tells them (ledger.entering.leaf_of), in canonical JSON; adds
    them up, those of a folded transfer under the weight of its day."""
    lots, lines = page.lots, []
    for transfer_id, line, debit_id, credit_id, _commodity, amount in postings:
        debit, credit = known[debit_id], known[credit_id]
        debit.turnover -= amount
        credit.turnover += amount
        if weight:
            weighted = weight * amount
            debit.folded_debits += weighted
            credit.folded_credits += weighted
        made = lots.get((transfer_id, line))
        lot = made[0].told[1:] if made else _NO_LOT
        lines.append(f"[{line},{debit.quoted},{credit.quoted},{amount},{lot}")
    return lines


def _of_postings(postings: list[Posted], kind: str | None, known: Accounts) -> Iterator[Problem]:
    # What is not of one of our kinds is a reversal, which is held against its first.
    allowed = flows.OF_KIND.get(kind) if kind is not None else None
    for posting in postings:
        _transfer_id, _number, debit_id, credit_id, commodity, amount = posting
        debit, credit = known[debit_id], known[credit_id]
        if not (
            amount > 0
            and debit is not credit
            and commodity == debit.commodity == credit.commodity
            and (allowed is None or (debit.kind, credit.kind) in allowed)
        ):
            yield from _of_posting(posting, kind, allowed, known)


def _of_posting(
    posting: Posted, kind: str | None, allowed: frozenset[flows.Flow] | None, known: Accounts
) -> Iterator[Problem]:
    """What is wrong with a posting that is not as it should be."""
    debit, credit = known[posting.debit_id], known[posting.credit_id]
    if posting.amount <= 0:
        yield _about(posting, "amount_not_positive")
    if debit is credit:
        yield _about(posting, "posting_to_itself")
    for account in (debit, credit):
        if account.id in known.strangers:
            yield _about(posting, "posting_without_account", account_id=account.id)
        elif account.commodity != posting.commodity:
            yield _about(posting, "commodity_wrong", account=account.code)
    there = not {debit.id, credit.id} & known.strangers.keys()
    if there and allowed is not None and (debit.kind, credit.kind) not in allowed:
        facts = {"kind": kind, "debit": debit.code, "credit": credit.code}
        yield _about(posting, "flow_not_of_kind", **facts)


def _of_head(head: Head, leaf: bytes, page: Page) -> Iterator[Problem]:
    """What is wrong with a transfer that is not as it should be."""
    unsealed = page.unsealed.get(head.id)
    if leaf != head.leaf and head.id in page.postings:
        yield Problem("transfer_leaf_wrong", f"transfer:{head.id}", {"kind": head.kind})
    if unsealed is None:
        yield Problem("unsealed_leaf_missing", f"transfer:{head.id}")
    elif unsealed != head.leaf:
        yield Problem("unsealed_leaf_wrong", f"transfer:{head.id}")
    if not head.told:
        yield Problem("request_without_entry", f"transfer:{head.id}")


def _strays(page: Page, known: Accounts) -> Iterator[Problem]:
    """Postings, and leaves that wait for a seal, of a transfer that is not there."""
    heads = {head.id for head in page.heads}
    for transfer_id in page.postings.keys() - heads:
        for posting in page.postings[transfer_id]:
            yield _about(posting, "posting_without_transfer")
        _lines(page.postings[transfer_id], 0, page, known)
        yield from _of_postings(page.postings[transfer_id], None, known)
    for transfer_id in sorted(page.unsealed.keys() - heads):
        yield Problem("unsealed_without_transfer", f"transfer:{transfer_id}")
    for transfer_id in sorted(page.unfolded - heads):
        yield Problem("unfolded_without_transfer", f"transfer:{transfer_id}")


def once(session: Session, community_id: UUID) -> Iterator[Problem]:
    """What the unique indexes keep out, while they stand: one key twice, one reversal twice."""
    for column, code in (
        (Transfer.natural_key, "natural_key_twice"),
        (Transfer.reverses_id, "reversed_twice"),
    ):
        rows = session.execute(
            select(column, func.count())
            .where(Transfer.community_id == community_id, column.is_not(None))
            .group_by(column)
            .having(func.count() > 1)
        )
        for value, times in rows:
            yield Problem(code, f"transfer:{value}", {"times": times})


def _about(posting: Posted, code: str, **facts: Any) -> Problem:
    subject = f"posting:{posting.transfer_id}:{posting.line}"
    return Problem(code, subject, {"amount": posting.amount, **facts})
