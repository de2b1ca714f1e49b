"""Teams and squads with their captains, and the zones that people look after."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from audit.models import Entry
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from people import checks, memberships, register, roles, units, zones
from people.roles import Held
from people.unit_models import UnitMember
from tests.people.village import Village

MAY = date(2026, 5, 1)


@pytest.fixture
def squad(village: Village) -> UUID:
    """A squad of a team."""
    team = village.perform("manager", units.add, name="Patrol team", kind="team")
    return village.perform(
        "manager", units.add, name="Night squad", kind="squad", parent_id=team.id
    ).id


def _names(village: Village, unit_id: UUID) -> tuple[list[str], list[str]]:
    actor = village.actor("auditor")
    found = village.read(lambda s: memberships.people_of(s, actor=actor, unit_id=unit_id))
    return [one.name for one in found.leaders], [one.name for one in found.members]


def _join(village: Village, who: str, unit_id: UUID, person: str = "volunteer") -> UnitMember:
    person_id = village.people[person]
    return village.perform(who, memberships.join, unit_id=unit_id, person_id=person_id)


def _lead(village: Village, who: str, unit_id: UUID, *people: UUID) -> None:
    village.perform(who, memberships.set_leaders, unit_id=unit_id, person_ids=people)


def test_a_squad_has_its_captain_and_its_members(village: Village, squad: UUID) -> None:
    leader = village.person(name="Zhao Min")
    _lead(village, "manager", squad, leader.id)
    village.people["leader"] = leader.id
    first = _join(village, "leader", squad)
    assert _join(village, "manager", squad).id == first.id
    assert _names(village, squad) == (["Zhao Min"], ["Some volunteer"])
    held = village.read(lambda s: roles.of(s, village.community_id, leader.id))
    assert held == (Held("captain", squad),)
    facts = {"unit_id": squad, "person_id": village.people["volunteer"]}
    village.perform("volunteer", memberships.leave, **facts)
    with pytest.raises(NotFound):
        village.perform("leader", memberships.leave, **facts)
    assert _join(village, "leader", squad).id != first.id
    _lead(village, "manager", squad)
    assert _names(village, squad) == ([], ["Some volunteer"])
    with pytest.raises(NotAllowed):
        _join(village, "leader", squad, "clerk")
    deeds = [str(row.action) for row in village.rows(Entry) if row.subject_type == "unit"]
    assert deeds[2:] == ["people:unit:joined", "people:unit:left", "people:unit:joined"]
    assert village.read(lambda s: list(checks.problems(s, village.community_id))) == []


def test_who_may_say_who_leads_and_who_belongs(village: Village, squad: UUID) -> None:
    branch = village.perform("manager", units.add, name="Branch", kind="party_branch").id
    _join(village, "captain", squad)
    for who, unit_id in (("captain", branch), ("clerk", squad), ("auditor", squad)):
        with pytest.raises(NotAllowed):
            _join(village, who, unit_id)
    for who in ("captain", "admin"):
        with pytest.raises(NotAllowed):
            _lead(village, who, squad, village.people["clerk"])
    with pytest.raises(NotAllowed):
        _lead(village, "manager", squad, village.people["manager"])
    with pytest.raises(NotFound):
        _lead(village, "manager", squad, squad)
    with pytest.raises(Invalid):
        _lead(village, "manager", squad, *[village.people["clerk"], *_many(21)])


def _many(number: int) -> list[UUID]:
    return [UUID(int=one) for one in range(1, number + 1)]


def test_who_left_is_no_member_and_no_leader(village: Village, squad: UUID) -> None:
    _join(village, "manager", squad)
    _lead(village, "manager", squad, village.people["captain"])
    for name in ("volunteer", "captain"):
        person_id = village.people[name]
        village.perform(
            "manager", register.change, keys=_no_keys(), person_id=person_id, active=False
        )
    assert _names(village, squad) == ([], [])
    with pytest.raises(NotFound):
        _zone(village, squad)


def _no_keys() -> Any:
    """Nothing of a phone is read here."""
    return None


def test_who_left_has_left(village: Village, squad: UUID) -> None:
    row = _join(village, "manager", squad)
    village.perform("manager", memberships.leave, unit_id=squad, person_id=row.person_id)
    wanted = (
        update(UnitMember)
        .where(UnitMember.community_id == village.community_id, UnitMember.id == row.id)
        .values(left_at=None)
    )
    with pytest.raises(DomainError, match="already_decided"):
        village.write(lambda session: session.execute(wanted))


def _zone(village: Village, unit_id: UUID, who: str = "manager", **facts: Any) -> UUID:
    told = {"person_id": village.people["volunteer"], "place": "No. 3, stairs 2", "begins_on": MAY}
    return village.perform(who, zones.give, unit_id=unit_id, **(told | facts)).id


def test_a_zone_is_looked_after_from_a_day_until_a_day(village: Village, squad: UUID) -> None:
    zone = _zone(village, squad)
    until = MAY + timedelta(days=30)
    _zone(village, squad, place="No. 4", ends_on=until)

    def listed(on: date | None) -> list[tuple[str, str]]:
        actor = village.actor("manager")
        found = village.read(lambda s: zones.of_unit(s, actor=actor, unit_id=squad, on=on))
        return [(row.place, name) for row, name in found]

    both = [("No. 3, stairs 2", "Some volunteer"), ("No. 4", "Some volunteer")]
    assert listed(None) == listed(MAY) == listed(until) == both
    assert listed(until + timedelta(days=1)) == both[:1]
    assert listed(MAY - timedelta(days=1)) == []
    village.perform("manager", zones.end, zone_id=zone, last_on=MAY)
    assert listed(until) == both[1:]
    me = village.actor("volunteer")
    mine = village.read(lambda s: zones.of_person(s, actor=me, person_id=me.person))
    assert [(row.place, row.ends_on) for row in mine] == [("No. 4", until), (both[0][0], MAY)]


def test_a_zone_is_given_and_ended_by_a_manager_once(village: Village, squad: UUID) -> None:
    zone = _zone(village, squad)
    for who in ("captain", "auditor", "volunteer"):
        with pytest.raises(NotAllowed):
            _zone(village, squad, who)
        with pytest.raises(NotAllowed):
            village.perform(who, zones.end, zone_id=zone, last_on=MAY)
    with pytest.raises(Invalid):
        _zone(village, squad, ends_on=MAY - timedelta(days=1))
    with pytest.raises(Invalid):
        village.perform("manager", zones.end, zone_id=zone, last_on=MAY - timedelta(days=1))
    village.perform("manager", zones.end, zone_id=zone, last_on=MAY)
    with pytest.raises(Conflict):
        village.perform("manager", zones.end, zone_id=zone, last_on=MAY)
    clerk = village.actor("clerk")
    with pytest.raises(NotAllowed):
        village.read(
            lambda s: zones.of_person(s, actor=clerk, person_id=village.people["volunteer"])
        )
