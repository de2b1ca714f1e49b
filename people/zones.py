"""Zones that a person looks after (党员责任区): a place of a unit, from a day until a day.

Invariant: a zone is given once and ended once; from when until when it was whose stays readable.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from people import names, register, roles, units
from people.models import Person
from people.unit_models import Zone

PLACE_MAX = 200


def give(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    unit_id: UUID,
    person_id: UUID,
    place: str,
    begins_on: date,
    ends_on: date | None = None,
) -> Zone:
    """Give a place of a unit to somebody to look after; several may share it.

    Raises NotFound (unit, person), NotAllowed (manager), Invalid.
    """
    units.unit(session, actor.community_id, unit_id)
    roles.require(session, actor, "manager", unit_id=unit_id)
    person = register.person(session, actor.community_id, person_id)
    if person.deactivated_at is not None:
        raise NotFound("person")
    if ends_on is not None and ends_on < begins_on:
        raise Invalid(ends_on="is before begins_on")
    row = Zone(
        community_id=actor.community_id,
        id=ids.new(),
        unit_id=unit_id,
        person_id=person_id,
        place=names.clean("place", place, PLACE_MAX),
        begins_on=begins_on,
        ends_on=ends_on,
        given_by=actor.person,
        given_at=at,
    )
    session.add(row)
    session.flush()
    _tell(session, actor, at, Action.ZONE_GIVEN, row)
    return row


def end(session: Session, *, actor: Actor, at: datetime, zone_id: UUID, last_on: date) -> Zone:
    """End it with a day, or earlier than was said.

    Raises NotFound, NotAllowed (manager), Invalid (before it began), Conflict ``already_decided``
    (it ends no later already).
    """
    row = session.scalar(
        select(Zone)
        .where(Zone.community_id == actor.community_id, Zone.id == zone_id)
        .with_for_update(key_share=True)
    )
    if row is None:
        raise NotFound("zone")
    roles.require(session, actor, "manager", unit_id=row.unit_id)
    if last_on < row.begins_on:
        raise Invalid(last_on="is before it began")
    if row.ends_on is not None and row.ends_on <= last_on:
        raise Conflict("already_decided", ends_on=row.ends_on)
    row.ends_on = last_on
    session.flush()
    _tell(session, actor, at, Action.ZONE_ENDED, row)
    return row


def of_unit(
    session: Session, *, actor: Actor, unit_id: UUID, on: date | None = None
) -> list[tuple[Zone, str]]:
    """A unit's zones (those of a day) by place, each with its person's name.

    Raises NotFound, NotAllowed (manager, admin, auditor; captain of the unit).
    """
    units.unit(session, actor.community_id, unit_id)
    roles.require(session, actor, "manager", "admin", "auditor", "captain", unit_id=unit_id)
    query = (
        select(Zone, Person.name)
        .join(Person, Person.id == Zone.person_id)
        .where(
            Zone.community_id == actor.community_id,
            Person.community_id == actor.community_id,
            Zone.unit_id == unit_id,
        )
        .order_by(Zone.place, Zone.begins_on, Zone.id)
    )
    if on is not None:
        query = query.where(Zone.begins_on <= on, Zone.ends_on.is_(None) | (Zone.ends_on >= on))
    return [(zone, name) for zone, name in session.execute(query)]


def of_person(session: Session, *, actor: Actor, person_id: UUID) -> list[Zone]:
    """What somebody looks after, was given and gave back, newest first.

    Raises NotFound, NotAllowed (self; manager, admin, auditor, captain of the person's unit).
    """
    person = register.person(session, actor.community_id, person_id)
    sees = ("manager", "admin", "auditor", "captain")
    if actor.person_id != person_id and not roles.holds(
        session, actor, *sees, unit_id=person.unit_id
    ):
        raise NotAllowed(needs=sorted(sees))
    return list(
        session.scalars(
            select(Zone)
            .where(Zone.community_id == actor.community_id, Zone.person_id == person_id)
            .order_by(Zone.begins_on.desc(), Zone.id.desc())
        )
    )


def _tell(session: Session, actor: Actor, at: datetime, action: Action, row: Zone) -> None:
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("zone", row.id),
        at=at,
        after={
            "unit_id": row.unit_id,
            "person_id": row.person_id,
            "begins_on": row.begins_on,
            "ends_on": row.ends_on,
        },
    )
