"""Undo a transfer by another that is linked to it: once at most (design D13).

Invariant: the first transfer stays; a wallet gives what its lots still have, and what was spent
meanwhile becomes a debt on the person's owed account.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotFound
from ledger import accounts, guards, settling, transfers
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from ledger.errors import AlreadyReversed, ReverseAtSource
from ledger.models import Account, Lot, Posting, Transfer

#: Everything else is undone by the room that made it: cancel, return, the next delivery.
REVERSIBLE = ("award", "adjustment", "opening")


def reverse(
    session: Session,
    *,
    actor: Actor,
    transfer_id: UUID,
    at: datetime,
    effective_on: date,
    reason_code: str,
    text_digest: bytes | None = None,
) -> UUID:
    """Record the reversal of a transfer and return its id.

    Raises, in this order: NotFound, ReverseAtSource, AlreadyReversed.
    """
    head = _head(session, actor.community_id, transfer_id)
    _refuse_second(session, actor.community_id, transfer_id)
    postings = _postings(session, actor.community_id, transfer_id)
    # Those who get points back too: what lapsed by itself must not lapse together with them. And
    # those who come to owe again: an ended notice found no debt at its time, and repays none.
    moved = (place for row in postings for place in (row.debit, row.credit))
    people = {place.owner_id for place in moved if place.kind in settling.CONCERNED}
    settled = {owner for owner in people if owner is not None}
    settling.catch_up(session, actor=actor, at=at, person_ids=settled)
    waiting = _waiting(session, actor.community_id, transfer_id)
    took_points = any(row.debit.kind in settling.IN_TIME for row in postings)
    draft = Draft(
        kind="reversal",
        key=f"transfer:{transfer_id}:reversal",
        legs=tuple(_legs(session, actor.community_id, postings, waiting=waiting)),
        effective_on=effective_on,
        source=(head.source_type, head.source_id),
        fund_id=head.fund_id,
        reason_code=reason_code,
        text_digest=text_digest,
        reverses_id=transfer_id,
        # Points that an adjustment took come back to their own lots.
        gives_back=transfer_id if took_points else None,
        takes_first=(transfer_id, *_released(session, head)),
    )
    made = transfers.record(session, actor=actor, draft=draft, at=at)
    # Two at once meet at the natural key: who finds another request's reversal there came second.
    if _request_of(session, actor.community_id, made) != actor.request_id:
        raise AlreadyReversed(transfer_id)
    return made


def _request_of(session: Session, community_id: UUID, transfer_id: UUID) -> UUID | None:
    return session.scalar(
        select(Transfer.request_id).where(
            Transfer.community_id == community_id, Transfer.id == transfer_id
        )
    )


def _head(session: Session, community_id: UUID, transfer_id: UUID) -> Transfer:
    head = session.scalar(
        select(Transfer).where(Transfer.community_id == community_id, Transfer.id == transfer_id)
    )
    if head is None:
        raise NotFound("transfer")
    if head.kind not in REVERSIBLE:
        raise ReverseAtSource(head.source_type, head.source_id)
    return head


def _refuse_second(session: Session, community_id: UUID, transfer_id: UUID) -> None:
    found = session.scalar(
        select(Transfer.id).where(
            Transfer.community_id == community_id, Transfer.reverses_id == transfer_id
        )
    )
    if found is not None:
        raise AlreadyReversed(transfer_id)


@dataclass(frozen=True)
class _Moved:
    """A posting that is to be undone."""

    debit: Place
    credit: Place
    amount: int


def _postings(session: Session, community_id: UUID, transfer_id: UUID) -> list[_Moved]:
    rows = session.execute(
        select(Posting.debit_account_id, Posting.credit_account_id, Posting.amount, Posting.line)
        .where(Posting.community_id == community_id, Posting.transfer_id == transfer_id)
        .order_by(Posting.line)
    ).all()
    used = {row.debit_account_id for row in rows} | {row.credit_account_id for row in rows}
    found = session.scalars(
        select(Account).where(Account.community_id == community_id, Account.id.in_(sorted(used)))
    )
    places = {one.id: Place(one.kind, one.owner_id, one.commodity) for one in found}
    return [
        _Moved(places[row.debit_account_id], places[row.credit_account_id], row.amount)
        for row in rows
    ]


def _waiting(session: Session, community_id: UUID, transfer_id: UUID) -> bool:
    """Whether what the transfer put on notice is there still; the wallet is held by the caller."""
    left = session.scalars(
        select(Lot.remaining)
        .join(Account, (Account.community_id == Lot.community_id) & (Account.id == Lot.account_id))
        .where(
            Lot.community_id == community_id,
            Account.community_id == community_id,
            Lot.transfer_id == transfer_id,
            Account.kind == "pending",
        )
    ).all()
    return any(left)


def _legs(
    session: Session, community_id: UUID, postings: list[_Moved], *, waiting: bool
) -> list[Leg]:
    """The postings the other way round.

    What was on notice is taken from where it is now: still there, or gone to the wallet. What a
    wallet no longer has is debited to ``owed``.
    """
    sources = [_source(posting.credit, waiting=waiting) for posting in postings]
    left = _left(session, community_id, {one for one in sources if one.kind == "wallet"})
    legs: list[Leg] = []
    for source, posting in zip(sources, postings, strict=True):
        there = min(left.get(source, posting.amount), posting.amount)
        if source in left:
            left[source] -= there
        if there > 0:
            legs.append(Leg(source, posting.debit, there))
        if posting.amount > there:
            assert source.owner_id is not None, "a wallet has its person"
            debt = posting.amount - there
            legs.append(Leg(accounts.owed(source.owner_id), posting.debit, debt))
    return legs


def _source(credited: Place, *, waiting: bool) -> Place:
    if credited.kind == "pending" and credited.owner_id is not None and not waiting:
        return accounts.wallet(credited.owner_id)
    return credited


def _left(session: Session, community_id: UUID, wallets: set[Place]) -> dict[Place, int]:
    """What these wallets have, held; nothing where one was never opened."""
    known = accounts.find(session, community_id, wallets)
    standing = guards.hold(session, community_id, [one.id for one in known.values()])
    return {place: standing[known[place].id].balance if place in known else 0 for place in wallets}


def _released(session: Session, head: Transfer) -> list[UUID]:
    """The transfer that took these points from notice to the wallet, if any."""
    found = session.scalars(
        select(Transfer.id).where(
            Transfer.community_id == head.community_id,
            Transfer.natural_key == f"{head.natural_key}:release",
        )
    )
    return list(found)
