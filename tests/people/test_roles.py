"""Who may do what, who may grant it, and that a change counts at once (contract, "Rights")."""

from __future__ import annotations

import itertools
import threading
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.actor import Actor, system
from kit import ids
from kit.errors import DomainError, Invalid, NotAllowed, NotFound
from people import register, roles
from people.models import RoleGrant
from people.roles import ANYWHERE, Held
from tests import factories
from tests.people.village import EVERYBODY, STAFF, Village, held

GRANTERS = {
    "manager": {"captain", "clerk"},
    "admin": {"manager", "treasurer", "auditor", "admin"},
    "founder": set(STAFF),
}


def test_only_who_has_the_right_grants(village: Village) -> None:
    person = village.person()
    for who, role in itertools.product(("founder", *EVERYBODY), STAFF):
        if role in GRANTERS.get(who, set()):
            _change(village, who, person.id, roles=[role])
            assert _held(village, person.id) == held(role)
            _change(village, who, person.id, roles=[])
        else:
            with pytest.raises(NotAllowed):
                _change(village, who, person.id, roles=[role])
        assert _held(village, person.id) == set()


def test_nobody_grants_to_themself(village: Village) -> None:
    founder = village.people["founder"]
    for role in ("captain", "clerk", "treasurer", "auditor"):
        with pytest.raises(NotAllowed):
            _change(village, "founder", founder, roles=["admin", "manager", role])
    with pytest.raises(NotAllowed):
        _change(village, "founder", founder, roles=["admin"])
    assert _held(village, founder) == held("admin", "manager")


def test_the_database_refuses_a_grant_to_oneself(village: Village) -> None:
    founder = village.people["founder"]
    row = {
        "community_id": village.community_id,
        "id": ids.new(),
        "person_id": founder,
        "role": "auditor",
        "unit_id": None,
        "granted_by": founder,
        "granted_at": factories.AT,
    }
    with pytest.raises(IntegrityError):
        village.write(lambda s: s.add(RoleGrant(**row)))


def test_only_what_differs_needs_the_right(village: Village) -> None:
    person = village.person(held=("treasurer", "captain"))
    _change(village, "manager", person.id, roles=["treasurer", "clerk"])
    assert _held(village, person.id) == held("treasurer", "clerk")
    with pytest.raises(NotAllowed):
        _change(village, "manager", person.id, roles=["clerk"])
    with pytest.raises(NotAllowed):
        _change(village, "admin", person.id, roles=["treasurer"])
    assert _held(village, person.id) == held("treasurer", "clerk")


def test_a_role_is_gone_at_once(village: Village) -> None:
    clerk = village.actor("clerk")
    assert village.read(lambda s: roles.holds(s, clerk, "clerk"))
    _change(village, "manager", village.people["clerk"], roles=[])
    assert not village.read(lambda s: roles.holds(s, clerk, "clerk"))
    with pytest.raises(NotAllowed):
        village.read(lambda s: roles.require(s, clerk, "clerk"))


def test_who_left_holds_nothing_and_gets_it_back(village: Village) -> None:
    manager = village.people["manager"]
    _change(village, "admin", manager, active=False)
    assert not village.read(lambda s: roles.holds(s, village.actor("manager"), "manager"))
    with pytest.raises(NotAllowed):
        _change(village, "manager", village.people["volunteer"], name="Renamed")
    _change(village, "admin", manager, active=True)
    assert village.read(lambda s: roles.holds(s, village.actor("manager"), "manager"))


def test_roles_do_not_include_one_another(village: Village) -> None:
    def may(session: Session) -> dict[str, set[str]]:
        return {
            who: {role for role in STAFF if roles.holds(session, village.actor(who), role)}
            for who in ("volunteer", *STAFF)
        }

    wanted = {who: {who} for who in STAFF} | {"volunteer": set()}
    wanted["manager"] = {"manager", "captain"}
    assert village.read(may) == wanted


def test_a_role_of_a_unit_counts_there_and_below(village: Village) -> None:
    def build(session: Session) -> tuple[UUID, ...]:
        made: dict[str, Any] = {"community_id": village.community_id}
        grid = factories.make_unit(session, name="Grid", kind="grid", **made).id
        team = factories.make_unit(session, name="Team", parent_id=grid, **made).id
        squad = factories.make_unit(session, name="Squad", parent_id=team, **made).id
        other = factories.make_unit(session, name="Other", parent_id=grid, **made).id
        return grid, team, squad, other

    grid, team, squad, other = village.write(build)
    person = village.person()
    _change(village, "manager", person.id, roles=[{"role": "captain", "unit_id": str(team)}])
    actor = Actor(village.community_id, person.id)

    def counts(session: Session) -> list[bool]:
        wanted = (team, squad, ANYWHERE, grid, other, None, ids.new())
        return [roles.holds(session, actor, "captain", unit_id=unit) for unit in wanted]

    assert village.read(counts) == [True, True, True, False, False, False, False]


def test_a_manager_of_a_unit_grants_within_it_alone(village: Village) -> None:
    team = village.write(lambda s: factories.make_unit(s, community_id=village.community_id)).id
    head = village.person()
    _change(village, "admin", head.id, roles=[{"role": "manager", "unit_id": team}])
    village.people["head"] = head.id
    inside = village.person(unit_id=team)
    _change(village, "head", inside.id, roles=[{"role": "captain", "unit_id": team}])
    with pytest.raises(NotAllowed):
        _change(village, "head", inside.id, roles=["captain"])
    with pytest.raises(NotAllowed):
        _change(village, "head", village.people["volunteer"], name="Out of reach")


def test_a_list_of_something_else_is_refused(village: Village) -> None:
    impossible: list[Any] = ["captain", [3], ["king"], [{"role": "clerk", "x": 1}], [None]]
    for wanted in impossible:
        with pytest.raises(Invalid) as refused:
            _change(village, "founder", village.people["volunteer"], roles=wanted)
        assert refused.value.errors.keys() == {"roles"}


def test_a_unit_of_nowhere_is_not_found(village: Village) -> None:
    wanted = [{"role": "clerk", "unit_id": str(ids.new())}]
    with pytest.raises(NotFound):
        _change(village, "founder", village.people["volunteer"], roles=wanted)


def test_volunteer_is_implied(village: Village) -> None:
    _change(village, "founder", village.people["volunteer"], roles=["volunteer"])
    assert _held(village, village.people["volunteer"]) == set()


def test_the_program_itself_may_but_no_stranger(village: Village) -> None:
    tick, stranger = system(village.community_id, "tick"), system(village.community_id, "api")
    assert village.read(lambda s: roles.holds(s, tick, "admin"))
    assert not village.read(lambda s: roles.holds(s, stranger, "captain", "manager", "admin"))
    foreign = Actor(ids.new(), village.people["admin"])
    assert not village.read(lambda s: roles.holds(s, foreign, "admin"))


def test_two_grants_at_once_make_one(village: Village) -> None:
    person = village.person()
    outcomes: list[str] = []

    def grant() -> None:
        try:
            _change(village, "founder", person.id, roles=["clerk", "captain"])
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=grant) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = village.read(
        lambda s: s.scalar(
            select(func.count())
            .select_from(RoleGrant)
            .where(RoleGrant.community_id == village.community_id, RoleGrant.person_id == person.id)
        )
    )
    assert outcomes == ["done"] * 8
    assert rows == 2


def _change(village: Village, who: str, person_id: UUID, **wanted: Any) -> None:
    village.perform(who, register.change, keys=factories.KEYS, person_id=person_id, **wanted)


def _held(village: Village, person_id: UUID) -> set[Held]:
    return set(village.read(lambda s: roles.of(s, village.community_id, person_id)))
