"""The office's people: adding, finding and changing them, households, codes, PINs and roles.

Invariant: a sign-in code is shown once, in the answer to the form that made it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from people import (
    cards,
    households,
    pins,
    queries,
    register,
    roles,
    sign_in,
    sign_in_codes,
    units,
)
from web import names
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "admin")
PAGE = 50
ALL_ROLES = ("captain", "clerk", "manager", "treasurer", "auditor", "admin")
OFFICE = ("manager", "admin", "treasurer", "captain", "clerk", "auditor")


@pages.get("/office", roles=OFFICE)
def office(visit: Visit) -> Response:
    """What is there to do in the office?"""
    return visit.page("office_home.html", office_tabs=TABS)


@pages.get("/office/people")
def people(visit: Visit) -> Response:
    """Find somebody, or add somebody."""
    asked = Fields(request.args)
    q, before = asked.raw("q")[:60], asked.maybe_id("before")

    def find(session: Session) -> tuple[list[queries.PersonView], list[tuple[UUID, str]]]:
        found = queries.search(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            q=q,
            limit=PAGE,
            before=before,
        )
        return found, unit_choices(session, visit.community_id)

    found, offered = visit.read(find)
    rows = [
        {"id": one.id, "name": one.name, "active": one.active, "told": _told(visit, one)}
        for one in found
    ]
    return visit.page(
        "office_people.html",
        office_tabs=TABS,
        people=rows,
        q=q,
        units=offered,
        guardians=[(one.id, one.name) for one in found if one.active],
        earlier=found[-1].id if len(found) == PAGE else None,
    )


@pages.post("/office/people", roles=("manager",), again=people)
def add(visit: Visit) -> Response:
    """Add a person; their first card comes with them."""
    fields = Fields(request.form)
    facts = {
        "name": fields.text("name", most=60),
        "phone": fields.maybe_text("phone", most=20),
        "birth_year": fields.maybe_number("birth_year", least=1900, most=2200),
        "unit_id": fields.maybe_id("unit_id"),
        "guardian_id": fields.maybe_id("guardian_id"),
    }
    fields.done()
    person = visit.write(
        lambda session: register.add(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            **facts,  # type: ignore[arg-type] # read above, each of the type its field has
        )
    )
    return visit.go(f"/office/people/{person.id}", "person_added")


@pages.post("/office/households", roles=("manager",), again=people)
def form_household(visit: Visit) -> Response:
    """Make a household of the people that were ticked."""
    fields = Fields(request.form)
    chosen = fields.ids("person_id")
    if len(chosen) < 2:
        fields.errors.setdefault("person_ids", "two_people")
    fields.done()
    visit.write(
        lambda session: households.form(session, actor=visit.actor, at=visit.at, person_ids=chosen)
    )
    return visit.go("/office/people", "saved")


@pages.get("/office/people/<uuid:person_id>")
def person(visit: Visit, person_id: UUID) -> Response:
    """One person, and everything that the office does for them."""
    return _person(visit, person_id)


@pages.post("/office/people/<uuid:person_id>", again=person)
def change(visit: Visit, person_id: UUID) -> Response:
    """Change the name, phone or unit; only what differs is sent on."""
    fields = Fields(request.form)
    wanted = {
        "name": fields.text("name", most=60),
        "phone": fields.maybe_text("phone", most=20),
        "unit_id": fields.maybe_id("unit_id"),
    }
    fields.done()

    def work(session: Session) -> None:
        row = register.person(session, visit.community_id, person_id)
        now = {
            "name": row.name,
            "phone": register.phone_of(row, visit.program.keys),
            "unit_id": row.unit_id,
        }
        differs = {name: value for name, value in wanted.items() if value != now[name]}
        if differs:
            register.change(
                session,
                actor=visit.actor,
                keys=visit.program.keys,
                at=visit.at,
                person_id=person_id,
                **differs,
            )

    visit.write(work)
    return visit.go(f"/office/people/{person_id}", "saved")


@pages.post("/office/people/<uuid:person_id>/roles", again=person)
def set_roles(visit: Visit, person_id: UUID) -> Response:
    """Set the roles held for the whole community; those of units stay as they are."""
    fields = Fields(request.form)
    chosen = [role for role in fields.form.getlist("role") if role]

    def work(session: Session) -> None:
        now = roles.granted(session, visit.community_id, person_id)
        in_units = [held for held in now if held.unit_id is not None]
        register.change(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
            roles=[*chosen, *in_units],
        )

    visit.write(work)
    return visit.go(f"/office/people/{person_id}", "saved")


@pages.post("/office/people/<uuid:person_id>/active", again=person)
def set_active(visit: Visit, person_id: UUID) -> Response:
    """Let somebody take part again, or no longer."""
    fields = Fields(request.form)
    active = fields.choice("active", ("yes", "no")) == "yes"
    fields.done()
    visit.write(
        lambda session: register.change(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
            active=active,
        )
    )
    return visit.go(f"/office/people/{person_id}", "saved")


@pages.post("/office/people/<uuid:person_id>/sign-in-code", again=person)
def make_code(visit: Visit, person_id: UUID) -> Response:
    """Make a sign-in code and show it, once."""
    code = visit.write(
        lambda session: sign_in.make_code(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
        )
    )
    return _person(visit, person_id, code)


@pages.post("/office/people/<uuid:person_id>/pin", again=person)
def set_pin(visit: Visit, person_id: UUID) -> Response:
    """Set somebody's PIN for the counter."""
    fields = Fields(request.form)
    pin = fields.digits("pin", 6)
    fields.done()
    visit.write(
        lambda session: pins.set_pin(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
            pin=pin,
        )
    )
    return visit.go(f"/office/people/{person_id}", "pin_set")


@pages.post("/office/people/<uuid:person_id>/cards", again=person)
def reissue_card(visit: Visit, person_id: UUID) -> Response:
    """Issue a new card; the one before stops working."""
    fields = Fields(request.form)
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: cards.issue(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
            reason=reason,
        )
    )
    return visit.go(f"/office/people/{person_id}/card", "card_issued")


def unit_choices(session: Session, community_id: UUID) -> list[tuple[UUID, str]]:
    """Every unit, as a form offers it."""
    return [(unit.id, unit.name) for unit in units.everything(session, community_id)]


def _person(visit: Visit, person_id: UUID, code: sign_in_codes.Code | None = None) -> Response:
    def find(session: Session) -> dict[str, Any]:
        seen = queries.view(
            session, actor=visit.actor, keys=visit.program.keys, person_id=person_id
        )
        row = register.person(session, visit.community_id, person_id)
        offered = unit_choices(session, visit.community_id)
        held = roles.granted(session, visit.community_id, person_id)
        home = households.members(session, visit.community_id, person_id) - {person_id}
        known = dict(offered)
        return {
            "person": row,
            "phone": seen.phone,
            "units": offered,
            "unit_name": known.get(row.unit_id) if row.unit_id else None,
            "household": sorted(names.of(session, visit.community_id, home).values()),
            "community_roles": {one.role for one in held if one.unit_id is None},
            "role_names": sorted(visit.say(f"role.{one.role}") for one in held),
            "unit_roles": [
                f"{visit.say(f'role.{one.role}')} · {known[one.unit_id]}"
                for one in held
                if one.unit_id is not None
            ],
        }

    facts = visit.read(find)
    return visit.page(
        "office_person.html", office_tabs=TABS, code=code, all_roles=ALL_ROLES, **facts
    )


def _told(visit: Visit, one: queries.PersonView) -> str:
    told = [visit.say(f"role.{held.role}") for held in one.roles]
    tail = one.phone[-4:] if one.phone else None
    told.append(visit.say("people.tail", tail=tail) if tail else visit.say("people.no_phone"))
    return " · ".join(told)
