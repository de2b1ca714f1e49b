"""Households: people who may act for one another, and who may not approve one another (D8).

Invariant: nobody takes themself, or another member, out of the household they live in, for that
would be the way round ``own_approval``.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid, NotAllowed, NotFound
from people import roles
from people.models import Household, Person

PEOPLE_MAX = 50


def form(
    session: Session, *, actor: Actor, at: datetime, person_ids: Collection[UUID]
) -> Household:
    """Form a household of these people; each leaves the one before.

    Raises NotAllowed (manager; nobody parts their own household), Invalid, NotFound.
    """
    roles.require(session, actor, "manager", unit_id=roles.ANYWHERE)
    wanted = sorted(set(person_ids))
    if not 1 <= len(wanted) <= PEOPLE_MAX:
        raise Invalid(person_ids=f"want 1 to {PEOPLE_MAX} people")
    rows = session.scalars(
        select(Person)
        .where(Person.community_id == actor.community_id, Person.id.in_(wanted))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()
    if len(rows) < len(wanted):
        raise NotFound("person")
    for person in rows:
        roles.require(session, actor, "manager", unit_id=person.unit_id)
    if actor.person_id is not None:
        _refuse_parting(session, actor, set(wanted))
    household = Household(community_id=actor.community_id, id=ids.new(), formed_at=at)
    session.add(household)
    session.flush()
    for person in rows:
        person.household_id = household.id
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.HOUSEHOLD_FORMED,
        subject=("household", household.id),
        at=at,
        after={"person_ids": wanted},
    )
    return household


def household(session: Session, community_id: UUID, household_id: UUID) -> Household:
    """The household; NotFound where the community has none of this id."""
    found = session.scalar(
        select(Household).where(
            Household.community_id == community_id, Household.id == household_id
        )
    )
    if found is None:
        raise NotFound("household")
    return found


def same(session: Session, community_id: UUID, a: UUID, b: UUID) -> bool:
    """Whether two people are one, or share a household."""
    if a == b:
        return True
    rows = session.scalars(
        select(Person.household_id).where(
            Person.community_id == community_id, Person.id.in_([a, b])
        )
    ).all()
    return len(rows) == 2 and rows[0] is not None and rows[0] == rows[1]


def members(session: Session, community_id: UUID, person_id: UUID) -> set[UUID]:
    """A person and all who share their household."""
    home = session.scalar(
        select(Person.household_id).where(
            Person.community_id == community_id, Person.id == person_id
        )
    )
    if home is None:
        return {person_id}
    rows = session.scalars(
        select(Person.id).where(Person.community_id == community_id, Person.household_id == home)
    )
    return {person_id, *rows}


def _refuse_parting(session: Session, actor: Actor, moving: set[UUID]) -> None:
    """The actor's own household moves whole or not at all."""
    own = members(session, actor.community_id, actor.person)
    if own & moving and own - moving:
        raise NotAllowed(cause="own_household")
