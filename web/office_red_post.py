"""One red post in the office: its risk and insurance, the seats that are kept, its calendar.

Invariant: an address of a calendar is shown once, on the answer to the form that made it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.clock import local_date
from shifts.rota import feeds, occasions, red_posts
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "captain")


@pages.get("/office/red-posts/<uuid:red_post_id>")
def one_red_post(visit: Visit, red_post_id: UUID) -> Response:
    """What is to know of this duty?"""
    return _page(visit, red_post_id)


@pages.post(
    "/office/red-posts/<uuid:red_post_id>/insurance", roles=("manager",), again=one_red_post
)
def note_insurance(visit: Visit, red_post_id: UUID) -> Response:
    """Note which insurance covers who serves here, and until when."""
    fields = Fields(request.form)
    until = fields.day("until")
    note = fields.text("note", most=500)
    fields.done()
    visit.write(
        lambda session: red_posts.note_insurance(
            session,
            actor=visit.actor,
            at=visit.at,
            red_post_id=red_post_id,
            until=until,
            note=note,
        )
    )
    return visit.go(f"/office/red-posts/{red_post_id}", "saved")


@pages.post("/office/red-posts/<uuid:red_post_id>/calendar", again=one_red_post)
def renew_calendar(visit: Visit, red_post_id: UUID) -> Response:
    """A new address of this duty's shifts; the one before no longer answers."""
    keys = visit.program.keys

    def work(session: Session) -> str:
        feed = feeds.renew(
            session, actor=visit.actor, keys=keys, at=visit.at, red_post_id=red_post_id
        )
        return visit.program.base_url + feeds.path_of(keys, feed)

    return _page(visit, red_post_id, address=visit.write(work))


@pages.post("/office/red-posts/<uuid:red_post_id>/calendar/revoke", again=one_red_post)
def revoke_calendar(visit: Visit, red_post_id: UUID) -> Response:
    """Let the address of this duty's shifts answer no more."""
    visit.write(
        lambda session: feeds.revoke(
            session, actor=visit.actor, at=visit.at, red_post_id=red_post_id
        )
    )
    return visit.go(f"/office/red-posts/{red_post_id}", "calendar_revoked")


def _page(visit: Visit, red_post_id: UUID, address: str = "") -> Response:
    def find(session: Session) -> dict[str, Any]:
        red_post = occasions.red_post(session, visit.community_id, red_post_id)
        feed = feeds.in_force(session, visit.community_id, person_id=None, red_post_id=red_post.id)
        return {"red_post": red_post, "has_calendar": feed is not None}

    return visit.page(
        "office_red_post.html",
        office_tabs=TABS,
        address=address,
        today=local_date(visit.at, visit.zone),
        **visit.read(find),
    )
