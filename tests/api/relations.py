"""Every call × every role × whose things it is about: own, a household's, another community's.

Invariant: each cell is tried in the same state, for whatever a call writes is rolled back; so the
order of the calls is nothing, and what a cell answers is its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import update
from sqlalchemy.orm import Session

from api.calls import CALLS, Call
from audit.actor import system
from kit import stroke
from people import households
from people.models import RoleGrant
from tests import factories
from tests.api import asking
from tests.api.world import ROLES, Caller, World
from tests.factories import AT

#: who the call is about, beside the caller
RELATIONS = ("own", "household", "other community", "signed out")
SHIFT = {"starts_at": "2026-11-22T08:00:00+08:00", "ends_at": "2026-11-22T10:00:00+08:00"}
STAY = {"checked_in_at": SHIFT["starts_at"], "checked_out_at": SHIFT["ends_at"]}


def furnish(world: World) -> None:
    """A world whose things are the resident's, who lives with kin; both lead one shift."""
    asking.furnish(world)
    resident, kin = world["resident"], world.join("kin")
    for one in (resident, kin):
        hold(world, one, "captain")
    leads = {"deputy_ids": [str(resident.id), str(kin.id)], **SHIFT}
    shift = _made(world["manager"].post("/shifts", asking.shift(world) | leads))
    world.things["shift"] = shift["id"]
    body = {"shift_id": shift["id"], "person_id": str(resident.id), **STAY, **asking.WHY}
    stay = _made(world["captain"].post("/attendances", body))["id"]
    for name in ("approved", "rejected", "amended", "together"):
        world.things[name] = stay
    world.things["rejected_objection"] = world.things["objection"]
    for one in (resident, kin):
        hold(world, one, "volunteer")

    def live_together(session: Session) -> None:
        actor = system(world.community_id, "cli")
        together = [one.id for one in (resident, kin) if one.id is not None]
        households.form(session, actor=actor, at=AT, person_ids=together)

    world.write(live_together)


def hold(world: World, one: Caller, role: str) -> None:
    """Let somebody hold this role and no other."""

    def work(session: Session) -> None:
        session.execute(
            update(RoleGrant)
            .where(
                RoleGrant.community_id == world.community_id,
                RoleGrant.person_id == one.id,
                RoleGrant.withdrawn_at.is_(None),
            )
            .values(withdrawn_at=AT)
        )
        if role != "volunteer":
            assert one.id is not None
            factories.grant_role(
                session, community_id=world.community_id, person_id=one.id, role=role
            )

    world.write(work)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever a unit writes is rolled back at its end, after the answer was made."""
    with patch.object(stroke.Unit, "commit", stroke.Unit.rollback):
        yield


def cells(
    world: World, foreign: World, relation: str, roles: Sequence[str] = ROLES
) -> Iterator[tuple[str, str, Any]]:
    """Call, role and answer of each cell of a relation."""
    things = foreign if relation == "other community" else world
    bodies = asking.bodies(things)
    # Whose things they are holds no role, unless it is they who ask.
    hold(world, world["resident"], "volunteer")
    for role in roles if relation != "signed out" else ("nobody",):
        caller = _caller(world, relation, role)
        with undone():
            for call in CALLS:
                body = bodies.get((call.method, call.path))
                if relation in ("own", "household"):
                    body = _about_resident(world, call, body)
                path = asking.path_of(things, call.path)
                yield f"{call.method} {call.path}", role, caller.send(call.method, path, body)


def _caller(world: World, relation: str, role: str) -> Caller:
    if relation == "signed out":
        return world.anybody()
    if relation == "other community":
        return world[role]
    one = world["resident" if relation == "own" else "kin"]
    hold(world, one, role)
    return one


def _about_resident(world: World, call: Call, body: Any) -> Any:
    """The body with the resident for whoever else it names."""
    if isinstance(body, dict) and "person_id" in body:
        return body | {"person_id": str(world["resident"].id)}
    return body


def rows() -> dict[str, list[str]]:
    """Call → who may make it about their own things, and about their household's."""
    path = Path(__file__).with_name("relations.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def unexpected(world: World, foreign: World, roles: Sequence[str] = ROLES) -> tuple[int, list[str]]:
    """How many cells were tried, and each that was not answered as its row says."""
    wanted, tried, wrong = rows(), 0, []
    names = foreign_ids(foreign)
    for relation in RELATIONS:
        for name, role, answer in cells(world, foreign, relation, roles):
            tried += 1
            found = said(answer)
            if relation in ("own", "household"):
                row = wanted[name][RELATIONS.index(relation)]
                right = found in _expected(row, role)
            elif relation == "signed out":
                right = answer.status_code == 401
            else:
                right = found != "broken" and not _reached(name, answer, names)
            if not right:
                told = answer.get_data(as_text=True)[:120]
                wrong.append(f"{relation}: {name} by {role}: {answer.status_code} {told}")
    return tried, wrong


def foreign_ids(foreign: World) -> set[str]:
    """Every id of the other community's things and people."""
    people = {str(one.id) for one in foreign.callers.values()}
    return people | {str(one) for one in foreign.things.values() if len(str(one)) == 36}


def _reached(name: str, answer: Any, foreign: set[str]) -> bool:
    """Whether a call about another community's thing found it, or told anything of it."""
    if answer.status_code >= 400:
        return False
    told = answer.get_data(as_text=True)
    # Who decides on many at once is told of each that it is not there, by the id they sent.
    repeats = name == "POST /approvals" and "not_found" in told
    return "{" in name or (not repeats and any(one in told for one in foreign))


def _expected(row: str, role: str) -> set[str]:
    """What a role may be answered: who may is answered as the state of things has it."""
    named = row.split()
    if "everybody" in named or role in named:
        return {"may", "not_found", "wrong_credentials"}
    return {"own_approval" if f"!{role}" in named else "not_allowed"}


def said(answer: Any) -> str:
    """What an answer comes to: refused by right, not there, or the caller's to make."""
    code = (answer.get_json(silent=True) or {}).get("code") if answer.status_code >= 400 else None
    if answer.status_code >= 500:
        return "broken"
    if code in ("not_allowed", "own_approval", "not_found", "not_signed_in", "wrong_credentials"):
        return str(code)
    return "may"


def _made(answer: Any) -> Any:
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)
    return answer.json
