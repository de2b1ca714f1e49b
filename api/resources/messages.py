"""What one was told: one's own messages, and that they were seen."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.messages import MessageOut, ReadIn, UnreadOut
from messages import inbox
from reports import told


@call(
    "GET",
    "/me/messages",
    who="anyone signed in",
    query=PageQuery,
    answer=MessageOut,
    paged=True,
    beside=UnreadOut,
)
def listed(ask: Ask) -> Page:
    """One's own messages, newest first."""
    me = ask.actor.person
    page = cursors.page(
        ask,
        lambda limit, before: inbox.of(
            ask.session, ask.community_id, me, limit=limit, before=before
        ),
    )
    return Page(
        told.told(ask.session, ask.community_id, page.items, ask.language),
        page.last,
        {"unread": inbox.unread(ask.session, ask.community_id, me)},
    )


@call("POST", "/me/messages/read", who="anyone signed in", body=ReadIn, answer=UnreadOut)
def read(ask: Ask) -> dict[str, int]:
    """Mark one's own messages as read, these or all."""
    return {"unread": inbox.mark_read(ask.session, actor=ask.actor, at=ask.at, **ask.body)}
