"""The register: people are added, changed, found; nobody is ever deleted from it.

Invariant: who is under 14 has a guardian; contact data of a trusted person is changed by themself
or an admin alone; what leaves the register is what the asker may see (contract, "Rights").
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid, NotAllowed, NotFound
from kit.keys import KeyRing
from people import (
    access,
    age,
    cards,
    households,
    names,
    passwords,
    phones,
    role_lists,
    roles,
    units,
)
from people.models import Person


def add(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    name: str,
    phone: str | None = None,
    password: str | None = None,
    household_id: UUID | None = None,
    unit_id: UUID | None = None,
    birth_year: int | None = None,
    guardian_id: UUID | None = None,
) -> Person:
    """Add a person, with a first card.

    Raises NotAllowed (manager), Invalid per field, NotFound for a household, unit or guardian that
    the community does not have.
    """
    roles.require(session, actor, "manager", unit_id=unit_id)
    person = Person(
        community_id=actor.community_id, id=ids.new(), name=names.clean("name", name), added_at=at
    )
    number = phones.wanted(phone) if phone is not None else None
    secret = passwords.wanted("password", password) if password is not None else None
    if secret is not None and number is None:
        raise Invalid(password="signing in needs a phone too")  # noqa: S106 # a sentence
    _place(session, person, household_id, unit_id)
    age.put(session, person, at, birth_year, guardian_id)
    session.add(person)
    session.flush()
    phones.put(session, keys=keys, person=person, phone=number)
    if secret is not None:
        passwords.put(
            session, community_id=person.community_id, person_id=person.id, password=secret, at=at
        )
    trail.record(
        session,
        actor=actor,
        action=Action.PERSON_ADDED,
        subject=("person", person.id),
        at=at,
        after=_facts(person),
    )
    cards.replace(session, actor=actor, keys=keys, at=at, person_id=person.id)
    return person


def change(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    person_id: UUID,
    **wanted: Any,
) -> Person:
    """Change a person: name, phone, household_id, unit_id, birth_year, guardian_id, active, roles.

    ``roles`` is the whole list, each a role's name or {role, unit_id}; only what differs needs the
    right. Raises NotFound, NotAllowed, Invalid.
    """
    row = locked(session, actor.community_id, person_id)
    _require_change(session, actor, row, set(wanted))
    before = _facts(row)
    for field in ("name", "phone", "household_id", "unit_id"):
        if field in wanted:
            _set(session, actor, keys, row, field, wanted[field])
    if {"birth_year", "guardian_id"} & wanted.keys():
        age.put(
            session,
            row,
            at,
            wanted.get("birth_year", row.birth_year),
            wanted.get("guardian_id", row.guardian_id),
        )
    session.flush()
    after = {**_facts(row), "fields": sorted(wanted)}
    if "active" in wanted:
        _activate(session, actor, row, at, active=bool(wanted["active"]))
        after["active"] = bool(wanted["active"])
    trail.record(
        session,
        actor=actor,
        action=Action.PERSON_CHANGED,
        subject=("person", row.id),
        at=at,
        before=before,
        after=after,
    )
    if "roles" in wanted:
        held = role_lists.read(session, actor.community_id, wanted["roles"])
        roles.set_all(session, actor=actor, at=at, person_id=row.id, wanted=held)
    return row


def person(session: Session, community_id: UUID, person_id: UUID) -> Person:
    """The person; NotFound where the community has none of this id."""
    found = session.get(Person, (community_id, person_id))
    if found is None:
        raise NotFound("person")
    return found


def active(session: Session, community_id: UUID, person_id: UUID) -> Person:
    """The person who takes part now; NotFound where they do not."""
    found = person(session, community_id, person_id)
    if found.deactivated_at is not None:
        raise NotFound("person")
    return found


def locked(session: Session, community_id: UUID, person_id: UUID) -> Person:
    """The person, whose row nobody else changes until this unit ends; NotFound."""
    found = session.scalar(
        select(Person)
        .where(Person.community_id == community_id, Person.id == person_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("person")
    return found


def phone_of(person: Person, keys: KeyRing) -> str | None:
    """A person's phone as E.164; who may see it is for ``people.queries`` to say."""
    return phones.of(person, keys)


def _require_change(session: Session, actor: Actor, row: Person, fields: set[str]) -> None:
    unknown = fields - {
        *("name", "phone", "household_id", "unit_id", "birth_year", "guardian_id"),
        *("active", "roles"),
    }
    if unknown:
        raise Invalid(**dict.fromkeys(unknown, "is not known"))
    if fields != {"phone"}:
        roles.require(session, actor, "manager", "admin", unit_id=row.unit_id)
    if "phone" in fields:
        roles.require_keeper(session, actor, row, "manager", "admin")
    if "active" in fields:
        held = roles.granted(session, actor.community_id, row.id)
        if actor.person_id == row.id:
            raise NotAllowed(cause="own_roles")
        # To take somebody out of the community is to take their roles.
        if any(one.role in roles.TRUSTED for one in held):
            roles.require(session, actor, "admin")


def _set(
    session: Session, actor: Actor, keys: KeyRing, row: Person, field: str, value: Any
) -> None:
    if field == "name":
        row.name = names.clean("name", value)
    elif field == "phone":
        number = phones.wanted(value) if value is not None else None
        phones.put(session, keys=keys, person=row, phone=number)
    elif field == "household_id":
        leaves = row.household_id is not None and row.household_id != value
        own = actor.person_id is not None and households.same(
            session, row.community_id, actor.person_id, row.id
        )
        if leaves and own:
            raise NotAllowed(cause="own_household")
        _place(session, row, value, row.unit_id)
    else:
        if value is not None and value != row.unit_id:
            roles.require(session, actor, "manager", "admin", unit_id=value)
        _place(session, row, row.household_id, value)


def _place(session: Session, row: Person, household_id: UUID | None, unit_id: UUID | None) -> None:
    if household_id is not None:
        households.household(session, row.community_id, household_id)
    if unit_id is not None:
        units.unit(session, row.community_id, unit_id)
    row.household_id, row.unit_id = household_id, unit_id


def _activate(session: Session, actor: Actor, row: Person, at: datetime, *, active: bool) -> None:
    if active == (row.deactivated_at is None):
        return
    row.deactivated_at = None if active else at
    session.flush()
    if not active:
        access.end_all(session, community_id=row.community_id, person_id=row.id, at=at)


def _facts(row: Person) -> dict[str, Any]:
    """What the trail may keep of a person: ids and yes or no (D12)."""
    return {
        "household_id": row.household_id,
        "unit_id": row.unit_id,
        "guardian_id": row.guardian_id,
        "has_phone": row.phone_sealed is not None,
        "active": row.deactivated_at is None,
    }
