"""The journal in the order of ids, a page at a time, with everything that hangs on it.

Invariant: the pages' ranges leave no gap between the first id and the last, so what hangs on a
transfer that is not there turns up on some page as well. Rows come as the driver reads them, ids
as text: a proof compares them and makes nothing of them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.checks import unsealed
from audit.models import Entry
from kit import paging, texts
from ledger.checkpoint_models import Unfolded
from ledger.kinds import IN_LOTS
from ledger.models import Account, Lot, LotUse, Posting, Transfer

Spot = tuple[str, int]
"""A posting's key within its community: transfer and line."""


@dataclass(slots=True)
class Known:
    """An account, with its code as the fingerprints quote it, and what its postings come to.

    The postings are added while the journal is read: credits less debits, and those of folded
    transfers under the weights of their days (checkpoint_checks).
    """

    id: str
    code: str
    kind: str
    commodity: str
    owner_id: str | None
    floor: int | None
    quoted: str
    in_lots: bool
    turnover: int = 0
    folded_debits: int = 0
    folded_credits: int = 0


class Accounts(dict[str, Known]):
    """Every account by id; one that postings name and that is not there is a stranger."""

    def __init__(self) -> None:
        super().__init__()
        self.strangers: dict[str, Known] = {}

    def __missing__(self, account_id: str) -> Known:
        facts = (account_id, "", "", "unknown", None, None, "null", False)
        return self.strangers.setdefault(account_id, Known(*facts))


class Head(NamedTuple):
    """A transfer; ``begin`` and ``end`` are its canonical text around the postings."""

    id: str
    kind: str
    fund_id: str | None
    reverses_id: str | None
    leaf: bytes
    #: whether its request left an audit entry
    told: bool
    #: effective on this day
    day: str
    begin: str
    end: str


class Posted(NamedTuple):
    """A posting."""

    transfer_id: str
    line: int
    debit_id: str
    credit_id: str
    commodity: str
    amount: int


class Made(NamedTuple):
    """A lot, under the posting that made it; ``told`` is what the fingerprint says of it."""

    transfer_id: str
    line: int
    id: str
    account_id: str
    original: int
    fund_id: str | None
    available_on: str | None
    told: str


class Used(NamedTuple):
    """A use of a lot, with the lot's account; none where the lot is not there."""

    transfer_id: str
    line: int
    lot_id: str
    taken: int
    account_id: str | None


@dataclass
class Page:
    """Some transfers in the order of ids, and all rows that name an id in their range."""

    heads: list[Head]
    postings: dict[str, list[Posted]]
    lots: dict[Spot, list[Made]]
    uses: dict[Spot, list[Used]]
    #: transfer → its leaf that waits for a seal
    unsealed: dict[str, bytes]
    #: transfers that the checkpoints do not hold yet
    unfolded: set[str]


def accounts(session: Session, community_id: UUID) -> Accounts:
    """Every account of a community."""
    rows = paging.rows(
        session,
        select(
            texts.plain(Account.id),
            Account.code,
            Account.kind,
            Account.commodity,
            texts.plain(Account.owner_id),
            Account.floor,
        )
        .where(Account.community_id == community_id)
        .order_by(Account.id),
    )
    found = Accounts()
    for account_id, code, kind, commodity, owner_id, floor in rows:
        quoted, in_lots = json.dumps(code, ensure_ascii=False), kind in IN_LOTS
        facts = (account_id, code, kind, commodity, owner_id, floor)
        found[account_id] = Known(*facts, quoted, in_lots)
    return found


def journal(session: Session, community_id: UUID) -> Iterator[Page]:
    """Every page, the oldest first; at least one."""
    facts = [column for column in Transfer.__table__.columns if column.name != "leaf"]
    query = select(
        texts.plain(Transfer.id),
        Transfer.kind,
        texts.plain(Transfer.fund_id),
        texts.plain(Transfer.reverses_id),
        Transfer.leaf,
        paging.is_there(
            Entry.community_id == community_id, Entry.request_id == Transfer.request_id
        ),
        texts.plain(Transfer.effective_on),
        *texts.around(facts, "postings"),
    ).where(Transfer.community_id == community_id)
    after: str | None = None
    heads: list[Head] = []
    for rows in paging.pages(session, query, [Transfer.id]):
        if heads:
            last = heads[-1].id
            yield _page(session, community_id, heads, after, last)
            after = last
        heads = list(map(Head._make, rows))
    yield _page(session, community_id, heads, after, None)


def _page(
    session: Session, community_id: UUID, heads: list[Head], after: str | None, last: str | None
) -> Page:
    postings = defaultdict(list)
    for posted in _postings(session, community_id, after, last):
        postings[posted[0]].append(posted)
    lots = defaultdict(list)
    for made in _lots(session, community_id, after, last):
        lots[made[:2]].append(made)
    uses = defaultdict(list)
    for used in _uses(session, community_id, after, last):
        uses[used[:2]].append(used)
    waiting = unsealed(session, community_id, "transfer", after, last)
    unfolded = _unfolded(session, community_id, after, last)
    return Page(heads, postings, lots, uses, waiting, unfolded)


_POSTED = (
    texts.plain(Posting.transfer_id),
    Posting.line,
    texts.plain(Posting.debit_account_id),
    texts.plain(Posting.credit_account_id),
    Posting.commodity,
    Posting.amount,
)


def _postings(
    session: Session, community_id: UUID, after: str | None, last: str | None
) -> Iterator[Posted]:
    rows = paging.rows(
        session,
        select(*_POSTED)
        .where(
            Posting.community_id == community_id, paging.within(Posting.transfer_id, after, last)
        )
        .order_by(Posting.transfer_id, Posting.line),
    )
    paging.tell(session, len(rows))
    return map(Posted._make, rows)


def of_transfers(session: Session, community_id: UUID, ids: list[str]) -> Iterator[Posted]:
    """The postings of some transfers."""
    if not ids:
        return iter(())
    wanted = [texts.bound(Posting.transfer_id, one) for one in ids]
    rows = paging.rows(
        session,
        select(*_POSTED).where(
            Posting.community_id == community_id, Posting.transfer_id.in_(wanted)
        ),
    )
    return map(Posted._make, rows)


def _lots(
    session: Session, community_id: UUID, after: str | None, last: str | None
) -> Iterator[Made]:
    told = (Lot.available_on, Lot.expires_on, Lot.unit_cost_fen, Lot.fund_id)
    rows = paging.rows(
        session,
        select(
            texts.plain(Lot.transfer_id),
            Lot.line,
            texts.plain(Lot.id),
            texts.plain(Lot.account_id),
            Lot.original,
            texts.plain(Lot.fund_id),
            texts.plain(Lot.available_on),
            texts.of_list(told),
        ).where(Lot.community_id == community_id, paging.within(Lot.transfer_id, after, last)),
    )
    return map(Made._make, rows)


def _uses(
    session: Session, community_id: UUID, after: str | None, last: str | None
) -> Iterator[Used]:
    rows = paging.rows(
        session,
        select(
            texts.plain(LotUse.transfer_id),
            LotUse.line,
            texts.plain(LotUse.lot_id),
            LotUse.taken,
            texts.plain(Lot.account_id),
        )
        .outerjoin(Lot, (Lot.community_id == community_id) & (Lot.id == LotUse.lot_id))
        .where(LotUse.community_id == community_id, paging.within(LotUse.transfer_id, after, last)),
    )
    return map(Used._make, rows)


def _unfolded(
    session: Session, community_id: UUID, after: str | None, last: str | None
) -> set[str]:
    query = select(texts.plain(Unfolded.transfer_id)).where(
        Unfolded.community_id == community_id, paging.within(Unfolded.transfer_id, after, last)
    )
    return {transfer_id for (transfer_id,) in paging.rows(session, query)}
