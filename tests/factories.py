"""What tests make in one line: a community, people, roles. The session first, then facts by name.

Invariant: everything is made through the rooms' own functions, as the program itself, so that the
books and the trail of a test are as whole as real ones.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor, system
from kit import ids
from kit.keys import KeyRing
from people import communities, households, register, roles, units
from people.models import Community, Household, Person, Unit
from people.roles import Held
from redemption import funds

KEYS = KeyRing(("a secret that only tests know, 2026",))
#: Sunday afternoon in Shanghai
AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
PASSWORD = "a long pass phrase"

_numbers = itertools.count(1)


def make_phone() -> str:
    """A mainland number that no other person of this test run has."""
    return f"138{next(_numbers):08d}"


def make_community(
    session: Session,
    *,
    name: str | None = None,
    at: datetime = AT,
    phone: str | None = None,
    password: str | None = None,
    fund_name: str = "General fund",
) -> tuple[Community, Person]:
    """A community with its general fund, and its first person: admin and manager."""
    fund_id = ids.new()
    community, first = communities.open_community(
        session,
        name=name or f"Community {next(_numbers)}",
        admin_name="Wang Fang",
        admin_phone=phone or make_phone(),
        admin_password=password,
        keys=KEYS,
        at=at,
        via="cli",
        general_fund_id=fund_id,
    )
    funds.open_fund(
        session,
        actor=system(community.id, "cli"),
        at=at,
        name=fund_name,
        fund_id=fund_id,
        check_right=False,
    )
    return community, first


def make_person(
    session: Session,
    *,
    community_id: UUID,
    name: str = "Li Mei",
    phone: str | None = None,
    password: str | None = None,
    household_id: UUID | None = None,
    unit_id: UUID | None = None,
    birth_year: int | None = None,
    guardian_id: UUID | None = None,
    held: tuple[str, ...] = (),
    at: datetime = AT,
) -> Person:
    """A person with a card, and these roles for the whole community; no phone unless given."""
    person = register.add(
        session,
        actor=system(community_id, "cli"),
        keys=KEYS,
        at=at,
        name=name,
        phone=phone,
        password=password,
        household_id=household_id,
        unit_id=unit_id,
        birth_year=birth_year,
        guardian_id=guardian_id,
    )
    for role in held:
        grant_role(session, community_id=community_id, person_id=person.id, role=role, at=at)
    return person


def make_household(
    session: Session, *, community_id: UUID, person_ids: list[UUID], at: datetime = AT
) -> Household:
    """These people as one household."""
    actor = system(community_id, "cli")
    return households.form(session, actor=actor, at=at, person_ids=person_ids)


def make_unit(
    session: Session,
    *,
    community_id: UUID,
    name: str = "Team",
    kind: str = "team",
    parent_id: UUID | None = None,
    at: datetime = AT,
) -> Unit:
    """A unit of organisation."""
    actor = system(community_id, "cli")
    return units.add(session, actor=actor, at=at, name=name, kind=kind, parent_id=parent_id)


def grant_role(
    session: Session,
    *,
    community_id: UUID,
    person_id: UUID,
    role: str,
    unit_id: UUID | None = None,
    at: datetime = AT,
) -> None:
    """A role for the community or a unit, granted by the program itself."""
    actor = system(community_id, "cli")
    roles.grant(session, actor=actor, at=at, person_id=person_id, held=Held(role, unit_id))


def actor_of(person: Person, via: str = "api") -> Actor:
    """The person as the one who acts, in a request of their own."""
    return Actor(person.community_id, person.id, via)
