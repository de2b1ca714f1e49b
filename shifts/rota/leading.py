"""Who leads a shift: its captain, its deputies, and the managers of its occasion's unit.

Invariant: a captain or deputy leads it only while they hold the role (contract, "Rights").
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed
from people import roles
from shifts.rota import occasions
from shifts.tables.rota import Deputy, Shift


def deputy_ids(session: Session, shift: Shift) -> list[UUID]:
    """Who may do for this shift what its captain may, besides its captain."""
    return deputies_of(session, shift.community_id, [shift.id]).get(shift.id, [])


def deputies_of(
    session: Session, community_id: UUID, shift_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    """The deputies of several shifts; one without any is missing."""
    rows = session.execute(
        select(Deputy.shift_id, Deputy.person_id)
        .where(Deputy.community_id == community_id, Deputy.shift_id.in_(list(shift_ids)))
        .order_by(Deputy.shift_id, Deputy.person_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.shift_id, []).append(row.person_id)
    return found


def led_by(community_id: UUID, person_id: UUID) -> ColumnElement[bool]:
    """The condition that a person is a shift's captain or deputy."""
    deputised = select(Deputy.shift_id).where(
        Deputy.community_id == community_id, Deputy.person_id == person_id
    )
    return (Shift.captain_id == person_id) | Shift.id.in_(deputised)


def is_captain_of(session: Session, actor: Actor, shift: Shift) -> bool:
    """Whether the actor is this shift's captain or deputy, and holds captain or manager now."""
    if actor.person_id is None:
        return False
    named = actor.person_id == shift.captain_id or actor.person_id in deputy_ids(session, shift)
    return named and roles.holds(session, actor, "captain", unit_id=roles.ANYWHERE)


def manages(session: Session, actor: Actor, shift: Shift) -> bool:
    """Whether the actor is a manager of the community, or of the unit of the shift's occasion."""
    unit_id = occasions.of(session, shift).unit_id
    return roles.holds(session, actor, "manager", unit_id=unit_id)


def may_lead(session: Session, actor: Actor, shift: Shift) -> bool:
    """Whether the actor may do what this shift's captain may: the captain, a deputy, a manager."""
    return is_captain_of(session, actor, shift) or manages(session, actor, shift)


def require_lead(session: Session, actor: Actor, shift: Shift) -> None:
    """NotAllowed unless the actor may lead this shift."""
    if not may_lead(session, actor, shift):
        raise NotAllowed(needs=["captain", "manager"])
