"""Red posts: standing duties with a place."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.shared import Made
from api.schemas.shifts import InsuranceIn, RedPostIn, RedPostOut
from shifts.rota import red_posts
from shifts.tables.rota import RedPost


@call("POST", "/red-posts", who="manager", body=RedPostIn, answer=Made, status=201)
def add(ask: Ask) -> RedPost:
    """Add a red post."""
    facts = dict(ask.body)
    quota = facts.pop("quota")
    return red_posts.add(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        quota=None if quota is None else red_posts.Quota(**quota),
        **facts,
    )


@call(
    "PUT",
    "/red-posts/{red_post_id}/insurance",
    who="manager",
    body=InsuranceIn,
    answer=RedPostOut,
)
def note_insurance(ask: Ask) -> RedPost:
    """Note the insurance of a risky duty; the last note counts."""
    return red_posts.note_insurance(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        red_post_id=ask.ids["red_post_id"],
        until=ask.body["until"],
        note=ask.body["note"],
    )


@call("GET", "/red-posts", who="anyone signed in", query=PageQuery, answer=RedPostOut, paged=True)
def listed(ask: Ask) -> Page:
    """Red posts, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: red_posts.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )
