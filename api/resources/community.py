"""The caller's community and its settings."""

from __future__ import annotations

from typing import Any

from api.calls import Ask, call
from api.schemas.community import CommunityIn, CommunityOut
from people import communities


@call("GET", "/community", who="anyone signed in", answer=CommunityOut)
def show(ask: Ask) -> dict[str, Any]:
    """The community's settings, with their defaults."""
    return _told(ask, communities.settings_of(ask.session, ask.community_id))


@call("PATCH", "/community", who="admin", body=CommunityIn, answer=CommunityOut)
def change(ask: Ask) -> dict[str, Any]:
    """Change settings; a change never acts backwards."""
    changed = communities.change(ask.session, actor=ask.actor, at=ask.at, **ask.body)
    return _told(ask, changed)


def _told(ask: Ask, settings: communities.Settings) -> dict[str, Any]:
    return {"id": ask.community_id, **settings.told()}
