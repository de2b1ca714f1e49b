"""Names of many people, or titles of shifts, at once, for lists; the page masks what it must.

Invariant: only names of one community are read, and nothing else of a person or shift.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from people import roles
from people.models import Person, RoleGrant
from shifts.tables.rota import Shift


def of(session: Session, community_id: UUID, person_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The name of each of these people by id."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    rows = session.execute(
        select(Person.id, Person.name).where(
            Person.community_id == community_id, Person.id.in_(wanted)
        )
    )
    return {row.id: row.name for row in rows}


def shifts(session: Session, community_id: UUID, shift_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The title of each of these shifts by id."""
    rows = session.execute(
        select(Shift.id, Shift.title).where(
            Shift.community_id == community_id, Shift.id.in_(set(shift_ids))
        )
    )
    return {row.id: row.title for row in rows}


def holding(session: Session, community_id: UUID, *wanted: str) -> list[tuple[UUID, str]]:
    """Who holds one of these roles now, by name: what a list of captains or witnesses offers."""
    found = session.scalars(
        select(RoleGrant.person_id)
        .where(
            RoleGrant.community_id == community_id,
            RoleGrant.role.in_(wanted),
            RoleGrant.withdrawn_at.is_(None),
        )
        .distinct()
    )
    active = roles.of_all(session, community_id, list(found))
    named = of(session, community_id, active)
    return sorted(named.items(), key=lambda one: one[1])


def named(session: Session, community_id: UUID, q: str, limit: int) -> list[Person]:
    """Active people whose name holds ``q``."""
    query = (
        select(Person)
        .where(
            Person.community_id == community_id,
            Person.name.contains(q, autoescape=True),
            Person.deactivated_at.is_(None),
        )
        .order_by(Person.name, Person.id)
        .limit(limit)
    )
    return list(session.scalars(query))
