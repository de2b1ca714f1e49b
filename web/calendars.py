"""What a calendar reads: shifts as iCalendar at a secret address, without signing in.

Invariant: an address that does not answer says nothing of why.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from shifts.rota import feeds, ical
from web import rota
from web.pages import Pages
from web.visit import Visit

pages = Pages()


@pages.get("/calendar/<uuid:community_id>/<calendar>.ics", strangers=True)
def feed(visit: Visit, community_id: UUID, calendar: str) -> Response:
    """The shifts behind an address."""

    def find(session: Session) -> str:
        return feeds.read(
            session,
            keys=visit.program.keys,
            community_id=community_id,
            token=calendar,
            at=visit.at,
        )

    told = visit.program.database.read(find, community_id=community_id)
    return Response(told, 200, content_type=f"{ical.MEDIA_TYPE}; charset=utf-8")


@pages.post("/shifts/calendar", again=rota.shifts)
def renew(visit: Visit) -> Response:
    """A new address of one's own shifts."""
    keys = visit.program.keys

    def work(session: Session) -> str:
        feed = feeds.renew(session, actor=visit.actor, keys=keys, at=visit.at)
        return visit.program.base_url + feeds.path_of(keys, feed)

    return rota.page(visit, address=visit.write(work))


@pages.post("/shifts/calendar/revoke", again=rota.shifts)
def revoke(visit: Visit) -> Response:
    """Let the address answer no more."""
    visit.write(lambda session: feeds.revoke(session, actor=visit.actor, at=visit.at))
    return visit.go("/shifts", "calendar_revoked")
