"""One served, credited and partly spent stay, made through the rooms' own functions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from people.models import Person
from qr import codes, scan
from redemption import funds, goods, orders, stock
from redemption.models import Order
from shifts.approval import approvals
from shifts.presence import attendance
from shifts.review import corrections
from shifts.rota import making, red_posts
from shifts.rules import versions
from shifts.tables.rota import Shift
from tests import factories
from tests.factories import AT, KEYS


@dataclass
class Stay:
    """Who served where, and what came of it."""

    community_id: UUID
    volunteer: Person
    captain: Person
    manager: Person
    treasurer: Person
    shift: Shift
    attendance_id: UUID
    order: Order | None = None

    def actor(self, person: Person) -> Actor:
        """One of these people, as the one who acts."""
        return factories.actor_of(person)


def make_stay(session: Session) -> Stay:
    """Scanned in at the start and out after three hours, amended by the captain to two."""
    community, manager = factories.make_community(session)
    here = community.id
    volunteer = factories.make_person(session, name="Li Mei", community_id=here)
    captain = factories.make_person(session, name="Chen Bo", held=("captain",), community_id=here)
    treasurer = factories.make_person(
        session, name="Gao Yi", held=("treasurer",), community_id=here
    )
    boss = factories.actor_of(manager)
    fund = funds.open_fund(
        session, actor=factories.actor_of(treasurer), at=AT, name="Grant", points_budget=1000
    )
    red_post = red_posts.add(
        session, actor=boss, at=AT, name="East gate", kind="patrol", fund_id=fund.id
    )
    versions.add(
        session,
        actor=boss,
        at=AT,
        name="Patrol",
        points_per_hour=10,
        effective_from=date(2026, 11, 22),
        daily_cap_points=15,
    )
    shift = making.add(
        session,
        actor=boss,
        at=AT,
        title="Afternoon",
        starts_at=AT,
        ends_at=AT + timedelta(hours=3),
        captain_id=captain.id,
        red_post_id=red_post.id,
    )
    stay = Stay(community.id, volunteer, captain, manager, treasurer, shift, volunteer.id)
    for hours in (0, 3):
        at = AT + timedelta(hours=hours)
        token = codes.shift_code(KEYS, shift, at).token
        scan.scan(session, actor=factories.actor_of(volunteer), keys=KEYS, at=at, token=token)
    found = attendance.live(session, community.id, shift.id, volunteer.id)
    assert found is not None
    stay.attendance_id = found.id
    return stay


def amend_and_approve(session: Session, stay: Stay) -> None:
    """An hour is taken off by the captain; the manager approves."""
    at = AT + timedelta(hours=4)
    corrections.amend(
        session,
        actor=stay.actor(stay.captain),
        at=at,
        attendance_id=stay.attendance_id,
        checked_out_at=AT + timedelta(hours=2),
        reason="went home early",
    )
    approvals.approve(
        session, actor=stay.actor(stay.manager), at=at, attendance_id=stay.attendance_id
    )


def spend(session: Session, stay: Stay) -> Order:
    """Two soaps for six points, from a delivery that the grant paid."""
    at = AT + timedelta(hours=5)
    treasurer = stay.actor(stay.treasurer)
    soap = goods.add(session, actor=treasurer, at=at, name="Soap", points=3)
    grant = funds.open_fund(session, actor=treasurer, at=at, name="Donor", fen=1000)
    stock.receive(
        session,
        actor=treasurer,
        at=at,
        goods_id=soap.id,
        quantity=10,
        fund_id=grant.id,
        unit_cost_fen=50,
    )
    stay.order = orders.place(
        session, actor=stay.actor(stay.volunteer), keys=KEYS, at=at, lines=[(soap.id, 2)]
    )
    return stay.order
