"""One community as the API sees it: a person for each role, a shift, goods, an order, and callers.

Invariant: everything is made through the rooms' own functions; a caller holds a real token.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import api.site
from kit.clock import StandingClock
from kit.db import Database
from kit.program import Program
from people import access
from people.models import Person
from redemption import goods, stock
from shifts.rota import making, red_posts
from tests import factories
from tests.factories import AT, KEYS

BASE = "https://lovebank.test"
ROLES = ("volunteer", "captain", "manager", "clerk", "treasurer", "auditor", "admin")


@dataclass
class Caller:
    """Somebody with a token and a client."""

    client: FlaskClient
    token: str | None
    id: UUID | None = None

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send one call under /api/v1; ``body`` goes as JSON."""
        headers = dict(more.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None:
            more["json"] = body
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        """GET."""
        return self.send("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """POST."""
        return self.send("POST", path, {} if body is None else body, **more)


@dataclass
class World:
    """The community and what stands in it."""

    database: Database
    clock: StandingClock
    app: Flask
    community_id: UUID
    callers: dict[str, Caller] = field(default_factory=dict)
    things: dict[str, UUID] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Caller:
        return self.callers[name]

    def write(self, work: Any) -> Any:
        """Run ``work(session)`` in one unit."""
        return self.database.write(work)

    def join(self, name: str, *held: str, **facts: Any) -> Caller:
        """Somebody more, with a token."""
        made: Caller = self.write(lambda session: self._join(session, name, held, facts))
        return made

    def anybody(self) -> Caller:
        """Somebody without a token."""
        return Caller(self.app.test_client(), None)

    def _join(self, session: Session, name: str, held: Any, facts: Any) -> Caller:
        person = factories.make_person(
            session, community_id=self.community_id, name=name, held=tuple(held), **facts
        )
        return self.enter(session, name, person)

    def enter(self, session: Session, name: str, person: Person) -> Caller:
        """A caller for a person who is there already."""
        token, _row = access.make(session, person=person, kind="api", limited=False, at=AT)
        self.callers[name] = Caller(self.app.test_client(), token, person.id)
        return self.callers[name]


def make_app(database: Database, clock: StandingClock) -> Flask:
    """The API alone, as the program mounts it."""
    return app_of(Program(database, clock, KEYS, BASE))


def app_of(program: Program) -> Flask:
    """The API of this program."""
    app = Flask("tests")
    app.register_blueprint(api.site.blueprint(program))
    return app


def make(database: Database, clock: StandingClock, app: Flask | None = None) -> World:
    """A community with one caller per role and one of each thing."""

    def build(session: Session) -> World:
        community, first = factories.make_community(session)
        world = World(database, clock, app or make_app(database, clock), community.id)
        world.enter(session, "first", first)
        for role in ROLES:
            held = () if role == "volunteer" else (role,)
            world._join(session, role, held, {})
        _furnish(session, world)
        return world

    world: World = database.write(build)
    return world


def _furnish(session: Session, world: World) -> None:
    """A red post with a shift that runs now, and goods with stock."""
    actors = {name: _actor(world, name) for name in ("manager", "treasurer")}
    red_post = red_posts.add(
        session, actor=actors["manager"], at=AT, name="East gate", kind="patrol"
    )
    captain = world["captain"].id
    assert captain is not None
    shift = making.add(
        session,
        actor=actors["manager"],
        at=AT - timedelta(days=1),
        title="Evening round",
        starts_at=AT - timedelta(hours=3),
        ends_at=AT + timedelta(hours=1),
        captain_id=captain,
        red_post_id=red_post.id,
    )
    rice = goods.add(session, actor=actors["treasurer"], at=AT, name="Rice", points=40)
    stock.receive(session, actor=actors["treasurer"], at=AT, goods_id=rice.id, quantity=50)
    world.things |= {"red_post": red_post.id, "shift": shift.id, "goods": rice.id}


def _actor(world: World, name: str) -> Any:
    from audit.actor import Actor

    return Actor(world.community_id, world[name].id, "api")
