"""Where the points of a lot come from, and where they went: the same facts read both ways.

Invariant: what a lot was made of and what was taken from it are rows of the ledger; nothing is
attributed that they do not say. What was taken, less what came back, and what remains are the lot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kit.errors import NotFound
from ledger.models import Account, Lot, LotUse, Posting, Transfer
from redemption import orders
from reports import lot_rows


@dataclass(frozen=True)
class Origin:
    """What first brought points into the books: an award, an adjustment, a balance on paper.

    ``points`` are those that went into the lot asked about, whether or not they are there still.
    """

    points: int
    transfer_id: UUID
    kind: str
    source_type: str
    source_id: UUID
    effective_on: date


@dataclass(frozen=True)
class Use:
    """What one transfer took from a lot (or gave back: below zero), to which kind of account, and
    the lots that were made of it: after a notice, or with the grace where it came back late."""

    points: int
    to: str
    transfer_id: UUID
    kind: str
    source_type: str
    source_id: UUID
    effective_on: date
    recorded_at: datetime
    lots: tuple[UUID, ...]


@dataclass(frozen=True)
class Trace:
    """One lot, whence and whither."""

    id: UUID
    account: str
    original: int
    remaining: int
    available_on: date | None
    expires_on: date | None
    fund_id: UUID | None
    unit_cost_fen: int | None
    origins: tuple[Origin, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Paid:
    """Points of one lot that an order took, and what brought them into the books."""

    lot_id: UUID
    points: int
    expires_on: date | None
    origins: tuple[Origin, ...]


def trace(session: Session, community_id: UUID, lot_id: UUID) -> Trace:
    """The lot with this id; NotFound."""
    lot = session.scalar(select(Lot).where(Lot.community_id == community_id, Lot.id == lot_id))
    if lot is None:
        raise NotFound("lot")
    code = session.scalar(
        select(Account.code).where(
            Account.community_id == community_id, Account.id == lot.account_id
        )
    )
    assert code is not None, "a lot stands in an account"
    return Trace(
        id=lot.id,
        account=code,
        original=lot.original,
        remaining=lot.remaining,
        available_on=lot.available_on,
        expires_on=lot.expires_on,
        fund_id=lot.fund_id,
        unit_cost_fen=lot.unit_cost_fen,
        origins=tuple(origins(session, lot)),
        uses=tuple(uses(session, lot)),
    )


def paid_with(session: Session, community_id: UUID, order_id: UUID) -> list[Paid]:
    """The lots of points that an order was placed with; NotFound."""
    order = orders.find(session, community_id, order_id)
    taken = lot_rows.held_by(session, community_id, order.id)
    return [
        Paid(lot.id, points, lot.expires_on, tuple(origins(session, lot))) for lot, points in taken
    ]


def moved_by(session: Session, community_id: UUID, transfer_id: UUID) -> list[tuple[UUID, int]]:
    """Lot → what a transfer put into it, made it of or gave back (taken out: below zero)."""
    made = session.execute(
        select(Lot.id, Lot.original)
        .where(Lot.community_id == community_id, Lot.transfer_id == transfer_id)
        .order_by(Lot.line)
    )
    moved = [(lot_id, original) for lot_id, original in made]
    query = lot_rows.used(community_id).where(LotUse.transfer_id == transfer_id)
    return moved + [(lot.id, -points) for lot, points in lot_rows.read(session, query)]


def origins(session: Session, lot: Lot) -> list[Origin]:
    """What first brought the points of a lot into the books, through notices and graces."""
    head = lot_rows.head_of(session, lot)
    before = lot_rows.taken_in(session, lot) or lot_rows.renewed_from(session, lot, head)
    if not before:
        facts = (head.kind, head.source_type, head.source_id, head.effective_on)
        return [Origin(lot.original, head.id, *facts)]
    found = []
    for earlier, points in before:
        first = origins(session, earlier)
        # A lot of one origin tells exactly what a part of it is; of several, all are told.
        if len(first) == 1:
            one = first[0]
            facts = (one.kind, one.source_type, one.source_id, one.effective_on)
            first = [Origin(points, one.transfer_id, *facts)]
        found += first
    return found


def uses(session: Session, lot: Lot) -> list[Use]:
    """Everything that was taken from a lot and given back to it, in the order of the journal."""
    rows = session.execute(
        select(Transfer, LotUse.taken, LotUse.line, Account.kind)
        .join(LotUse, LotUse.transfer_id == Transfer.id)
        .join(Posting, and_(Posting.transfer_id == LotUse.transfer_id, Posting.line == LotUse.line))
        .join(Account, Account.id == Posting.credit_account_id)
        .where(
            Transfer.community_id == lot.community_id,
            LotUse.community_id == lot.community_id,
            Posting.community_id == lot.community_id,
            Account.community_id == lot.community_id,
            LotUse.lot_id == lot.id,
        )
        .order_by(LotUse.transfer_id, LotUse.line)
    ).all()
    return [
        Use(
            points=taken,
            to=to,
            transfer_id=head.id,
            kind=head.kind,
            source_type=head.source_type,
            source_id=head.source_id,
            effective_on=head.effective_on,
            recorded_at=head.recorded_at,
            lots=tuple(lot_rows.made_of(session, lot, head, line) if taken > 0 else ()),
        )
        for head, taken, line, to in rows
    ]


def is_renewed(session: Session, lot: Lot) -> bool:
    """Whether the lot holds points that came back after their last day."""
    return bool(lot_rows.renewed_from(session, lot, lot_rows.head_of(session, lot)))
