"""Calendar feeds: secret addresses that a calendar reads shifts at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api.calls import Ask, call
from api.schemas.calendars import CalendarOut
from shifts.rota import feeds, occasions
from shifts.tables.feeds import CalendarFeed


def _again(ask: Ask, kept: Mapping[str, Any]) -> str | None:
    """The address of a repeated answer, while it is still the one in force."""
    feed = feeds.get(ask.session, ask.community_id, UUID(str(kept["id"])))
    return _url(ask, feed)


@call("GET", "/me/calendar", who="anyone signed in", answer=CalendarOut)
def mine(ask: Ask) -> dict[str, Any]:
    """The address of one's own shifts; none before the first was made."""
    return _told(
        ask,
        feeds.in_force(ask.session, ask.community_id, person_id=ask.actor.person, red_post_id=None),
    )


@call(
    "POST",
    "/me/calendar",
    who="anyone signed in",
    answer=CalendarOut,
    status=201,
    remade={"url": _again},
)
def renew_mine(ask: Ask) -> dict[str, Any]:
    """A new address of one's own shifts; the one before no longer answers."""
    return _told(ask, feeds.renew(ask.session, actor=ask.actor, keys=ask.program.keys, at=ask.at))


@call("DELETE", "/me/calendar", who="anyone signed in", status=204)
def revoke_mine(ask: Ask) -> None:
    """Let one's own address answer no more."""
    feeds.revoke(ask.session, actor=ask.actor, at=ask.at)


@call("GET", "/red-posts/{red_post_id}/calendar", who="anyone signed in", answer=CalendarOut)
def of_red_post(ask: Ask) -> dict[str, Any]:
    """The address of a red post's shifts; none before the first was made."""
    red_post = occasions.red_post(ask.session, ask.community_id, ask.ids["red_post_id"])
    return _told(
        ask,
        feeds.in_force(ask.session, ask.community_id, person_id=None, red_post_id=red_post.id),
    )


@call(
    "POST",
    "/red-posts/{red_post_id}/calendar",
    who="captain, manager",
    answer=CalendarOut,
    status=201,
    remade={"url": _again},
)
def renew_of_red_post(ask: Ask) -> dict[str, Any]:
    """A new address of a red post's shifts; the one before no longer answers."""
    return _told(
        ask,
        feeds.renew(
            ask.session,
            actor=ask.actor,
            keys=ask.program.keys,
            at=ask.at,
            red_post_id=ask.ids["red_post_id"],
        ),
    )


@call("DELETE", "/red-posts/{red_post_id}/calendar", who="captain, manager", status=204)
def revoke_of_red_post(ask: Ask) -> None:
    """Let a red post's address answer no more."""
    feeds.revoke(ask.session, actor=ask.actor, at=ask.at, red_post_id=ask.ids["red_post_id"])


def _told(ask: Ask, feed: CalendarFeed | None) -> dict[str, Any]:
    return {"id": feed.id if feed else None, "url": _url(ask, feed)}


def _url(ask: Ask, feed: CalendarFeed | None) -> str | None:
    if feed is None or feed.revoked_at is not None:
        return None
    return ask.program.base_url + feeds.path_of(ask.program.keys, feed)
