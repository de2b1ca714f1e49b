"""Red posts: standing duties with a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.resources import award_rules
from api.schemas.shared import Made
from api.schemas.shifts import InsuranceIn, RedPostIn, RedPostOut
from shifts.rota import occasions, red_posts
from shifts.rules import rates
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
def note_insurance(ask: Ask) -> dict[str, Any]:
    """Note the insurance of a risky duty; the last note counts."""
    row = red_posts.note_insurance(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        red_post_id=ask.ids["red_post_id"],
        until=ask.body["until"],
        note=ask.body["note"],
    )
    return _told(ask, [row])[0]


@call("GET", "/red-posts", who="anyone signed in", query=PageQuery, answer=RedPostOut, paged=True)
def listed(ask: Ask) -> Page:
    """Red posts, newest first."""
    page = cursors.page(
        ask,
        lambda limit, before: red_posts.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )
    return Page(_told(ask, page.items), page.last)


@call("GET", "/red-posts/{red_post_id}", who="anyone signed in", answer=RedPostOut)
def show(ask: Ask) -> dict[str, Any]:
    """One red post, with the rate of today."""
    row = occasions.red_post(ask.session, ask.community_id, ask.ids["red_post_id"])
    return _told(ask, [row])[0]


_SAME = tuple(name for name in RedPostOut().fields if name != "rule")


def _told(ask: Ask, rows: Sequence[RedPost]) -> list[dict[str, Any]]:
    """Red posts, each with the rule in force beside it."""
    found = rates.now(ask.session, ask.community_id, rows, ask.at)
    beside = {one: award_rules.told(rule) for one, rule in found.items()}
    return [
        {name: getattr(row, name) for name in _SAME} | {"rule": beside.get(row.id)} for row in rows
    ]
