"""Who is told what about a shift: written in the unit that causes it (messages.outbox).

Invariant: one cause tells each person once, whoever caused it and however often it is run again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from messages import outbox
from messages.kinds import Kind
from shifts.tables.rota import Shift, SignUp


def cancelled(session: Session, shift: Shift, at: datetime) -> None:
    """Everybody who has a place in the shift, or waits for one, and who leads it."""
    outbox.tell(
        session,
        community_id=shift.community_id,
        at=at,
        person_ids=[*_concerned(session, shift), shift.captain_id],
        kind=Kind.SHIFT_CANCELLED,
        facts={"shift_id": shift.id, "starts_at": shift.starts_at},
        key=f"shift:{shift.id}:cancelled",
    )


def moved(session: Session, shift: Shift, at: datetime) -> None:
    """The same people, when the shift is at another time."""
    outbox.tell(
        session,
        community_id=shift.community_id,
        at=at,
        person_ids=[*_concerned(session, shift), shift.captain_id],
        kind=Kind.SHIFT_MOVED,
        facts={"shift_id": shift.id, "starts_at": shift.starts_at, "ends_at": shift.ends_at},
        key=f"shift:{shift.id}:moved:{shift.revision}",
    )


def moved_up(session: Session, shift: Shift, person_id: UUID, at: datetime) -> None:
    """Who waited and has a place now; again when they waited again."""
    _one(session, shift, person_id, at, Kind.MOVED_UP, f"moved-up:{at.isoformat()}")


def asked_to_stand_in(session: Session, shift: Shift, person_id: UUID, at: datetime) -> None:
    """Who is asked to take somebody's place."""
    _one(session, shift, person_id, at, Kind.STAND_IN_ASKED, f"stand-in:{at.isoformat()}")


def stands_in(session: Session, shift: Shift, person_id: UUID, at: datetime) -> None:
    """Whose place was taken by another."""
    _one(session, shift, person_id, at, Kind.STAND_IN_TAKEN, f"taken-over:{at.isoformat()}")


def _one(
    session: Session, shift: Shift, person_id: UUID, at: datetime, kind: Kind, what: str
) -> None:
    outbox.tell(
        session,
        community_id=shift.community_id,
        at=at,
        person_ids=[person_id],
        kind=kind,
        facts={"shift_id": shift.id, "starts_at": shift.starts_at},
        key=f"shift:{shift.id}:{what}",
    )


def _concerned(session: Session, shift: Shift) -> list[UUID]:
    """Who has a place in the shift, or waits for one."""
    signed = session.scalars(
        select(SignUp.person_id)
        .where(
            SignUp.community_id == shift.community_id,
            SignUp.shift_id == shift.id,
            SignUp.status != "withdrawn",
        )
        .order_by(SignUp.person_id)
    )
    return list(signed)
