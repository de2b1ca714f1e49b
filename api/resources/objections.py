"""Objections to one's own lines and to lines on public notice, and what was decided on them."""

from __future__ import annotations

from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.schemas.reviews import (
    NoticeOut,
    ObjectionCountsOut,
    ObjectionOut,
    ObjectionsQuery,
    UpholdIn,
)
from api.schemas.shared import Reason
from shifts.review import objection_lists, objections
from shifts.review.objection_lists import Counts, ObjectionView


@call(
    "POST",
    "/attendances/{attendance_id}/objections",
    who="self; anyone signed in, while its points are on public notice",
    body=Reason,
    answer=ObjectionOut,
    status=201,
)
def add(ask: Ask) -> ObjectionView:
    """Say that a line is wrong, and why; somebody who had no hand in it decides within a week."""
    made = objections.raise_one(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        attendance_id=ask.ids["attendance_id"],
        reason=ask.body["reason"],
    )
    return _shown(ask, made.id)


@call(
    "GET",
    "/objections",
    who="anyone signed in",
    query=ObjectionsQuery,
    answer=ObjectionOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """One's own objections; a manager's and an auditor's list has all, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: objection_lists.listed(
            ask.session,
            actor=ask.actor,
            at=ask.at,
            limit=limit,
            before=before,
            status=ask.query.get("status"),
        ),
    )


@call(
    "GET",
    "/objections/{objection_id}",
    who="who raised it, manager, auditor",
    answer=ObjectionOut,
)
def show(ask: Ask) -> ObjectionView:
    """One objection and its outcome."""
    return _shown(ask, ask.ids["objection_id"])


@call(
    "POST",
    "/objections/{objection_id}/uphold",
    who="manager who had no hand in it",
    body=UpholdIn,
    answer=ObjectionOut,
)
def uphold(ask: Ask) -> ObjectionView:
    """Uphold it: the line is amended to these times, which another person then approves."""
    objection_id = ask.ids["objection_id"]
    objections.uphold(
        ask.session, actor=ask.actor, at=ask.at, objection_id=objection_id, **ask.body
    )
    return _shown(ask, objection_id)


@call(
    "POST",
    "/objections/{objection_id}/reject",
    who="manager who had no hand in it",
    body=Reason,
    answer=ObjectionOut,
)
def reject(ask: Ask) -> ObjectionView:
    """Reject it, and say why; the line stands."""
    objection_id = ask.ids["objection_id"]
    objections.reject(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        objection_id=objection_id,
        reason=ask.body["reason"],
    )
    return _shown(ask, objection_id)


@call("POST", "/objections/{objection_id}/withdraw", who="who raised it", answer=ObjectionOut)
def withdraw(ask: Ask) -> ObjectionView:
    """Take one's own back."""
    objection_id = ask.ids["objection_id"]
    objections.withdraw(ask.session, actor=ask.actor, at=ask.at, objection_id=objection_id)
    return _shown(ask, objection_id)


@call("GET", "/objection-counts", who="anyone signed in", answer=ObjectionCountsOut)
def counts(ask: Ask) -> Counts:
    """How many objections were upheld, rejected and withdrawn, and how many are open or overdue."""
    return objection_lists.counts(ask.session, community_id=ask.community_id, at=ask.at)


@call("GET", "/notice-list", who="anyone signed in", answer=NoticeOut)
def notices(ask: Ask) -> dict[str, Any]:
    """What is on public notice now, by masked name, the first to end first."""
    found = objection_lists.notice_list(ask.session, community_id=ask.community_id, at=ask.at)
    return {"items": found, "next": None}


def _shown(ask: Ask, objection_id: Any) -> ObjectionView:
    return objection_lists.one(ask.session, actor=ask.actor, at=ask.at, objection_id=objection_id)
