"""The office's tree of units, and the community's settings.

Invariant: a setting whose feature is not built is not on the page.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request

from ledger import expiry
from people import communities, units, wanted_settings
from people.models import UNIT_KINDS, Unit
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "admin")
MONTHS = "months"
#: the forms of a policy of expiry, as the page offers them
EXPIRIES = (expiry.NONE, expiry.END_OF_NEXT_YEAR, MONTHS)


@pages.get("/office/units")
def tree(visit: Visit) -> Response:
    """How is the community organised?"""
    everything = visit.read(lambda session: units.everything(session, visit.community_id))
    return visit.page(
        "office_units.html",
        office_tabs=TABS,
        tree=_ordered(everything),
        units=[(unit.id, unit.name) for unit in everything],
        kinds=[(kind, visit.say(f"unit_kind.{kind}")) for kind in UNIT_KINDS],
    )


@pages.post("/office/units", again=tree)
def add(visit: Visit) -> Response:
    """Add a unit below another, or at the top."""
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    kind = fields.choice("kind", UNIT_KINDS)
    parent_id = fields.maybe_id("parent_id")
    fields.done()
    visit.write(
        lambda session: units.add(
            session,
            actor=visit.actor,
            at=visit.at,
            name=name,
            kind=kind,
            parent_id=parent_id,
        )
    )
    return visit.go("/office/units", "saved")


@pages.get("/office/community", roles=("admin",))
def settings(visit: Visit) -> Response:
    """What has the community decided?"""
    assert visit.settings is not None, "who is signed in belongs to a community"
    policy = visit.settings.points_expiry
    return visit.page(
        "office_community.html",
        office_tabs=TABS,
        expiries=[(one, visit.say(f"community.expiry_{one}")) for one in EXPIRIES],
        expiry=policy if isinstance(policy, str) else MONTHS,
        months="" if isinstance(policy, str) else policy[MONTHS],
    )


@pages.post("/office/community", roles=("admin",), again=settings)
def change(visit: Visit) -> Response:
    """Change the settings; a change never acts backwards."""
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    pickup_days = fields.number("pickup_days", least=1, most=365)
    tiers = [fields.number("tier_captain", most=24), fields.number("tier_manager", most=24)]
    notice_days = fields.number("notice_days", most=wanted_settings.NOTICE_DAYS_MAX)
    policy = _expiry(fields)
    fields.done()
    visit.write(
        lambda session: communities.change(
            session,
            actor=visit.actor,
            at=visit.at,
            name=name,
            pickup_days=pickup_days,
            approval_tiers_hours=tiers,
            notice_days=notice_days,
            points_expiry=policy,
        )
    )
    return visit.go("/office/community", "saved")


def _expiry(fields: Fields) -> Any:
    """How long points last; the number of months is asked for only where it says so."""
    policy = fields.choice("points_expiry", EXPIRIES)
    if policy != MONTHS:
        return policy
    return {MONTHS: fields.number("points_months", least=1, most=expiry.MONTHS_MAX)}


def _ordered(everything: list[Unit]) -> list[tuple[int, Unit]]:
    """Each unit below its parent, with its depth; whoever lost its parent stands at the top."""
    known = {unit.id for unit in everything}
    below: dict[UUID | None, list[Unit]] = {}
    for unit in everything:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    found: list[tuple[int, Unit]] = []

    def walk(parent_id: UUID | None, depth: int) -> None:
        for unit in below.get(parent_id, []):
            found.append((depth, unit))
            walk(unit.id, depth + 1)

    walk(None, 0)
    return found
