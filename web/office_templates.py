"""The office's standing plans: templates of shifts, set and ended.

Invariant: the page tells what a change did not reach, so that nobody is left with a wrong evening.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.clock import local_date
from shifts import slots
from shifts.rota import template_views, templates
from shifts.rota.template_views import TemplateView
from shifts.rota.templates import Plan
from web import names
from web.forms import Fields
from web.office import TABS
from web.office_shifts import occasions_of
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "captain")
LIMIT = 100


@dataclass(frozen=True)
class Row:
    """One template as the page shows it."""

    id: UUID
    title: str
    days: str
    starts: str
    minutes: int
    valid_from: date
    valid_until: date | None
    seats_min: int
    seats: int | None


@pages.get("/office/templates")
def all_templates(visit: Visit) -> Response:
    """Which plans stand, and a new one."""

    def find(session: Session) -> dict[str, Any]:
        community_id = visit.community_id
        found = templates.listed(session, community_id, limit=LIMIT)
        return {
            "templates": template_views.of_rows(session, community_id, found),
            "captains": names.holding(session, community_id, "captain", "manager"),
            "occasions": occasions_of(session, visit),
        }

    found = visit.read(find)
    found["templates"] = [_row(visit, one) for one in found["templates"]]
    return visit.page(
        "office_templates.html",
        office_tabs=TABS,
        weekdays=[(number, visit.say(f"weekday.{number}")) for number in slots.EVERY_DAY],
        weeks=[(number, visit.say(f"week.{_name(number)}")) for number in slots.WEEKS],
        today=local_date(visit.at, visit.zone),
        **found,
    )


@pages.post("/office/templates", again=all_templates)
def add_template(visit: Visit) -> Response:
    """Set a plan; its shifts are made at once."""
    fields = Fields(request.form)
    kind, _, raw = fields.raw("occasion").partition(":")
    occasion_id = Fields(type(fields.form)({"id": raw})).maybe_id("id")
    if kind not in ("red_post", "activity") or occasion_id is None:
        fields.errors["occasion"] = "choose"
    week = fields.raw("week")
    deputy_id = fields.maybe_id("deputy_id")
    facts: dict[str, Any] = {
        "title": fields.text("title", most=60),
        "weekdays": _numbers(fields, "weekday", slots.EVERY_DAY) or slots.EVERY_DAY,
        "weeks": _numbers(fields, "week", slots.WEEKS) if week else (),
        "starts": fields.hour("starts") or fields.text("starts"),
        "minutes": fields.number("minutes", least=1, most=slots.MINUTES_MAX),
        "valid_from": fields.day("valid_from"),
        "valid_until": fields.maybe_day("valid_until"),
        "seats_min": fields.maybe_number("seats_min") or 0,
        "seats": fields.maybe_number("seats", least=1),
        "captain_id": fields.id("captain_id"),
        "deputy_ids": [deputy_id] if deputy_id else [],
    }
    fields.done()
    visit.write(
        lambda session: templates.add(
            session,
            actor=visit.actor,
            at=visit.at,
            plan=Plan(**facts),
            **{f"{kind}_id": occasion_id},
        )
    )
    return visit.go("/office/templates", "saved")


@pages.post("/office/templates/<uuid:shift_template_id>/end", again=all_templates)
def end_template(visit: Visit, shift_template_id: UUID) -> Response:
    """End a plan with a date; what people signed up for stays, and is told."""
    fields = Fields(request.form)
    last_on = fields.maybe_day("last_on")
    fields.done()
    outcome = visit.write(
        lambda session: templates.end(
            session,
            actor=visit.actor,
            at=visit.at,
            template_id=shift_template_id,
            last_on=last_on,
        )[1]
    )
    return visit.go("/office/templates", "template_kept" if outcome.kept else "saved")


def _row(visit: Visit, one: TemplateView) -> Row:
    days = " ".join(visit.say(f"weekday.{number}") for number in one.weekdays)
    if one.weekdays == slots.EVERY_DAY:
        days = visit.say("templates.every_day")
    weeks = " ".join(visit.say(f"week.{_name(number)}") for number in one.weeks)
    return Row(
        id=one.id,
        title=one.title,
        days=f"{weeks} {days}" if weeks else days,
        starts=one.starts,
        minutes=one.minutes,
        valid_from=one.valid_from,
        valid_until=one.valid_until,
        seats_min=one.seats_min,
        seats=one.seats,
    )


def _name(number: int) -> str:
    return "last" if number == slots.LAST else str(number)


def _numbers(fields: Fields, name: str, among: tuple[int, ...]) -> tuple[int, ...]:
    """The ticked ones of a short list."""
    known = {str(number): number for number in among}
    ticked = fields.form.getlist(name)
    if not set(ticked) <= set(known):
        fields.errors[name] = "choose"
    return tuple(known[one] for one in ticked if one in known)
