"""Units of organisation: teams and squads with their captains, and zones that people look after."""

from __future__ import annotations

from typing import Any

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.shared import Made
from api.schemas.units import (
    LeadersIn,
    MemberIn,
    UnitIn,
    UnitOut,
    UnitPeopleOut,
    UnitZonesOut,
    ZoneEndIn,
    ZoneIn,
    ZonesOut,
    ZonesQuery,
)
from people import memberships, units, zones
from people.memberships import UnitPeople
from people.models import Unit
from people.unit_models import UnitMember, Zone

_SEES = "manager, admin, auditor, captain of the unit"
_SAME = ("id", "name", "kind", "parent_id")
_OF_ZONE = ("id", "unit_id", "person_id", "place", "begins_on", "ends_on")


@call("POST", "/units", who="admin, manager", body=UnitIn, answer=Made, status=201)
def add(ask: Ask) -> Unit:
    """Add a unit below its parent, or at the top."""
    return units.add(ask.session, actor=ask.actor, at=ask.at, **ask.body)


@call("GET", "/units", who="anyone signed in", query=PageQuery, answer=UnitOut, paged=True)
def listed(ask: Ask) -> Page:
    """Units with their captains, newest first."""
    page = cursors.page(
        ask,
        lambda limit, before: units.listed(
            ask.session, ask.community_id, limit=limit, before=before
        ),
    )
    led = memberships.leader_ids(ask.session, ask.community_id, [row.id for row in page.items])
    told = [
        {name: getattr(row, name) for name in _SAME} | {"leader_ids": led.get(row.id, [])}
        for row in page.items
    ]
    return Page(told, page.last)


@call("GET", "/units/{unit_id}/people", who=_SEES, answer=UnitPeopleOut)
def people(ask: Ask) -> UnitPeople:
    """Who leads a unit and who belongs to it, by name."""
    return memberships.people_of(ask.session, actor=ask.actor, unit_id=ask.ids["unit_id"])


@call("PUT", "/units/{unit_id}/leaders", who="manager", body=LeadersIn, answer=UnitPeopleOut)
def set_leaders(ask: Ask) -> UnitPeople:
    """Make these the captains of a unit: each holds the role for it and all below it."""
    unit_id = ask.ids["unit_id"]
    memberships.set_leaders(ask.session, actor=ask.actor, at=ask.at, unit_id=unit_id, **ask.body)
    return memberships.people_of(ask.session, actor=ask.actor, unit_id=unit_id)


@call(
    "POST",
    "/units/{unit_id}/members",
    who="manager; of a team or squad its captain",
    body=MemberIn,
    answer=Made,
    status=201,
)
def join(ask: Ask) -> UnitMember:
    """Take a person into a unit; one may belong to several."""
    unit_id = ask.ids["unit_id"]
    return memberships.join(ask.session, actor=ask.actor, at=ask.at, unit_id=unit_id, **ask.body)


@call(
    "DELETE",
    "/units/{unit_id}/members/{person_id}",
    who="self, manager; of a team or squad its captain",
    status=204,
)
def leave(ask: Ask) -> None:
    """Take a person out of a unit, or leave it."""
    memberships.leave(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        unit_id=ask.ids["unit_id"],
        person_id=ask.ids["person_id"],
    )


@call("POST", "/units/{unit_id}/zones", who="manager", body=ZoneIn, answer=Made, status=201)
def give_zone(ask: Ask) -> Zone:
    """Give a place of the unit to somebody to look after."""
    unit_id = ask.ids["unit_id"]
    return zones.give(ask.session, actor=ask.actor, at=ask.at, unit_id=unit_id, **ask.body)


@call("GET", "/units/{unit_id}/zones", who=_SEES, query=ZonesQuery, answer=UnitZonesOut)
def zones_of_unit(ask: Ask) -> dict[str, Any]:
    """The zones of a unit by place, each with who looks after it."""
    unit_id, on = ask.ids["unit_id"], ask.query.get("on")
    found = zones.of_unit(ask.session, actor=ask.actor, unit_id=unit_id, on=on)
    told = [{name: getattr(zone, name) for name in _OF_ZONE} | {"name": of} for zone, of in found]
    return {"items": told}


@call("POST", "/zones/{zone_id}/end", who="manager", body=ZoneEndIn, status=204)
def end_zone(ask: Ask) -> None:
    """End it with a day."""
    zone_id = ask.ids["zone_id"]
    zones.end(ask.session, actor=ask.actor, at=ask.at, zone_id=zone_id, **ask.body)


@call("GET", "/people/{person_id}/zones", who=f"self, {_SEES}", answer=ZonesOut)
def zones_of_person(ask: Ask) -> dict[str, Any]:
    """What somebody looks after, newest first."""
    person_id = ask.ids["person_id"]
    return {"items": zones.of_person(ask.session, actor=ask.actor, person_id=person_id)}
