"""Shifts: made, published, cancelled, listed, and who is on one."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from api import cursors
from api.calls import Ask, Page, call
from api.schemas.attendances import RosterOut
from api.schemas.reviews import HeadCountIn, HeadCountOut
from api.schemas.shared import Reason
from api.schemas.shifts import ShiftChange, ShiftIn, ShiftOut, ShiftsQuery
from people import communities
from shifts import queries, rosters
from shifts.presence import cancelling, head_counts
from shifts.presence.head_counts import Counted
from shifts.rota import altering, making
from shifts.tables.rota import Shift
from shifts.views import ShiftView

_LEADS = "captain of the shift, manager"


@call("POST", "/shifts", who="manager, captain", body=ShiftIn, answer=ShiftOut, status=201)
def add(ask: Ask) -> ShiftView:
    """Make a shift; past times are allowed."""
    return _shown(ask, making.add(ask.session, actor=ask.actor, at=ask.at, **ask.body))


@call("GET", "/shifts", who="anyone signed in", query=ShiftsQuery, answer=ShiftOut, paged=True)
def listed(ask: Ask) -> Page:
    """Shifts that begin in [from, to), those made last first."""
    since, until = (_instant(ask, ask.query.get(name)) for name in ("since", "until"))
    return cursors.page(
        ask,
        lambda limit, before: queries.shifts(
            ask.session,
            actor=ask.actor,
            at=ask.at,
            limit=limit,
            before=before,
            since=since,
            until=until,
            red_post_id=ask.query.get("red_post_id"),
        ),
    )


@call("GET", "/shifts/{shift_id}", who="anyone signed in", answer=ShiftOut)
def show(ask: Ask) -> ShiftView:
    """One shift."""
    return queries.shift(ask.session, actor=ask.actor, at=ask.at, shift_id=ask.ids["shift_id"])


@call("PATCH", "/shifts/{shift_id}", who=_LEADS, body=ShiftChange, answer=ShiftOut)
def alter(ask: Ask) -> ShiftView:
    """Alter one shift before anybody can check in; who has a place is told of another time."""
    shift_id = ask.ids["shift_id"]
    wanted = dict(ask.body)
    return _shown(
        ask, altering.alter(ask.session, actor=ask.actor, at=ask.at, shift_id=shift_id, **wanted)
    )


@call("POST", "/shifts/{shift_id}/publish", who=_LEADS, answer=ShiftOut)
def publish(ask: Ask) -> ShiftView:
    """Publish a draft."""
    made = making.publish(ask.session, actor=ask.actor, at=ask.at, shift_id=ask.ids["shift_id"])
    return _shown(ask, made)


@call("POST", "/shifts/{shift_id}/cancel", who=_LEADS, body=Reason, answer=ShiftOut)
def cancel(ask: Ask) -> ShiftView:
    """Cancel a shift that is not over."""
    done = cancelling.cancel(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        shift_id=ask.ids["shift_id"],
        reason=ask.body["reason"],
    )
    return _shown(ask, done)


@call("GET", "/shifts/{shift_id}/roster", who=f"{_LEADS}, auditor", answer=RosterOut)
def roster(ask: Ask) -> dict[str, Any]:
    """Everybody of a shift, by name, in the captain's lists, and what was counted."""
    found = rosters.of_shift(ask.session, actor=ask.actor, at=ask.at, shift_id=ask.ids["shift_id"])
    return {
        "items": found.lines,
        "next": None,
        "lists": found,
        "head_counts": found.head_counts,
        "quota": found.quota,
    }


@call(
    "POST",
    "/shifts/{shift_id}/head-counts",
    who=_LEADS,
    body=HeadCountIn,
    answer=HeadCountOut,
    status=201,
)
def count(ask: Ask) -> Counted:
    """Keep how many people somebody saw there; once kept it is never changed."""
    shift_id = ask.ids["shift_id"]
    made = head_counts.add(ask.session, actor=ask.actor, at=ask.at, shift_id=shift_id, **ask.body)
    return head_counts.told(ask.session, made, ask.at)


def _shown(ask: Ask, shift: Shift) -> ShiftView:
    return queries.shift(ask.session, actor=ask.actor, at=ask.at, shift_id=shift.id)


def _instant(ask: Ask, given: Any) -> datetime | None:
    """An instant as it is; a date begins at midnight in the community's zone."""
    if given is None or isinstance(given, datetime):
        return given
    zone = communities.settings_of(ask.session, ask.community_id).zone
    return datetime.combine(given, time(), ZoneInfo(zone))
