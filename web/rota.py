"""Coming shifts for volunteers: what there is, signing up and withdrawing.

Invariant: the page shows how many have signed up, and never who.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from shifts import queries
from shifts.rota import feeds, sign_ups, stand_ins, times
from shifts.tables.rota import RedPost, SignUp
from web import names
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages()
AHEAD = timedelta(days=30)
PAGE = 100


@dataclass(frozen=True)
class Coming:
    """One coming shift, as one volunteer sees it."""

    id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    taken: int
    seats: int | None
    #: one's own sign-up: its status, and its id
    mine: str | None
    sign_up_id: UUID | None
    #: one may check in now
    is_open: bool

    @property
    def is_full(self) -> bool:
        """Whether one would wait in line."""
        return self.seats is not None and self.taken >= self.seats


@pages.get("/shifts")
def shifts(visit: Visit) -> Response:
    """What is coming, and am I in?"""
    return page(visit)


def page(visit: Visit, address: str = "") -> Response:
    """The page of coming shifts; ``address``: of the calendar that was made just now."""
    facts = visit.read(lambda session: _found(session, visit))
    return visit.page("shifts.html", address=address, **facts)


def shifts_again(visit: Visit, sign_up_id: UUID) -> Response:
    """The same, where a form about one place was refused."""
    return page(visit)


@pages.post("/shifts/<uuid:shift_id>/sign-ups", again=shifts)
def sign_up(visit: Visit, shift_id: UUID) -> Response:
    """Take a place, or a place in line."""
    row = visit.write(
        lambda session: sign_ups.sign_up(session, actor=visit.actor, at=visit.at, shift_id=shift_id)
    )
    return visit.go("/shifts", "waitlisted" if row.status == "waitlisted" else "signed_up")


@pages.post("/sign-ups/<uuid:sign_up_id>/withdraw", again=shifts)
def withdraw(visit: Visit, sign_up_id: UUID) -> Response:
    """Give the place back."""
    fields = Fields(request.form)
    reason = fields.maybe_text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: sign_ups.withdraw(
            session, actor=visit.actor, at=visit.at, sign_up_id=sign_up_id, reason=reason
        )
    )
    return visit.go("/shifts", "withdrawn")


def _found(session: Session, visit: Visit) -> dict[str, Any]:
    me, community_id = visit.me.person_id, visit.community_id
    feed = feeds.in_force(session, community_id, person_id=me, red_post_id=None)
    there = coming(session, visit)
    asked = stand_ins.asked_of(session, community_id, me, visit.at)
    by = names.of(session, community_id, [one.person_id for one in asked])
    found = {one.id: one for one in there}
    return {
        "shifts": there,
        "asked": [
            (one.id, by[one.person_id], found[one.shift_id])
            for one in asked
            if one.shift_id in found
        ],
        "has_calendar": feed is not None,
    }


def coming(session: Session, visit: Visit) -> list[Coming]:
    """Published shifts that are not over, by their start."""
    found = queries.shifts(
        session,
        actor=visit.actor,
        at=visit.at,
        limit=PAGE,
        since=visit.at - timedelta(days=7),
        until=visit.at + AHEAD,
    )
    open_ones = [one for one in found if one.status == "published" and one.ends_at > visit.at]
    mine = _mine(session, visit, [one.id for one in open_ones])
    places = _places(session, visit, {one.red_post_id for one in open_ones if one.red_post_id})
    rows = [
        Coming(
            id=one.id,
            title=one.title,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=places.get(one.red_post_id) if one.red_post_id else None,
            taken=one.seats_taken,
            seats=one.seats,
            mine=mine[one.id].status if one.id in mine else None,
            sign_up_id=mine[one.id].id if one.id in mine else None,
            is_open=one.starts_at - times.CHECK_IN_EARLY <= visit.at < one.ends_at,
        )
        for one in open_ones
    ]
    return sorted(rows, key=lambda row: (row.starts_at, row.id))


def _mine(session: Session, visit: Visit, shift_ids: list[UUID]) -> dict[UUID, SignUp]:
    rows = session.scalars(
        select(SignUp).where(
            SignUp.community_id == visit.community_id,
            SignUp.person_id == visit.me.person_id,
            SignUp.shift_id.in_(shift_ids),
        )
    )
    return {row.shift_id: row for row in rows}


def _places(session: Session, visit: Visit, red_post_ids: set[UUID]) -> dict[UUID, str | None]:
    rows = session.execute(
        select(RedPost.id, RedPost.place).where(
            RedPost.community_id == visit.community_id, RedPost.id.in_(red_post_ids)
        )
    )
    return {row.id: row.place for row in rows}
