"""Teams 服务队, squads 小队 and other units: who belongs to them, and who leads them.

Invariant: a unit's leaders are those who hold the role captain for just this unit, so there is one
truth of who may lead (contract, "Rights"); a person may belong to several units at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid, NotFound
from people import roles, units
from people.models import Person, RoleGrant, Unit
from people.roles import Held
from people.unit_models import UnitMember

#: their own captains say who belongs to them
LED = ("team", "squad")
LEADERS_MAX = 20


@dataclass(frozen=True)
class Named:
    """A person by name, for those who may see it."""

    id: UUID
    name: str


@dataclass(frozen=True)
class UnitPeople:
    """Who leads a unit and who belongs to it, each by name."""

    leaders: list[Named] = field(default_factory=list)
    members: list[Named] = field(default_factory=list)


def join(
    session: Session, *, actor: Actor, at: datetime, unit_id: UUID, person_id: UUID
) -> UnitMember:
    """Take a person into a unit; who belongs to it already stays.

    Raises NotFound (unit, person), NotAllowed (manager; of a team or squad its captain, too).
    """
    _require(session, actor, unit_id)
    _hold(session, actor.community_id, [person_id])
    there = _in_force(session, actor.community_id, unit_id, person_id)
    if there is not None:
        return there
    row = UnitMember(
        community_id=actor.community_id,
        id=ids.new(),
        unit_id=unit_id,
        person_id=person_id,
        joined_at=at,
        left_at=None,
    )
    session.add(row)
    session.flush()
    _tell(session, actor, at, Action.UNIT_JOINED, row)
    return row


def leave(session: Session, *, actor: Actor, at: datetime, unit_id: UUID, person_id: UUID) -> None:
    """Take a person out of a unit, or oneself.

    Raises NotFound (unit, person, no member of it), NotAllowed as ``join``.
    """
    if actor.person_id != person_id:
        _require(session, actor, unit_id)
    _hold(session, actor.community_id, [person_id])
    row = _in_force(session, actor.community_id, unit_id, person_id)
    if row is None:
        raise NotFound("member")
    session.execute(
        update(UnitMember)
        .where(UnitMember.community_id == actor.community_id, UnitMember.id == row.id)
        .values(left_at=max(at, row.joined_at))
    )
    _tell(session, actor, at, Action.UNIT_LEFT, row)


def set_leaders(
    session: Session, *, actor: Actor, at: datetime, unit_id: UUID, person_ids: Collection[UUID]
) -> None:
    """Make these the captains of a unit; only who differs is granted or loses the role.

    Raises NotFound (unit, person), NotAllowed (manager; nobody grants to themself), Invalid.
    """
    units.unit(session, actor.community_id, unit_id)
    roles.require(session, actor, "manager", unit_id=unit_id)
    wanted = set(person_ids)
    if len(wanted) > LEADERS_MAX:
        raise Invalid(person_ids=f"want {LEADERS_MAX} at most")
    now = set(_leader_ids(session, actor.community_id, [unit_id]).get(unit_id, []))
    changed = sorted(now ^ wanted)
    _hold(session, actor.community_id, changed)
    held = Held("captain", unit_id)
    for person_id in changed:
        theirs = roles.granted(session, actor.community_id, person_id)
        then = theirs | {held} if person_id in wanted else theirs - {held}
        roles.set_all(session, actor=actor, at=at, person_id=person_id, wanted=then)


def leader_ids(
    session: Session, community_id: UUID, unit_ids: Collection[UUID]
) -> dict[UUID, list[UUID]]:
    """Who leads these units, of those who take part now; a unit without any is missing."""
    return _leader_ids(session, community_id, unit_ids, active=True)


def people_of(session: Session, *, actor: Actor, unit_id: UUID) -> UnitPeople:
    """Who leads a unit and who belongs to it, by name.

    Raises NotFound, NotAllowed (manager, admin, auditor; captain of the unit).
    """
    units.unit(session, actor.community_id, unit_id)
    roles.require(session, actor, "manager", "admin", "auditor", "captain", unit_id=unit_id)
    leading = leader_ids(session, actor.community_id, [unit_id]).get(unit_id, [])
    belonging = session.scalars(
        select(UnitMember.person_id).where(
            UnitMember.community_id == actor.community_id,
            UnitMember.unit_id == unit_id,
            UnitMember.left_at.is_(None),
        )
    ).all()
    return UnitPeople(
        _named(session, actor.community_id, leading),
        _named(session, actor.community_id, belonging),
    )


def of_kind(
    session: Session, community_id: UUID, person_ids: Collection[UUID], kind: str
) -> set[UUID]:
    """Those of these people who live in a unit of this kind, or belong to one now."""
    at_home = session.scalars(
        select(Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            Person.community_id == community_id,
            Unit.community_id == community_id,
            Person.id.in_(sorted(person_ids)),
            Unit.kind == kind,
        )
    )
    belonging = session.scalars(
        select(UnitMember.person_id)
        .join(Unit, Unit.id == UnitMember.unit_id)
        .where(
            UnitMember.community_id == community_id,
            Unit.community_id == community_id,
            UnitMember.person_id.in_(sorted(person_ids)),
            UnitMember.left_at.is_(None),
            Unit.kind == kind,
        )
    )
    return {*at_home, *belonging}


def _require(session: Session, actor: Actor, unit_id: UUID) -> None:
    unit = units.unit(session, actor.community_id, unit_id)
    role = "captain" if unit.kind in LED else "manager"
    roles.require(session, actor, role, unit_id=unit_id)


def _hold(session: Session, community_id: UUID, person_ids: Collection[UUID]) -> None:
    """Hold these people's rows, so that two units do not write the same thing of one."""
    found = session.scalars(
        select(Person.id)
        .where(Person.community_id == community_id, Person.id.in_(sorted(person_ids)))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()
    if len(found) < len(person_ids):
        raise NotFound("person")


def _in_force(
    session: Session, community_id: UUID, unit_id: UUID, person_id: UUID
) -> UnitMember | None:
    return session.scalar(
        select(UnitMember).where(
            UnitMember.community_id == community_id,
            UnitMember.unit_id == unit_id,
            UnitMember.person_id == person_id,
            UnitMember.left_at.is_(None),
        )
    )


def _leader_ids(
    session: Session, community_id: UUID, unit_ids: Collection[UUID], *, active: bool = False
) -> dict[UUID, list[UUID]]:
    query = (
        select(RoleGrant.unit_id, RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.community_id == community_id,
            Person.community_id == community_id,
            RoleGrant.role == "captain",
            RoleGrant.unit_id.in_(sorted(unit_ids)),
            RoleGrant.withdrawn_at.is_(None),
        )
        .order_by(RoleGrant.person_id)
    )
    if active:
        query = query.where(Person.deactivated_at.is_(None))
    found: dict[UUID, list[UUID]] = {}
    for unit_id, person_id in session.execute(query):
        assert unit_id is not None, "only those of units were asked for"
        found.setdefault(unit_id, []).append(person_id)
    return found


def _named(session: Session, community_id: UUID, person_ids: Collection[UUID]) -> list[Named]:
    rows = session.execute(
        select(Person.id, Person.name)
        .where(
            Person.community_id == community_id,
            Person.id.in_(sorted(person_ids)),
            Person.deactivated_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )
    return [Named(row.id, row.name) for row in rows]


def _tell(session: Session, actor: Actor, at: datetime, action: Action, row: UnitMember) -> None:
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("unit", row.unit_id),
        at=at,
        after={"person_id": row.person_id},
    )
