"""What is printed on A4: a member card, a red post's poster.

Invariant: the office's look at somebody's card leaves an entry in the trail.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import NotFound
from people import cards, register
from people.models import Person
from qr import codes, images
from shifts.tables.rota import RedPost
from web import render
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager")


@pages.get("/office/people/<uuid:person_id>/card")
def card(visit: Visit, person_id: UUID) -> Response:
    """A member card to print."""

    def show(session: Session) -> tuple[Person, str]:
        token = cards.shown(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
        )
        return register.person(session, visit.community_id, person_id), token

    person, token = visit.write(show)
    return visit.page(
        "card.html",
        person=person,
        picture=drawn(visit, token),
        typed_code=grouped(token),
        back=f"/office/people/{person_id}",
    )


@pages.get("/office/red-posts/<uuid:red_post_id>/poster", roles=("manager", "captain"))
def poster(visit: Visit, red_post_id: UUID) -> Response:
    """The poster of a red post to print."""

    def find(session: Session) -> RedPost:
        found = session.scalar(
            select(RedPost).where(
                RedPost.community_id == visit.community_id, RedPost.id == red_post_id
            )
        )
        if found is None:
            raise NotFound("red_post")
        return found

    red_post = visit.read(find)
    token = codes.poster_token(red_post)
    return visit.page(
        "poster.html",
        red_post=red_post,
        picture=drawn(visit, token),
        typed_code=grouped(token),
    )


def drawn(visit: Visit, token: str, level: str = images.PRINT) -> str:
    """A code as the address of an image."""
    return render.picture(images.svg(images.url(visit.program.base_url, token), level))


def grouped(token: str) -> str:
    """A long code in groups of four, as one types it."""
    return " ".join(token[start : start + 4] for start in range(0, len(token), 4))
