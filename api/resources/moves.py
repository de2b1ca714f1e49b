"""A whole shift moved to the right one, or to the right time, with a look at it first."""

from __future__ import annotations

from api.calls import Ask, call
from api.schemas.reviews import MovedOut, MoveIn, MoveQuery
from shifts.review import moving
from shifts.review.move_plans import Moved, Target

_LEADS = "captain of both shifts, manager"


@call("GET", "/shifts/{shift_id}/move", who=_LEADS, query=MoveQuery, answer=MovedOut)
def preview(ask: Ask) -> Moved:
    """What a move would make of each stay; nothing is written."""
    return moving.preview(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        shift_id=ask.ids["shift_id"],
        target=_target(ask.query),
        along=ask.query.get("along") == "yes",
    )


@call("POST", "/shifts/{shift_id}/move", who=_LEADS, body=MoveIn, answer=MovedOut)
def move(ask: Ask) -> Moved:
    """Move every stay; what is credited waits as an amendment for a manager's approval."""
    return moving.move(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        shift_id=ask.ids["shift_id"],
        target=_target(ask.body),
        along=ask.body["along"],
        reason=ask.body["reason"],
    )


def _target(told: object) -> Target:
    assert isinstance(told, dict), "what a schema read"
    return Target(told.get("to_shift_id"), told.get("starts_at"), told.get("ends_at"))
