"""Who may decide on an attendance: nobody about themselves (design D8, contract "Who decides").

Invariant: the same is refused by triggers in the database; here it gets its clear code.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed
from people import households
from shifts.presence import records
from shifts.rota import leading
from shifts.tables.attendance import Approval, Attendance
from shifts.tables.rota import Shift

MINUTES_PER_HOUR = 60


@dataclass
class Decider:
    """The actor's rights, read once for a call that decides on many attendances."""

    actor: Actor
    family: set[UUID]
    _captain: dict[UUID, bool] = field(default_factory=dict)
    _manager: dict[UUID, bool] = field(default_factory=dict)
    _recorded: dict[UUID, bool] = field(default_factory=dict)

    def look_up(self, session: Session, attendance_ids: Sequence[UUID]) -> None:
        """Read at once which of these the actor recorded something of."""
        wanted = [one for one in attendance_ids if one not in self._recorded]
        if wanted:
            mine = records.all_recorded_by(
                session, self.actor.community_id, wanted, self.actor.person
            )
            self._recorded |= {one: one in mine for one in wanted}

    def recorded(self, session: Session, attendance_id: UUID) -> bool:
        """Whether the actor is the actor of a scan, entry or amendment of it."""
        self.look_up(session, [attendance_id])
        return self._recorded[attendance_id]

    def is_manager(self, session: Session, shift: Shift) -> bool:
        """Whether the actor manages the shift's community or unit."""
        if shift.id not in self._manager:
            self._manager[shift.id] = leading.manages(session, self.actor, shift)
        return self._manager[shift.id]

    def is_captain(self, session: Session, shift: Shift) -> bool:
        """Whether the actor is the shift's captain or deputy."""
        if shift.id not in self._captain:
            self._captain[shift.id] = leading.is_captain_of(session, self.actor, shift)
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
    if who.recorded(session, attendance.id):
        raise NotAllowed("own_approval", cause="recorded")


def require_moved(session: Session, who: Decider, attendance: Attendance, to: Shift) -> None:
    """What is credited goes to another shift by the word of who manages both."""
    if to.id != attendance.shift_id and not who.is_manager(session, to):
        raise NotAllowed(needs=["manager"])


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


def decisions_of_all(
    session: Session, community_id: UUID, attendance_ids: Collection[UUID]
) -> dict[tuple[UUID, int], list[Approval]]:
    """The decisions on several attendances, by attendance and revision, each oldest first."""
    rows = session.scalars(
        select(Approval)
        .where(
            Approval.community_id == community_id,
            Approval.attendance_id.in_(sorted(attendance_ids)),
        )
        .order_by(Approval.step)
    )
    found: dict[tuple[UUID, int], list[Approval]] = {}
    for row in rows:
        found.setdefault((row.attendance_id, row.revision), []).append(row)
    return found
