"""Whom a volunteer may name to others: who lives with them, and who is in a team of theirs.

Invariant: nobody else is offered; who does not share the household is offered by masked name.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from people import households, register
from people.masking import masked
from people.models import Person, Unit
from people.unit_models import UnitMember

#: units whose people know one another; a grid or a street is too large for that
TEAMS = ("team", "squad", "party_branch")
MOST = 100


def of(session: Session, community_id: UUID, person_id: UUID) -> list[tuple[UUID, str]]:
    """Who is near somebody, as the choices of a form."""
    home = households.members(session, community_id, person_id)
    teams = _teams(session, community_id, person_id)
    joined = select(UnitMember.person_id).where(
        UnitMember.community_id == community_id,
        UnitMember.unit_id.in_(teams),
        UnitMember.left_at.is_(None),
    )
    rows = session.scalars(
        select(Person)
        .where(
            Person.community_id == community_id,
            Person.id != person_id,
            Person.deactivated_at.is_(None),
            Person.id.in_(home) | Person.unit_id.in_(teams) | Person.id.in_(joined),
        )
        .order_by(Person.name, Person.id)
        .limit(MOST)
    )
    return [(one.id, one.name if one.id in home else masked(one.name)) for one in rows]


def _teams(session: Session, community_id: UUID, person_id: UUID) -> list[UUID]:
    """The teams in which somebody is, by their own unit or besides it."""
    me = register.person(session, community_id, person_id)
    mine = select(UnitMember.unit_id).where(
        UnitMember.community_id == community_id,
        UnitMember.person_id == person_id,
        UnitMember.left_at.is_(None),
    )
    found = session.scalars(
        select(Unit.id).where(
            Unit.community_id == community_id,
            Unit.kind.in_(TEAMS),
            (Unit.id == me.unit_id) | Unit.id.in_(mine),
        )
    )
    return list(found)
