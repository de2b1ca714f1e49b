"""The office's award rules: what is in force or waits for a signature, and a draft that is tried.

Invariant: a rule is never changed; the same name makes its next version. Trying a draft writes
nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.clock import local_date
from redemption import funds
from shifts.rota import red_posts
from shifts.rules import replay, signing, versions
from shifts.tables.rota import AwardRule
from web import names
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager")
LIMIT = 100
#: on how many days a draft is tried, and how many people the page then names
DAYS, NAMED = 365, 30
NUMBERS = ("red_post_cap_points", "fund_cap_points", "captain_coefficient", "deputy_coefficient")


@pages.get("/office/rules", roles=("manager", "treasurer", "auditor"))
def all_rules(visit: Visit) -> Response:
    """How do minutes become points?"""

    def find(session: Session) -> dict[str, Any]:
        known = red_posts.listed(session, visit.community_id, limit=LIMIT)
        found = versions.listed(session, visit.community_id, limit=LIMIT)
        ids = [one.id for one in found]
        signed = signing.signatures(session, visit.community_id, ids)
        places = {one.id: one.name for one in known}
        return {
            "rules": [_row(visit, one, places, one.id in signed) for one in found],
            "red_posts": list(places.items()),
        }

    today = local_date(visit.at, visit.zone)
    return visit.page("office_rules.html", office_tabs=TABS, today=today, **visit.read(find))


@pages.post("/office/rules", again=all_rules)
def add_rule(visit: Visit) -> Response:
    """Add a rule, or the next version of one."""
    facts = _facts()
    visit.write(lambda session: versions.add(session, actor=visit.actor, at=visit.at, **facts))
    return visit.go("/office/rules", "saved")


@pages.post("/office/rules/replay", again=all_rules)
def try_rule(visit: Visit) -> Response:
    """Who would have gained, who lost, what would it have cost?"""
    facts = _facts()
    until = local_date(visit.at, visit.zone)
    since = until - timedelta(days=DAYS)

    def find(session: Session) -> dict[str, Any]:
        found = replay.compare(
            session, actor=visit.actor, at=visit.at, since=since, until=until, **facts
        )
        changed = found.changed(NAMED)
        known = names.of(session, visit.community_id, {person_id for person_id, _ in changed})
        payers = {one.id: one.name for one in funds.listed(session, visit.community_id)}
        return {
            "found": found,
            "people": [(known[person_id], change) for person_id, change in changed],
            "funds": [(payers[fund_id], change) for fund_id, change in found.funds.items()],
        }

    kept = {name: value for name, value in request.form.items() if name not in _OWN}
    return visit.page("office_replay.html", office_tabs=TABS, kept=kept, **visit.read(find))


@pages.post("/office/rules/<uuid:rule_id>/sign", again=all_rules)
def sign(visit: Visit, rule_id: UUID) -> Response:
    """Sign a version that waits for a second manager."""
    visit.write(
        lambda session: signing.sign(session, actor=visit.actor, at=visit.at, rule_id=rule_id)
    )
    return visit.go("/office/rules", "saved")


#: what each form has of its own
_OWN = ("csrf", "once", "came_from")


def _facts() -> dict[str, Any]:
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
    facts |= {name: fields.maybe_number(name) for name in NUMBERS}
    fields.done()
    return facts


def _row(visit: Visit, one: AwardRule, places: dict[UUID, str], signed: bool) -> dict[str, Any]:
    waits = one.signature_asked_at is not None and not signed
    return {
        "id": one.id,
        "name": one.name,
        "version": one.version,
        "effective_from": one.effective_from,
        "points_per_hour": one.points_per_hour,
        "red_post": places.get(one.red_post_id, "") if one.red_post_id else "",
        "told": _told(visit, one),
        "waits": waits,
        "may_sign": waits and visit.holds("manager") and one.made_by != visit.me.person_id,
    }


def _night(fields: Fields) -> versions.NightRate | None:
    starts, ends = fields.hour("night_from"), fields.hour("night_to")
    points = fields.maybe_number("night_points_per_hour")
    given = [part for part in (starts, ends, points) if part is not None]
    if not given:
        return None
    if starts is None or ends is None or points is None:
        fields.errors.setdefault("night_points_per_hour", "night_whole")
        return None
    return versions.NightRate(starts, ends, points)


def _told(visit: Visit, one: AwardRule) -> str:
    """The rule's terms besides its rate, in words."""
    told = []
    if one.round_down_minutes > 1:
        told.append(visit.say("rules.told_round", n=one.round_down_minutes))
    if one.min_minutes:
        told.append(visit.say("rules.told_min", n=one.min_minutes))
    for key, cap in (
        ("rules.told_cap", one.daily_cap_points),
        ("rules.told_place_cap", one.red_post_cap_points),
        ("rules.told_fund_cap", one.fund_cap_points),
        ("rules.told_captain", one.captain_coefficient),
        ("rules.told_deputy", one.deputy_coefficient),
    ):
        if cap is not None:
            told.append(visit.say(key, n=cap))
    if one.night_from is not None:
        window = {"start": one.night_from, "end": one.night_to}
        told.append(visit.say("rules.told_night", **window, n=one.night_points_per_hour))
    return "，".join(told) if visit.lang == "zh" else ", ".join(told)
