"""One community as the pages see it: a browser for each role, a running shift, goods on the shelf.

Invariant: everything is made through the rooms' own functions; a browser holds a real sign-in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session

import web
from audit.actor import system
from kit.clock import StandingClock
from kit.db import Database
from kit.program import Program
from ledger import statements
from people import access, cards, pins
from people.models import Person
from redemption import goods, orders, stock
from redemption import queries as order_queries
from reports import provenance
from shifts.approval import approvals
from shifts.review import corrections, objections, samples, second_looks
from shifts.rota import feeds, making, red_posts, sign_ups
from shifts.rules import versions
from tests import factories
from tests.factories import AT, KEYS
from tests.web.browser import Browser
from treasury import adjustments

BASE = "http://localhost"
ROLES = ("volunteer", "captain", "manager", "clerk", "treasurer", "auditor", "admin")
PIN = "246813"


@dataclass
class World:
    """The community, its browsers and what stands in it."""

    database: Database
    clock: StandingClock
    app: Flask
    community_id: UUID
    people: dict[str, Person] = field(default_factory=dict)
    browsers: dict[str, Browser] = field(default_factory=dict)
    things: dict[str, UUID] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Browser:
        return self.browsers[name]

    def stranger(self) -> Browser:
        """A browser that nobody has signed in with."""
        return Browser(self.app.test_client())

    def enter(self, session: Session, name: str, person: Person) -> Browser:
        """A browser in which this person is signed in."""
        token, _row = access.make(session, person=person, kind="browser", limited=False, at=AT)
        browser = self.stranger()
        browser.client.set_cookie("lovebank", token)
        self.people[name], self.browsers[name] = person, browser
        return browser

    def join(self, name: str, *held: str, **facts: Any) -> Browser:
        """Somebody more."""

        def work(session: Session) -> Browser:
            person = factories.make_person(
                session, community_id=self.community_id, name=name, held=held, **facts
            )
            return self.enter(session, name, person)

        return self.database.write(work)


def make_app(
    database: Database, clock: StandingClock, base_url: str = BASE, *, is_test: bool = False
) -> Flask:
    """The pages alone, as the program mounts them."""
    return app_of(Program(database, clock, KEYS, base_url, is_test))


def app_of(program: Program) -> Flask:
    """The pages of this program."""
    app = Flask("tests", static_folder=None)
    app.register_blueprint(web.blueprint(program))
    return app


def make(
    database: Database, clock: StandingClock, app: Flask | None = None, name: str = "幸福里"
) -> World:
    """A community with a browser per role and one of each thing."""

    def build(session: Session) -> World:
        community, _first = factories.make_community(session, name=name)
        world = World(database, clock, app or make_app(database, clock), community.id)
        for role in ROLES:
            held = () if role == "volunteer" else (role,)
            person = factories.make_person(
                session, community_id=community.id, name=f"王小{role}", held=held
            )
            world.enter(session, role, person)
        _duties(session, world)
        _shelf(session, world)
        return world

    return database.write(build)


def _duties(session: Session, world: World) -> None:
    """A red post, its rule, and a shift that began an hour ago."""
    manager = factories.actor_of(world.people["manager"], "web")
    red_post = red_posts.add(session, actor=manager, at=AT, name="东门治安巡逻岗", kind="patrol")
    rule = versions.add(
        session,
        actor=manager,
        at=AT,
        name="通则",
        points_per_hour=30,
        effective_from=AT.date() - timedelta(days=30),
    )
    shift = making.add(
        session,
        actor=manager,
        at=AT - timedelta(days=1),
        title="下午巡逻",
        starts_at=AT - timedelta(hours=1),
        ends_at=AT + timedelta(hours=2),
        captain_id=world.people["captain"].id,
        red_post_id=red_post.id,
    )
    world.things |= {"red_post": red_post.id, "shift": shift.id, "rule": rule.id}


def _shelf(session: Session, world: World) -> None:
    """Rice from the general fund, and a PIN for the volunteer."""
    treasurer = factories.actor_of(world.people["treasurer"], "web")
    volunteer = world.people["volunteer"]
    rice = goods.add(session, actor=treasurer, at=AT, name="大米 5 公斤", points=20)
    stock.receive(session, actor=treasurer, at=AT, goods_id=rice.id, quantity=5)
    pins.set_pin(
        session,
        actor=factories.actor_of(volunteer),
        keys=KEYS,
        at=AT,
        person_id=volunteer.id,
        pin=PIN,
    )
    world.things["goods"] = rice.id


def serve(world: World) -> UUID:
    """An hour of the volunteer's at the shift, entered by the captain and credited: 30 points."""
    captain, manager = (factories.actor_of(world.people[name]) for name in ("captain", "manager"))

    def work(session: Session) -> UUID:
        row = corrections.by_hand(
            session,
            actor=captain,
            at=AT,
            shift_id=world.things["shift"],
            person_id=world.people["volunteer"].id,
            checked_in_at=AT - timedelta(hours=1),
            checked_out_at=AT,
            reason="手机没电",
        )
        approvals.approve(session, actor=manager, at=AT, attendance_id=row.id)
        return row.id

    world.things["attendance"] = world.database.write(work)
    return world.things["attendance"]


def place_order(world: World) -> UUID:
    """One bag of rice, set aside for the volunteer, who has served for it."""
    actor = factories.actor_of(world.people["volunteer"])
    lines = [(world.things["goods"], 1)]
    order = world.database.write(
        lambda session: orders.place(session, actor=actor, keys=KEYS, at=AT, lines=lines)
    )
    world.things["order"] = order.id
    return order.id


def _review(world: World, session: Session) -> None:
    """An objection, and an award that was drawn for a second look."""
    raised = objections.raise_one(
        session,
        actor=factories.actor_of(world.people["volunteer"]),
        at=AT,
        attendance_id=world.things["attendance"],
        reason="还多做了半小时",
    )
    drawn = samples.draw(
        session,
        actor=system(world.community_id, "tick"),
        at=AT + timedelta(days=2),
        awarded_on=AT.date(),
    )
    line = second_looks.lines(session, world.community_id, drawn.id)[0]
    world.things |= {"objection": raised.id, "sampled": line.id}


def furnish(world: World) -> None:
    """One of everything that an address may name."""
    serve(world)
    place_order(world)
    volunteer = factories.actor_of(world.people["volunteer"])
    shift_id = world.things["shift"]

    def work(session: Session) -> None:
        signed = sign_ups.sign_up(session, actor=volunteer, at=AT, shift_id=shift_id)
        world.things["sign_up"] = signed.id
        _review(world, session)
        lines = statements.statement(session, world.community_id, volunteer.person, 9, None)
        world.things["transfer"] = lines[-1].transfer_id
        moved = provenance.moved_by(session, world.community_id, lines[-1].transfer_id)
        world.things["lot"] = moved[0][0]
        world.tokens["card"] = cards.token_of(session, KEYS, world.community_id, volunteer.person)
        order = order_queries.order(
            session, actor=volunteer, keys=KEYS, at=AT, order_id=world.things["order"]
        )
        treasurer = factories.actor_of(world.people["treasurer"])
        asked = adjustments.make(
            session,
            actor=treasurer,
            at=AT,
            person_id=volunteer.person,
            points=5,
            reason="旧存折上的",
        )
        world.things["adjustment"] = asked.id
        feed = feeds.renew(session, actor=volunteer, keys=KEYS, at=AT)
        world.tokens["calendar"] = feeds.token_of(KEYS, feed)
        assert order.voucher is not None
        world.tokens["voucher"], world.tokens["typed"] = order.voucher.token, order.voucher.code

    world.database.write(work)
    world.things["person"] = world.people["volunteer"].id
    world.things["community"] = world.community_id
