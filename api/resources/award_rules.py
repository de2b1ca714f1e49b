"""Award rules: versions of minutes → points."""

from __future__ import annotations

from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.shared import Version
from api.schemas.shifts import AwardRuleIn, AwardRuleOut
from shifts import rules
from shifts.models import AwardRule

_SAME = (
    "id",
    "name",
    "version",
    "points_per_hour",
    "round_down_minutes",
    "min_minutes",
    "daily_cap_points",
    "effective_from",
    "red_post_id",
)


@call("POST", "/award-rules", who="manager", body=AwardRuleIn, answer=Version, status=201)
def add(ask: Ask) -> AwardRule:
    """Add a rule, or the next version of the one with this name."""
    facts = dict(ask.body)
    night = facts.pop("night")
    return rules.add(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        night=None if night is None else rules.NightRate(**night),
        **facts,
    )


@call(
    "GET", "/award-rules", who="anyone signed in", query=PageQuery, answer=AwardRuleOut, paged=True
)
def listed(ask: Ask) -> Page:
    """Rule versions, newest first."""
    page = cursors.page(
        ask,
        lambda limit, before: rules.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )
    return Page([_told(row) for row in page.items], page.last)


def _told(row: AwardRule) -> dict[str, Any]:
    night = None
    if row.night_from is not None:
        night = {
            "starts": row.night_from,
            "ends": row.night_to,
            "points_per_hour": row.night_points_per_hour,
        }
    return {name: getattr(row, name) for name in _SAME} | {"night": night}
