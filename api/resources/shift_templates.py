"""Templates of shifts: the standing plan of a red post or an activity."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.shift_templates import (
    EndIn,
    ReplannedOut,
    ShiftTemplateChange,
    ShiftTemplateIn,
    ShiftTemplateOut,
)
from shifts.rota import template_views, templates
from shifts.rota.replanning import Outcome
from shifts.rota.template_views import TemplateView
from shifts.rota.templates import Plan
from shifts.tables.templates import ShiftTemplate

_LEADS = "captain of the template, manager"


@call(
    "POST",
    "/shift-templates",
    who="manager, captain",
    body=ShiftTemplateIn,
    answer=ReplannedOut,
    status=201,
)
def add(ask: Ask) -> dict[str, Any]:
    """Set a template; its shifts are made five weeks ahead, one for each date."""
    occasion = {name: ask.body[name] for name in ("red_post_id", "activity_id")}
    plan = Plan(**{name: value for name, value in ask.body.items() if name not in occasion})
    return _done(
        ask, *templates.add(ask.session, actor=ask.actor, at=ask.at, plan=plan, **occasion)
    )


@call(
    "GET",
    "/shift-templates",
    who="anyone signed in",
    query=PageQuery,
    answer=ShiftTemplateOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """Templates, newest first, ended ones too."""
    return cursors.page(
        ask,
        lambda limit, before: template_views.of_rows(
            ask.session,
            ask.community_id,
            templates.listed(ask.session, ask.community_id, limit=limit, before=before),
        ),
    )


@call(
    "GET", "/shift-templates/{shift_template_id}", who="anyone signed in", answer=ShiftTemplateOut
)
def show(ask: Ask) -> TemplateView:
    """One template."""
    row = templates.get(ask.session, ask.community_id, ask.ids["shift_template_id"])
    return template_views.of_rows(ask.session, ask.community_id, [row])[0]


@call(
    "PATCH",
    "/shift-templates/{shift_template_id}",
    who=_LEADS,
    body=ShiftTemplateChange,
    answer=ReplannedOut,
)
def change(ask: Ask) -> dict[str, Any]:
    """Change it; coming shifts follow, but those that somebody signed up for or altered."""
    wanted = dict(ask.body)
    template_id = ask.ids["shift_template_id"]
    return _done(
        ask,
        *templates.change(
            ask.session, actor=ask.actor, at=ask.at, template_id=template_id, **wanted
        ),
    )


@call(
    "POST",
    "/shift-templates/{shift_template_id}/end",
    who=_LEADS,
    body=EndIn,
    answer=ReplannedOut,
)
def end(ask: Ask) -> dict[str, Any]:
    """End it with a date; coming shifts beyond it are cancelled, but those signed up for."""
    template_id = ask.ids["shift_template_id"]
    last_on = ask.body["last_on"]
    return _done(
        ask,
        *templates.end(
            ask.session, actor=ask.actor, at=ask.at, template_id=template_id, last_on=last_on
        ),
    )


def _done(ask: Ask, row: ShiftTemplate, outcome: Outcome) -> dict[str, Any]:
    said = template_views.of_rows(ask.session, ask.community_id, [row])[0]
    return asdict(said) | {"outcome": outcome}
