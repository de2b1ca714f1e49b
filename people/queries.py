"""What may be seen of people: one view, cut to the rights of whoever asks.

Invariant: contact data goes to the person, a manager or an admin alone; a captain finds the id and
name of the people of their unit (contract, "Rights").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import NotAllowed
from kit.keys import KeyRing
from people import phones, register, roles, tree
from people.models import Person
from people.roles import Held

LIMIT_MAX = 200


@dataclass(frozen=True)
class PersonView:
    """A person as one may see them; where ``whole`` is false, the id and the name alone."""

    id: UUID
    name: str
    whole: bool
    phone: str | None = None
    roles: tuple[Held, ...] = ()
    household_id: UUID | None = None
    unit_id: UUID | None = None
    birth_year: int | None = None
    guardian_id: UUID | None = None
    active: bool = True
    added_at: datetime | None = None


@dataclass(frozen=True)
class _Reach:
    """How far somebody sees: everywhere (``None`` in the set), or below some units."""

    contact: frozenset[UUID | None]
    whole: frozenset[UUID | None]
    names: frozenset[UUID | None]

    def sees(self, which: str, unit_id: UUID | None) -> bool:
        among: frozenset[UUID | None] = getattr(self, which)
        return None in among or (unit_id is not None and unit_id in among)


def view(session: Session, *, actor: Actor, keys: KeyRing, person_id: UUID) -> PersonView:
    """One person, as the actor may see them. Raises NotFound, NotAllowed."""
    person = register.person(session, actor.community_id, person_id)
    if actor.person_id != person_id:
        reach = _reach(session, actor)
        if not reach.sees("names", person.unit_id):
            raise NotAllowed(needs=["manager", "admin", "captain", "auditor"])
    else:
        everywhere: frozenset[UUID | None] = frozenset([None])
        reach = _Reach(everywhere, everywhere, everywhere)
    return _views(session, actor, keys, reach, [person])[0]


def search(
    session: Session,
    *,
    actor: Actor,
    keys: KeyRing,
    q: str | None = None,
    limit: int = 50,
    before: UUID | None = None,
) -> list[PersonView]:
    """People whose name holds ``q``, or whose phone it is; newest first, ids below ``before``.

    Raises NotAllowed for who sees nobody: not manager, admin, auditor or captain.
    """
    reach = _reach(session, actor)
    if not reach.names:
        raise NotAllowed(needs=["manager", "admin", "captain", "auditor"])
    query = select(Person).where(Person.community_id == actor.community_id)
    if None not in reach.names:
        query = query.where(Person.unit_id.in_([unit for unit in reach.names if unit]))
    if q and q.strip():
        query = query.where(_matching(session, actor, keys, reach, q.strip()))
    if before is not None:
        query = query.where(Person.id < before)
    rows = session.scalars(query.order_by(Person.id.desc()).limit(min(limit, LIMIT_MAX))).all()
    return _views(session, actor, keys, reach, rows)


def names_of(session: Session, community_id: UUID, person_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of people, for pages of those who may see them."""
    rows = session.execute(
        select(Person.id, Person.name).where(
            Person.community_id == community_id, Person.id.in_(list(person_ids))
        )
    )
    return {row.id: row.name for row in rows}


def _matching(
    session: Session, actor: Actor, keys: KeyRing, reach: _Reach, q: str
) -> ColumnElement[Any]:
    by_name: ColumnElement[Any] = Person.name.contains(q, autoescape=True)
    number = phones.normal(q)
    # Whoever may not see a phone may not find out whose it is either.
    if number is None or None not in reach.contact:
        return by_name
    found = phones.holder(session, keys, actor.community_id, number)
    return by_name if found is None else Person.id == found


def _views(
    session: Session, actor: Actor, keys: KeyRing, reach: _Reach, rows: Sequence[Person]
) -> list[PersonView]:
    held = roles.of_all(session, actor.community_id, [row.id for row in rows])
    found = []
    for row in rows:
        if not reach.sees("whole", row.unit_id):
            found.append(PersonView(row.id, row.name, whole=False))
            continue
        found.append(
            PersonView(
                id=row.id,
                name=row.name,
                whole=True,
                phone=phones.of(row, keys) if reach.sees("contact", row.unit_id) else None,
                roles=held.get(row.id, ()),
                household_id=row.household_id,
                unit_id=row.unit_id,
                birth_year=row.birth_year,
                guardian_id=row.guardian_id,
                active=row.deactivated_at is None,
                added_at=row.added_at,
            )
        )
    return found


def _reach(session: Session, actor: Actor) -> _Reach:
    if actor.person_id is None:
        everywhere: frozenset[UUID | None] = frozenset([None])
        return _Reach(everywhere, everywhere, everywhere)
    held = roles.of(session, actor.community_id, actor.person_id)

    def of(*wanted: str) -> frozenset[UUID | None]:
        units: set[UUID | None] = {one.unit_id for one in held if one.role in wanted}
        if None in units or not units:
            return frozenset(units)
        whole = {unit for unit in units if unit is not None}
        return frozenset(tree.below(session, actor.community_id, whole))

    return _Reach(
        contact=of("manager", "admin"),
        whole=of("manager", "admin", "auditor"),
        names=of("manager", "admin", "auditor", "captain"),
    )
