"""The office's duties: red posts, activities, award rules and shifts.

Invariant: a rule is never changed; the same name makes its next version.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.clock import local_date
from redemption import funds
from shifts import activities, queries, red_posts, rota, rules
from shifts.models import RED_POST_KINDS, AwardRule
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
    return visit.page("office_red_posts.html", office_tabs=TABS, kinds=kinds, **visit.read(find))


@pages.post("/office/red-posts", roles=("manager",), again=duties)
def add_red_post(visit: Visit) -> Response:
    """Add a red post."""
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    kind = fields.choice("kind", RED_POST_KINDS)
    place = fields.maybe_text("place", most=60)
    fund_id, unit_id = fields.maybe_id("fund_id"), fields.maybe_id("unit_id")
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
        )
    )
    return visit.go("/office/red-posts", "saved")


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


@pages.get("/office/rules", roles=("manager", "treasurer", "auditor"))
def all_rules(visit: Visit) -> Response:
    """How do minutes become points?"""

    def find(session: Session) -> tuple[list[AwardRule], dict[UUID, str]]:
        known = red_posts.listed(session, visit.community_id, limit=LIMIT)
        found = rules.listed(session, visit.community_id, limit=LIMIT)
        return found, {one.id: one.name for one in known}

    found, known = visit.read(find)
    rows = [
        {
            "name": one.name,
            "version": one.version,
            "effective_from": one.effective_from,
            "points_per_hour": one.points_per_hour,
            "red_post": known.get(one.red_post_id, "") if one.red_post_id else "",
            "told": _told(visit, one),
        }
        for one in found
    ]
    return visit.page(
        "office_rules.html",
        office_tabs=TABS,
        rules=rows,
        red_posts=list(known.items()),
        today=local_date(visit.at, visit.zone),
    )


@pages.post("/office/rules", roles=("manager",), again=all_rules)
def add_rule(visit: Visit) -> Response:
    """Add a rule, or the next version of one."""
    fields = Fields(request.form)
    facts: dict[str, Any] = {
        "name": fields.text("name", most=100),
        "points_per_hour": fields.number("points_per_hour"),
        "effective_from": fields.day("effective_from"),
        "round_down_minutes": fields.number("round_down_minutes", least=1, most=1440),
        "min_minutes": fields.number("min_minutes", most=1440),
        "daily_cap_points": fields.maybe_number("daily_cap_points"),
        "red_post_id": fields.maybe_id("red_post_id"),
        "night": _night(fields),
    }
    fields.done()
    visit.write(lambda session: rules.add(session, actor=visit.actor, at=visit.at, **facts))
    return visit.go("/office/rules", "saved")


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
    visit.write(lambda session: rota.add(session, actor=visit.actor, at=visit.at, **facts))
    return visit.go("/office/shifts", "saved")


def occasions_of(session: Session, visit: Visit) -> list[tuple[str, str]]:
    """What a shift can be for, as choices of a form."""
    known = red_posts.listed(session, visit.community_id, limit=LIMIT)
    once = activities.listed(session, visit.community_id, limit=LIMIT)
    return [(f"red_post:{one.id}", one.name) for one in known] + [
        (f"activity:{one.id}", one.name) for one in once
    ]


def _night(fields: Fields) -> rules.NightRate | None:
    starts, ends = fields.hour("night_from"), fields.hour("night_to")
    points = fields.maybe_number("night_points_per_hour")
    given = [part for part in (starts, ends, points) if part is not None]
    if not given:
        return None
    if starts is None or ends is None or points is None:
        fields.errors.setdefault("night_points_per_hour", "night_whole")
        return None
    return rules.NightRate(starts, ends, points)


def _told(visit: Visit, one: AwardRule) -> str:
    """The rule's terms besides its rate, in words."""
    told = []
    if one.round_down_minutes > 1:
        told.append(visit.say("rules.told_round", n=one.round_down_minutes))
    if one.min_minutes:
        told.append(visit.say("rules.told_min", n=one.min_minutes))
    if one.daily_cap_points is not None:
        told.append(visit.say("rules.told_cap", n=one.daily_cap_points))
    if one.night_from is not None:
        told.append(
            visit.say(
                "rules.told_night",
                start=one.night_from,
                end=one.night_to,
                n=one.night_points_per_hour,
            )
        )
    return "，".join(told) if visit.lang == "zh" else ", ".join(told)
