"""One's own messages.

Invariant: only one's own are here; opening the page marks nothing as read, the button does.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from messages import inbox
from reports import told
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages()
PAGE = 30


@pages.get("/me/messages")
def messages(visit: Visit) -> Response:
    """What was I told?"""
    before = Fields(request.args).maybe_id("before")

    def find(session: Session) -> dict[str, Any]:
        community_id, me = visit.community_id, visit.me.person_id
        rows = inbox.of(session, community_id, me, limit=PAGE, before=before)
        return {
            "rows": told.told(session, community_id, rows, visit.lang),
            "unread": inbox.unread(session, community_id, me),
            "earlier": rows[-1].id if len(rows) == PAGE else None,
        }

    return visit.page("messages.html", **visit.read(find))


@pages.post("/me/messages/read", again=messages)
def read(visit: Visit) -> Response:
    """Mark all as read."""
    visit.write(lambda session: inbox.mark_read(session, actor=visit.actor, at=visit.at))
    return visit.go("/me/messages", "messages_read")
