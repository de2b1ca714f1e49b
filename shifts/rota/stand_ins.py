"""Stand-ins: a place in a shift goes to somebody whom its holder asked, or whom a captain puts in.

Invariant: a place changes hands only with the word of who takes it, or of who leads the shift; no
seat is taken or given back by it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict, Invalid, NotAllowed
from shifts import locks
from shifts.rota import finding, guards, leading, sign_ups, telling
from shifts.tables.rota import Shift, SignUp


def ask(
    session: Session, *, actor: Actor, at: datetime, sign_up_id: UUID, person_id: UUID
) -> SignUp:
    """Ask somebody to take a place; who leads the shift puts them in at once.

    Raises, in this order: NotFound (sign-up, person), NotAllowed (the holder, captain of the
    shift, manager), Invalid (oneself), Conflict ``already_decided`` (no place, or the other has
    one), ``outside_window`` (the shift began), ``shift_cancelled``, and those of a sign-up.
    """
    row, shift = _held(session, actor, at, sign_up_id, person_id)
    leads = leading.may_lead(session, actor, shift)
    if row.person_id != actor.person_id and not leads:
        raise NotAllowed(needs=["captain", "manager"])
    sign_ups.require_active(session, actor.community_id, person_id)
    if person_id == row.person_id:
        raise Invalid(person_id="has this place already")
    if leads and row.person_id != actor.person_id:
        return _take_over(session, actor, at, row, shift, person_id)
    row.stand_in_id = person_id
    session.flush()
    _tell(session, actor, at, Action.STAND_IN_ASKED, row, person_id)
    telling.asked_to_stand_in(session, shift, person_id, at)
    return row


def accept(session: Session, *, actor: Actor, at: datetime, sign_up_id: UUID) -> SignUp:
    """Take the place that one was asked to take; returns one's own sign-up.

    Raises as ``ask``; NotAllowed for anybody who was not asked.
    """
    row, shift = _held(session, actor, at, sign_up_id, actor.person)
    if row.stand_in_id != actor.person:
        raise NotAllowed(needs=["stand_in"])
    return _take_over(session, actor, at, row, shift, actor.person)


def asked_of(session: Session, community_id: UUID, person_id: UUID, at: datetime) -> list[SignUp]:
    """The places that somebody is asked to take now, by the shift's begin."""
    return list(
        session.scalars(
            select(SignUp)
            .join(Shift, Shift.id == SignUp.shift_id)
            .where(
                SignUp.community_id == community_id,
                Shift.community_id == community_id,
                SignUp.stand_in_id == person_id,
                SignUp.status == "confirmed",
                Shift.status == "published",
                Shift.starts_at > at,
            )
            .order_by(Shift.starts_at, SignUp.id)
        )
    )


def _held(
    session: Session, actor: Actor, at: datetime, sign_up_id: UUID, person_id: UUID
) -> tuple[SignUp, Shift]:
    """The place and its shift, held, with the one who is to take it; a place there must be."""
    row = sign_ups.get(session, actor.community_id, sign_up_id)
    locks.hold_people(session, actor.community_id, [row.person_id, person_id])
    shift = finding.locked(session, actor.community_id, row.shift_id)
    session.refresh(row)
    if row.status != "confirmed":
        raise Conflict("already_decided", status=row.status)
    sign_ups.refuse_unless_open(shift)
    if at >= shift.starts_at:
        raise Conflict("outside_window", starts_at=shift.starts_at)
    return row, shift


def _take_over(
    session: Session, actor: Actor, at: datetime, row: SignUp, shift: Shift, person_id: UUID
) -> SignUp:
    there = sign_ups.of(session, shift.community_id, shift.id, person_id)
    if there is not None and there.status == "confirmed":
        raise Conflict("already_decided", status=there.status)
    guards.check(session, shift, person_id)
    row.status, row.stand_in_id = "withdrawn", None
    session.flush()
    taken = sign_ups.place(session, shift, person_id, "confirmed", at, there)
    _tell(session, actor, at, Action.STAND_IN_TAKEN, row, person_id)
    telling.stands_in(session, shift, row.person_id, at)
    return taken


def _tell(
    session: Session, actor: Actor, at: datetime, action: Action, row: SignUp, person_id: UUID
) -> None:
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("sign_up", row.id),
        at=at,
        after={"shift_id": row.shift_id, "status": row.status, "stand_in_id": person_id},
    )
