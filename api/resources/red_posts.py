"""Red posts: standing duties with a place."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.shared import Made
from api.schemas.shifts import RedPostIn, RedPostOut
from shifts import red_posts
from shifts.models import RedPost


@call("POST", "/red-posts", who="manager", body=RedPostIn, answer=Made, status=201)
def add(ask: Ask) -> RedPost:
    """Add a red post."""
    return red_posts.add(ask.session, actor=ask.actor, at=ask.at, **ask.body)


@call("GET", "/red-posts", who="anyone signed in", query=PageQuery, answer=RedPostOut, paged=True)
def listed(ask: Ask) -> Page:
    """Red posts, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: red_posts.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )
