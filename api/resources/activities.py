"""Activities: one-off occasions."""

from __future__ import annotations

from api.calls import Ask, call
from api.schemas.shared import Made
from api.schemas.shifts import ActivityIn
from shifts import activities
from shifts.models import Activity


@call("POST", "/activities", who="manager", body=ActivityIn, answer=Made, status=201)
def add(ask: Ask) -> Activity:
    """Add an activity; its shifts follow."""
    return activities.add(ask.session, actor=ask.actor, at=ask.at, **ask.body)
