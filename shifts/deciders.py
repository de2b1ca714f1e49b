"""Who may decide on an attendance: nobody about themselves (design D8, contract "Who decides").

Invariant: the same is refused by triggers in the database; here it gets its clear code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed
from people import households
from shifts import records, rota
from shifts.attendance_models import Approval, Attendance
from shifts.models import Shift

MINUTES_PER_HOUR = 60


@dataclass
class Decider:
    """The actor's rights, read once for a call that decides on many attendances."""

    actor: Actor
    family: set[UUID]
    _captain: dict[UUID, bool] = field(default_factory=dict)
    _manager: dict[UUID, bool] = field(default_factory=dict)

    def is_manager(self, session: Session, shift: Shift) -> bool:
        """Whether the actor manages the shift's community or unit."""
        if shift.id not in self._manager:
            self._manager[shift.id] = rota.manages(session, self.actor, shift)
        return self._manager[shift.id]

    def is_captain(self, session: Session, shift: Shift) -> bool:
        """Whether the actor is the shift's captain or deputy."""
        if shift.id not in self._captain:
            self._captain[shift.id] = rota.is_captain_of(session, self.actor, shift)
        return self._captain[shift.id]


def decider(session: Session, actor: Actor) -> Decider:
    """The actor as one who decides."""
    return Decider(actor, households.members(session, actor.community_id, actor.person))


def require(session: Session, who: Decider, attendance: Attendance, shift: Shift) -> None:
    """Refuse who may not decide on this attendance at all.

    Raises NotAllowed: ``not_allowed`` (captain of the shift, manager), then ``own_approval`` for
    oneself, one's household, and what one recorded or decided on already.
    """
    if not (who.is_captain(session, shift) or who.is_manager(session, shift)):
        raise NotAllowed(needs=["captain", "manager"])
    person_id = who.actor.person
    if attendance.person_id in who.family:
        cause = "self" if attendance.person_id == person_id else "household"
        raise NotAllowed("own_approval", cause=cause)
    if records.recorded_by(session, attendance.community_id, attendance.id, person_id):
        raise NotAllowed("own_approval", cause="recorded")


def require_tier(
    session: Session, who: Decider, shift: Shift, minutes: int, tiers: tuple[int, int]
) -> bool:
    """Refuse a captain above the first tier; returns whether two managers must sign.

    ``minutes`` are the person's counted ones on the service date, this attendance included.
    """
    first, second = (hours * MINUTES_PER_HOUR for hours in tiers)
    if minutes > first and not who.is_manager(session, shift):
        raise NotAllowed(needs=["manager"], minutes=minutes, captain_up_to=first)
    return minutes > second


def refuse_twice(who: Decider, before: list[Approval]) -> None:
    """Two signatures are of two people."""
    if any(one.decided_by == who.actor.person for one in before):
        raise NotAllowed("own_approval", cause="decided_before")


def decisions_of(
    session: Session, community_id: UUID, attendance_id: UUID, revision: int | None = None
) -> list[Approval]:
    """The decisions on an attendance (on one revision of it), oldest first."""
    query = select(Approval).where(
        Approval.community_id == community_id, Approval.attendance_id == attendance_id
    )
    if revision is not None:
        query = query.where(Approval.revision == revision)
    return list(session.scalars(query.order_by(Approval.revision, Approval.step)))
