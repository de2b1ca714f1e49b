"""A community with one person of each role, on each engine, and units that run like a caller's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import units
from audit.actor import Actor
from kit.clock import StandingClock
from kit.db import Database
from people.models import Person
from people.roles import Held
from tests import factories

T = TypeVar("T")
STAFF = ("captain", "clerk", "manager", "treasurer", "auditor", "admin")
EVERYBODY = ("volunteer", *STAFF)


@dataclass
class Village:
    """A community, who is who in it, and the time."""

    database: Database
    clock: StandingClock
    community_id: UUID
    people: dict[str, UUID]

    def actor(self, name: str) -> Actor:
        """Somebody of the village, in a request of their own."""
        return Actor(self.community_id, self.people[name], "api")

    def write(self, work: Callable[[Session], T]) -> T:
        """A unit without a caller: to set the scene."""
        return self.database.write(work, community_id=self.community_id)

    def read(self, work: Callable[[Session], T]) -> T:
        """Read on one snapshot."""
        return self.database.read(work, community_id=self.community_id)

    def perform(self, who: str, work: Callable[..., T], /, **facts: Any) -> T:
        """Call a domain function as somebody, through the unit of the edge."""
        actor = self.actor(who)

        def act(session: Session) -> T:
            return work(session, actor=actor, at=self.clock.now(), **facts)

        return units.perform(
            self.database, act, actor=actor, at=self.clock.now(), call="POST /test"
        )

    def rows(self, model: type[T]) -> list[T]:
        """Every row of a table that belongs to this community."""
        table: Any = model
        query = select(table).where(table.community_id == self.community_id)
        return self.read(lambda s: list(s.scalars(query)))

    def person(self, **facts: Any) -> Person:
        """One more person."""
        return self.write(
            lambda s: factories.make_person(s, community_id=self.community_id, **facts)
        )


def make_village(database: Database, clock: StandingClock) -> Village:
    """One person of each role, each alone; ``founder`` is admin and manager."""

    def found(session: Session) -> tuple[UUID, dict[str, UUID]]:
        community, first = factories.make_community(session)
        people = {"founder": first.id}
        for role in ("volunteer", *STAFF):
            held = () if role == "volunteer" else (role,)
            made = factories.make_person(
                session, community_id=community.id, name=f"Some {role}", held=held
            )
            people[role] = made.id
        return community.id, people

    community_id, people = database.write(found)
    return Village(database, clock, community_id, people)


def held(*names: str) -> set[Held]:
    """Roles for the whole community."""
    return {Held(name) for name in names}
