"""Undo an award: the transfer is reversed and the attendance voided in one unit (design D13).

Invariant: an attendance is voided if and only if the transfer of its last award is reversed.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.clock import local_date
from kit.errors import NotAllowed
from ledger import reversals
from ledger.errors import AlreadyReversed
from ledger.models import Account, Posting, Transfer
from people import communities, households, roles
from shifts import locks, reasons
from shifts.approval import amending, awards
from shifts.tables.attendance import Award


def reverse_award(
    session: Session, *, actor: Actor, at: datetime, transfer_id: UUID, reason: str
) -> UUID:
    """Reverse a transfer, with the attendance that it was an award for; returns the reversal's id.

    A transfer that is no award goes to the ledger alone, which knows what may be reversed there.
    Raises, in this order: NotAllowed (treasurer; nobody reverses for themself or their household),
    NotFound, ReverseAtSource, AlreadyReversed, Invalid (reason).
    """
    roles.require(session, actor, "treasurer")
    _refuse_own(session, actor, transfer_id)
    award = awards.by_transfer(session, actor.community_id, transfer_id)
    if award is not None:
        _hold_credited(session, award, transfer_id)
        effective_on = award.service_on
    else:
        effective_on = _day_of(session, actor.community_id, transfer_id) or _today(
            session, actor, at
        )
    digest = reasons.keep(session, actor.community_id, reason)
    made = reversals.reverse(
        session,
        actor=actor,
        transfer_id=transfer_id,
        at=at,
        effective_on=effective_on,
        reason_code=reasons.STATED,
        text_digest=digest,
    )
    trail.record(
        session,
        actor=actor,
        action=Action.TRANSFER_REVERSED,
        subject=("transfer", transfer_id),
        at=at,
        reason_code=reasons.STATED,
        after={"reversal_id": made, "text_digest": digest},
    )
    if award is not None:
        _void(session, actor, at, award, made)
    return made


def _refuse_own(session: Session, actor: Actor, transfer_id: UUID) -> None:
    """What stands on an account of one's own or of one's household, somebody else reverses."""
    moved = session.execute(
        select(Posting.debit_account_id, Posting.credit_account_id).where(
            Posting.community_id == actor.community_id, Posting.transfer_id == transfer_id
        )
    )
    touched = sorted({account_id for row in moved for account_id in row})
    owners = session.scalars(
        select(Account.owner_id).where(
            Account.community_id == actor.community_id, Account.id.in_(touched)
        )
    )
    if actor.person_id is not None:
        own = households.members(session, actor.community_id, actor.person_id)
        if own & set(owners):
            raise NotAllowed("own_approval")


def _day_of(session: Session, community_id: UUID, transfer_id: UUID) -> date | None:
    """The day a transfer belongs to: its reversal belongs there too."""
    found = session.execute(
        select(Transfer.original_on, Transfer.effective_on).where(
            Transfer.community_id == community_id, Transfer.id == transfer_id
        )
    ).one_or_none()
    return None if found is None else found.original_on or found.effective_on


def _today(session: Session, actor: Actor, at: datetime) -> date:
    return local_date(at, communities.settings_of(session, actor.community_id).zone)


def _hold_credited(session: Session, award: Award, transfer_id: UUID) -> None:
    rows = locks.hold_attendances(session, award.community_id, [award.attendance_id])
    if rows[award.attendance_id].status != "credited":
        raise AlreadyReversed(transfer_id)


def _void(session: Session, actor: Actor, at: datetime, award: Award, reversal_id: UUID) -> None:
    rows = locks.hold_attendances(session, award.community_id, [award.attendance_id])
    row = rows[award.attendance_id]
    row.status = "voided"
    # An amendment that waited for a second person has nothing left to amend.
    amending.drop(row)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.VOIDED,
        subject=("attendance", award.attendance_id),
        at=at,
        reason_code=reasons.STATED,
        before={"status": "credited"},
        after={"reversal_id": reversal_id},
    )
