"""Activities: one-off occasions."""

from __future__ import annotations

from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.shared import Made
from api.schemas.shifts import ActivityIn, ActivityOut, ActivityShiftsIn, ActivityShiftsOut
from shifts import views
from shifts.rota import activities, making
from shifts.tables.rota import Activity


@call("POST", "/activities", who="manager", body=ActivityIn, answer=Made, status=201)
def add(ask: Ask) -> Activity:
    """Add an activity; its shifts follow."""
    return activities.add(ask.session, actor=ask.actor, at=ask.at, **ask.body)


@call("GET", "/activities", who="anyone signed in", query=PageQuery, answer=ActivityOut, paged=True)
def listed(ask: Ask) -> Page:
    """Activities, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: activities.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )


@call(
    "POST",
    "/activities/{activity_id}/shifts",
    who="manager, captain",
    body=ActivityShiftsIn,
    answer=ActivityShiftsOut,
    status=201,
)
def add_shifts(ask: Ask) -> dict[str, Any]:
    """Make all shifts of an activity in one call, or none."""
    made = [
        making.add(
            ask.session,
            actor=ask.actor,
            at=ask.at,
            activity_id=ask.ids["activity_id"],
            **facts,
        )
        for facts in ask.body["shifts"]
    ]
    return {"items": views.shifts(ask.session, ask.community_id, made, ask.at)}
