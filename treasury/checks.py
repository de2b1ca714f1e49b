"""Prove this room's rows against the books: approved adjustments moved once, periods stay closed.

Invariant: a check only reads, and reports every problem it finds, never just the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from kit.problems import Problem
from ledger import accounts
from ledger.kinds import POINTS
from ledger.models import Account, Books, Posting, Transfer
from treasury import periods, turnovers
from treasury.models import Adjustment, Decision, Period
from treasury.movements import CONTRA

SOURCE = "adjustment"
_Spot = tuple[UUID, UUID | None]
"""A transfer and a contra account."""


@dataclass
class _Move:
    """Points that a contra account gave (below zero: took), and whose accounts they are on."""

    given: int = 0
    owners: set[UUID | None] = field(default_factory=set)


def problems(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Everything that is wrong with adjustments and periods of this community."""
    yield from _adjustments(session, community_id)
    yield from _own(session, community_id)
    yield from _periods(session, community_id)


def _adjustments(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Each approved adjustment has its transfer of its points, and no other has one."""
    contras = _contras(session, community_id)
    moves = _moves(session, community_id, set(contras.values()))
    moved = _transfers(session, community_id, {transfer_id for transfer_id, _ in moves})
    rows = session.execute(
        select(
            Adjustment.id,
            Adjustment.kind,
            Adjustment.points,
            Adjustment.person_id,
            Decision.transfer_id,
        )
        .join(
            Decision,
            (Decision.community_id == Adjustment.community_id)
            & (Decision.adjustment_id == Adjustment.id),
        )
        .where(
            Adjustment.community_id == community_id,
            Decision.community_id == community_id,
            Decision.decision == "approve",
        )
        .order_by(Adjustment.id)
    )
    for row in rows:
        subject = f"adjustment:{row.id}"
        head = moved.pop(row.transfer_id, None)
        if head is None or head.source_id != row.id or head.kind != row.kind:
            yield Problem("adjustment_not_moved", subject, {"transfer": str(row.transfer_id)})
            continue
        move = moves.get((row.transfer_id, contras.get(row.kind)), _Move())
        if move.given != row.points:
            facts = {"points": row.points, "books": move.given}
            yield Problem("adjustment_moved_otherwise", subject, facts)
        if move.owners - {row.person_id}:
            yield Problem("adjustment_of_another", subject, {"person": str(row.person_id)})
    for transfer_id, head in moved.items():
        facts = {"adjustment": str(head.source_id)}
        yield Problem("moved_without_approval", f"transfer:{transfer_id}", facts)


def _transfers(session: Session, community_id: UUID, touching: set[UUID]) -> dict[UUID, Any]:
    """Every transfer that says it is an adjustment's, or that moves from or to its accounts.

    The opening of a fund is of the same kind, and another room's.
    """
    rows = session.execute(
        select(Transfer.id, Transfer.kind, Transfer.source_type, Transfer.source_id).where(
            Transfer.community_id == community_id, Transfer.kind.in_(tuple(CONTRA))
        )
    )
    return {
        row.id: row
        for row in rows
        if row.source_type == SOURCE or row.kind == "adjustment" or row.id in touching
    }


def _contras(session: Session, community_id: UUID) -> dict[str, UUID]:
    """Kind of adjustment → its contra account, where it was opened."""
    places = {kind: accounts.contra(contra, POINTS) for kind, contra in CONTRA.items()}
    found = accounts.find(session, community_id, places.values())
    return {kind: found[place].id for kind, place in places.items() if place in found}


def _moves(session: Session, community_id: UUID, account_ids: set[UUID]) -> dict[_Spot, _Move]:
    """What each transfer moved from or to these accounts."""
    found: dict[_Spot, _Move] = {}
    credit, debit = Posting.credit_account_id, Posting.debit_account_id
    for side, other, sign in ((credit, debit, -1), (debit, credit, 1)):
        rows = session.execute(
            select(Posting.transfer_id, side.label("account_id"), Posting.amount, Account.owner_id)
            .join(Account, (Account.community_id == Posting.community_id) & (Account.id == other))
            .where(
                Posting.community_id == community_id,
                Account.community_id == community_id,
                side.in_(sorted(account_ids)),
            )
        )
        for row in rows:
            move = found.setdefault((row.transfer_id, row.account_id), _Move())
            move.given += sign * row.amount
            move.owners.add(row.owner_id)
    return found


def _own(session: Session, community_id: UUID) -> Iterator[Problem]:
    """Two treasurers, neither of them the person; and nobody reversed their own."""
    rows = session.execute(
        select(
            Adjustment.id,
            Adjustment.person_id,
            Adjustment.made_by,
            Decision.decision,
            Decision.decided_by,
        )
        .join(
            Decision,
            (Decision.community_id == Adjustment.community_id)
            & (Decision.adjustment_id == Adjustment.id),
            isouter=True,
        )
        .where(Adjustment.community_id == community_id)
    )
    for row in rows:
        withdrawn = row.decision == "withdraw"
        if row.made_by == row.person_id:
            yield Problem("adjusted_own", f"adjustment:{row.id}")
        if row.decided_by is not None and withdrawn != (row.decided_by == row.made_by):
            yield Problem("adjustment_decided_by_maker", f"adjustment:{row.id}")
        if row.decided_by == row.person_id:
            yield Problem("adjustment_decided_own", f"adjustment:{row.id}")
    reversed_own = session.scalars(
        select(Transfer.id)
        .join(
            Adjustment,
            (Adjustment.community_id == Transfer.community_id)
            & (Adjustment.id == Transfer.source_id),
        )
        .where(
            Transfer.community_id == community_id,
            Adjustment.community_id == community_id,
            Transfer.kind == "reversal",
            Transfer.source_type == SOURCE,
            Transfer.actor_id == Adjustment.person_id,
        )
    )
    for transfer_id in reversed_own:
        yield Problem("adjustment_reversed_own", f"transfer:{transfer_id}")


def _periods(session: Session, community_id: UUID) -> Iterator[Problem]:
    """The books are closed as far as the last period says, and no period has changed since."""
    closed_through = session.scalar(
        select(Books.closed_through).where(Books.community_id == community_id)
    )
    rows = session.execute(
        select(*Period.__table__.columns)
        .where(Period.community_id == community_id)
        .order_by(Period.ends_on)
    ).all()
    last = rows[-1].ends_on if rows else None
    if closed_through != last:
        facts = {"books": str(closed_through), "periods": str(last)}
        yield Problem("closed_through_differs", f"community:{community_id}", facts)
    before = None
    for row in rows:
        if row.ends_on != periods.month_end(row.ends_on) or (
            before is not None and row.ends_on != periods.next_after(before)
        ):
            yield Problem("period_out_of_order", f"period:{row.id}", {"ends_on": str(row.ends_on)})
        now = turnovers.between(session, community_id, before, row.ends_on)
        if (now.transfers, now.digest) != (row.transfers, bytes(row.turnover_digest)):
            yield from _changed(session, community_id, row, now.transfers)
        before = row.ends_on


def _changed(
    session: Session, community_id: UUID, row: Row[Any], transfers: int
) -> Iterator[Problem]:
    """A closed period that is not what was counted, with the transfers recorded after it."""
    facts = {"closed_with": row.transfers, "now": transfers}
    yield Problem("period_changed", f"period:{row.id}", facts)
    late = session.scalars(
        select(Transfer.id).where(
            *turnovers.days(community_id, None, row.ends_on), Transfer.recorded_at > row.closed_at
        )
    )
    for transfer_id in late:
        yield Problem("recorded_into_closed_period", f"transfer:{transfer_id}")
