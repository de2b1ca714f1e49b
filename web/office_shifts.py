"""The office's duties: red posts, activities and shifts.

Invariant: what is made here is made by the rooms' own functions, under their rights.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from people.models import UNIT_KINDS
from redemption import funds
from shifts import queries
from shifts.rota import activities, making, red_posts
from shifts.tables.rota import EARNS, RED_POST_KINDS, RISKS
from web import names
from web.forms import Fields
from web.office import TABS
from web.office_people import unit_choices
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "captain")
LIMIT = 100


@pages.get("/office/red-posts")
def duties(visit: Visit) -> Response:
    """Which standing duties and activities are there?"""

    def find(session: Session) -> dict[str, Any]:
        community_id = visit.community_id
        return {
            "red_posts": red_posts.listed(session, community_id, limit=LIMIT),
            "activities": activities.listed(session, community_id, limit=LIMIT),
            "funds": [(one.id, one.name) for one in funds.listed(session, community_id)],
            "units": unit_choices(session, community_id),
        }

    kinds = [(kind, visit.say(f"red_post_kind.{kind}")) for kind in RED_POST_KINDS]
    return visit.page(
        "office_red_posts.html",
        office_tabs=TABS,
        kinds=kinds,
        risks=[(one, visit.say(f"red_posts.risk_{one}")) for one in RISKS],
        earns=[(one, visit.say(f"red_posts.earns_{one}")) for one in EARNS],
        unit_kinds=[(one, visit.say(f"unit_kind.{one}")) for one in UNIT_KINDS],
        **visit.read(find),
    )


@pages.post("/office/red-posts", roles=("manager",), again=duties)
def add_red_post(visit: Visit) -> Response:
    """Add a red post."""
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    kind = fields.choice("kind", RED_POST_KINDS)
    place = fields.maybe_text("place", most=60)
    fund_id, unit_id = fields.maybe_id("fund_id"), fields.maybe_id("unit_id")
    risk, earns = fields.choice("risk", RISKS), fields.choice("earns", EARNS)
    quota = _quota(fields)
    fields.done()
    visit.write(
        lambda session: red_posts.add(
            session,
            actor=visit.actor,
            at=visit.at,
            name=name,
            kind=kind,
            place=place,
            fund_id=fund_id,
            unit_id=unit_id,
            risk=risk,
            earns=earns,
            quota=quota,
        )
    )
    return visit.go("/office/red-posts", "saved")


def _quota(fields: Fields) -> red_posts.Quota | None:
    """The seats that are kept; none where no kind of unit was chosen."""
    if not fields.raw("quota_kind"):
        return None
    return red_posts.Quota(
        unit_kind=fields.choice("quota_kind", UNIT_KINDS),
        seats=fields.number("quota_seats", least=1, most=1000),
        hours_before=fields.maybe_number("quota_hours", most=720) or 0,
    )


@pages.post("/office/activities", roles=("manager",), again=duties)
def add_activity(visit: Visit) -> Response:
    """Add an activity."""
    fields = Fields(request.form)
    name = fields.text("activity_name", most=60)
    fund_id = fields.maybe_id("fund_id")
    fields.done()
    visit.write(
        lambda session: activities.add(
            session, actor=visit.actor, at=visit.at, name=name, fund_id=fund_id
        )
    )
    return visit.go("/office/red-posts", "saved")


@pages.get("/office/shifts")
def all_shifts(visit: Visit) -> Response:
    """Which shifts are planned, and a new one."""

    def find(session: Session) -> dict[str, Any]:
        community_id = visit.community_id
        found = queries.shifts(
            session,
            actor=visit.actor,
            at=visit.at,
            limit=LIMIT,
            since=visit.at - timedelta(days=14),
        )
        return {
            "shifts": sorted(found, key=lambda one: (one.starts_at, one.id), reverse=True),
            "captains": names.holding(session, community_id, "captain", "manager"),
            "occasions": occasions_of(session, visit),
        }

    return visit.page("office_shifts.html", office_tabs=TABS, **visit.read(find))


@pages.post("/office/shifts", again=all_shifts)
def add_shift(visit: Visit) -> Response:
    """Plan a shift of a red post or an activity."""
    fields = Fields(request.form)
    kind, _, raw = fields.raw("occasion").partition(":")
    occasion_id = Fields(type(fields.form)({"id": raw})).maybe_id("id")
    if kind not in ("red_post", "activity") or occasion_id is None:
        fields.errors["occasion"] = "choose"
    deputy_id = fields.maybe_id("deputy_id")
    facts: dict[str, Any] = {
        "title": fields.text("title", most=60),
        "starts_at": fields.instant("starts_at", visit.zone),
        "ends_at": fields.instant("ends_at", visit.zone),
        "captain_id": fields.id("captain_id"),
        "deputy_ids": [deputy_id] if deputy_id else [],
        "seats": fields.maybe_number("seats", least=1),
        f"{kind}_id": occasion_id,
    }
    fields.done()
    visit.write(lambda session: making.add(session, actor=visit.actor, at=visit.at, **facts))
    return visit.go("/office/shifts", "saved")


def occasions_of(session: Session, visit: Visit) -> list[tuple[str, str]]:
    """What a shift can be for, as choices of a form."""
    known = red_posts.listed(session, visit.community_id, limit=LIMIT)
    once = activities.listed(session, visit.community_id, limit=LIMIT)
    return [(f"red_post:{one.id}", one.name) for one in known] + [
        (f"activity:{one.id}", one.name) for one in once
    ]
