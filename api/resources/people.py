"""People: the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from api import cursors
from api.calls import Ask, Page, call
from api.resources.tokens import roles_told
from api.schemas.people import (
    PeopleQuery,
    PersonChange,
    PersonIn,
    PersonOut,
    PinIn,
    SignInCodeOut,
)
from people import pins, queries, register, sign_in, sign_in_codes
from people.queries import PersonView

_FINDERS = "manager, admin, auditor (without phone); a captain finds id and name within their unit"


def told(view: PersonView) -> dict[str, Any]:
    """A person as the caller may see them."""
    if not view.whole:
        return {"id": view.id, "name": view.name}
    return {
        "id": view.id,
        "name": view.name,
        "phone": view.phone,
        "roles": roles_told(view.roles),
        "household_id": view.household_id,
        "unit_id": view.unit_id,
        "active": view.active,
        "birth_year": view.birth_year,
        "guardian_id": view.guardian_id,
    }


def shown(ask: Ask, person_id: UUID) -> dict[str, Any]:
    """The person with this id, as the caller may see them."""
    return told(
        queries.view(ask.session, actor=ask.actor, keys=ask.program.keys, person_id=person_id)
    )


def _again(field: str) -> Callable[[Ask, Mapping[str, Any]], Any]:
    """What a stored answer leaves out of a person, made again from the register."""
    return lambda ask, answer: shown(ask, UUID(answer["id"]))[field]


@call(
    "POST",
    "/people",
    who="manager",
    body=PersonIn,
    answer=PersonOut,
    status=201,
    remade={field: _again(field) for field in ("name", "phone", "birth_year")},
)
def add(ask: Ask) -> dict[str, Any]:
    """Add a person, with a first card."""
    made = register.add(ask.session, actor=ask.actor, keys=ask.program.keys, at=ask.at, **ask.body)
    return shown(ask, made.id)


@call("GET", "/people", who=_FINDERS, query=PeopleQuery, answer=PersonOut, paged=True)
def search(ask: Ask) -> Page:
    """People whose name holds `q`, or whose phone it is."""
    page = cursors.page(
        ask,
        lambda limit, before: queries.search(
            ask.session,
            actor=ask.actor,
            keys=ask.program.keys,
            q=ask.query.get("q"),
            limit=limit,
            before=before,
        ),
    )
    return Page([told(view) for view in page.items], page.last)


@call("GET", "/people/{person_id}", who=f"self, {_FINDERS}", answer=PersonOut)
def show(ask: Ask) -> dict[str, Any]:
    """One person."""
    return shown(ask, ask.ids["person_id"])


@call(
    "PATCH",
    "/people/{person_id}",
    who="manager, admin; each role is granted by who may grant it, and nobody grants to themself",
    body=PersonChange,
    answer=PersonOut,
)
def change(ask: Ask) -> dict[str, Any]:
    """Change a person; of the roles only what differs needs the right to grant."""
    changed = register.change(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        person_id=ask.ids["person_id"],
        **ask.body,
    )
    return shown(ask, changed.id)


def _code(ask: Ask, answer: Mapping[str, Any]) -> str | None:
    """The sign-in code of a stored answer, made again from the row."""
    found = sign_in_codes.shown(ask.session, ask.program.keys, ask.community_id, UUID(answer["id"]))
    return found.code if found else None


@call(
    "POST",
    "/people/{person_id}/sign-in-code",
    who="manager; for somebody with a trusted role themself or an admin",
    answer=SignInCodeOut,
    status=201,
    remade={"code": _code},
)
def make_code(ask: Ask) -> sign_in_codes.Code:
    """A code that works once as a password; then a new password must be set."""
    return sign_in.make_code(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        person_id=ask.ids["person_id"],
    )


@call(
    "PUT",
    "/people/{person_id}/pin",
    who="self, manager; for somebody with a trusted role themself or an admin",
    body=PinIn,
    status=204,
)
def set_pin(ask: Ask) -> None:
    """Set the PIN for the counter; a manager opens a locked one."""
    pins.set_pin(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        person_id=ask.ids["person_id"],
        pin=ask.body["pin"],
    )
