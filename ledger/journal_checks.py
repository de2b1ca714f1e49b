"""Proof of the journal: each transfer against its fingerprint, its accounts, its trail, its pair.

Invariant: reads every transfer and every posting once, and adds up the turnover as it goes; the
balances are then judged by that sum and by nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from audit import leaves
from audit.models import Unsealed
from kit import texts
from kit.problems import Problem
from ledger import flows, pages
from ledger.models import Transfer
from ledger.pages import Head, Known, Page, Posted

Accounts = dict[str, Known]
Turnover = Counter[str]
"""Account → credits minus debits."""

#: what the fingerprint says of a posting that made no lot
_NO_LOT = "[null,null,null,null]"


def problems(
    session: Session, community_id: UUID, page: Page, known: Accounts, turnover: Turnover
) -> Iterator[Problem]:
    """What is wrong on one page; adds its postings to ``turnover``."""
    kinds = {head.id: head.kind for head in page.heads}
    for head in page.heads:
        yield from _of_head(head, page, known)
    for transfer_id, postings in page.postings.items():
        kind = kinds.get(transfer_id)
        for posting in postings:
            turnover[posting.debit_id] -= posting.amount
            turnover[posting.credit_id] += posting.amount
            if kind is None:
                yield _about(posting, "posting_without_transfer")
            yield from _of_posting(posting, kind, known)
    yield from _of_reversals(session, community_id, page, known)


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


def strays(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Leaves that wait for a seal and belong to no transfer."""
    there = aliased(Transfer)
    rows = session.execute(
        select(texts.plain(Unsealed.subject_id))
        .where(
            Unsealed.community_id == community_id,
            Unsealed.kind == "transfer",
            ~select(there.id)
            .where(there.community_id == community_id, there.id == Unsealed.subject_id)
            .exists(),
        )
        .order_by(Unsealed.subject_id)
    )
    for (transfer_id,) in rows:
        yield Problem("unsealed_without_transfer", f"transfer:{transfer_id}")


def _of_head(head: Head, page: Page, known: Accounts) -> Iterator[Problem]:
    postings = page.postings.get(head.id)
    if postings is None:
        yield Problem("transfer_without_postings", f"transfer:{head.id}")
    else:
        told = ",".join([_told(posting, page, known) for posting in postings])
        text = f'{head.begin},"postings":[{told}]{head.end}'
        if leaves.of_text("transfer", text) != head.leaf:
            yield Problem("transfer_leaf_wrong", f"transfer:{head.id}", {"kind": head.kind})
    if head.unsealed is None:
        yield Problem("unsealed_leaf_missing", f"transfer:{head.id}")
    elif head.unsealed != head.leaf:
        yield Problem("unsealed_leaf_wrong", f"transfer:{head.id}")
    if not head.told:
        yield Problem("request_without_entry", f"transfer:{head.id}")


def _told(posting: Posted, page: Page, known: Accounts) -> str:
    """A posting as the fingerprint tells it (ledger.entering.leaf_of), in canonical JSON."""
    debit, credit = known.get(posting.debit_id), known.get(posting.credit_id)
    made = page.lots.get((posting.transfer_id, posting.line))
    return (
        f"[{posting.line},{debit.quoted if debit else 'null'},"
        f"{credit.quoted if credit else 'null'},{posting.amount},"
        f"{(made[0].told if made else _NO_LOT)[1:]}"
    )


def _of_posting(posting: Posted, kind: str | None, known: Accounts) -> Iterator[Problem]:
    if posting.amount <= 0:
        yield _about(posting, "amount_not_positive")
    if posting.debit_id == posting.credit_id:
        yield _about(posting, "posting_to_itself")
    debit, credit = known.get(posting.debit_id), known.get(posting.credit_id)
    for account_id, account in ((posting.debit_id, debit), (posting.credit_id, credit)):
        if account is None:
            yield _about(posting, "posting_without_account", account_id=account_id)
        elif account.commodity != posting.commodity:
            yield _about(posting, "commodity_wrong", account=account.code)
    if debit is not None and credit is not None:
        flow = (debit.kind, credit.kind)
        if kind in flows.OF_KIND and flow not in flows.OF_KIND[kind]:
            facts = {"kind": kind, "debit": debit.code, "credit": credit.code}
            yield _about(posting, "flow_not_of_kind", **facts)


def _of_reversals(
    session: Session, community_id: UUID, page: Page, known: Accounts
) -> Iterator[Problem]:
    """A reversal's postings come to those of what it reverses, the other way round."""
    undone: dict[str, list[Posted]] = {
        head.reverses_id: [] for head in page.heads if head.reverses_id is not None
    }
    for posted in pages.of_transfers(session, community_id, sorted(undone)):
        undone[posted.transfer_id].append(posted)
    for head in page.heads:
        if head.reverses_id is None:
            continue
        first = undone[head.reverses_id]
        facts = {"reverses_id": head.reverses_id}
        if not first:
            yield Problem("reversal_of_nothing", f"transfer:{head.id}", facts)
            continue
        wanted = _flows(first, known, back=True)
        if _flows(page.postings.get(head.id, []), known, back=False) != wanted:
            yield Problem("reversal_not_mirrored", f"transfer:{head.id}", facts)


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
    if account is not None and account.kind in {"wallet", "owed", "pending"}:
        return ("points of", account.owner_id)
    return account_id


def _about(posting: Posted, code: str, **facts: Any) -> Problem:
    subject = f"posting:{posting.transfer_id}:{posting.line}"
    return Problem(code, subject, {"amount": posting.amount, **facts})
