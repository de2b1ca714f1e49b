"""A list of people against itself and the register: who is new, who is known, what is wrong.

Invariant: pure judgement, nothing is written; a plan without faults can be carried out whole, and
the same file judged after that plans nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from imports.claims import Claim
from imports.faults import Fault
from imports.register import Register
from imports.units import Tree
from kit import ids
from people import age, households
from people.enrolment import Newcomer


@dataclass
class Plan:
    """What an import of people would do."""

    newcomers: list[Newcomer] = field(default_factory=list)
    #: new ones: household → everybody in it
    households: dict[UUID, list[UUID]] = field(default_factory=dict)
    known: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


@dataclass
class _Judged:
    """A claim and the person it means."""

    claim: Claim
    person_id: UUID
    is_new: bool
    household_id: UUID | None = None
    guardian_id: UUID | None = None


def plan(
    claims: Sequence[Claim], register: Register, tree: Tree, *, this_year: int, broken: set[str]
) -> Plan:
    """Judge the claims; ``broken`` are the names and phones of lines that could not be read."""
    made = Plan()
    alone = _once(claims, made)
    judged = [one for one in (_judge(claim, register, tree, made) for claim in alone) if one]
    _place_in_households(judged, register, made)
    _find_guardians(judged, register, made, this_year, broken)
    made.known = sum(not one.is_new for one in judged)
    made.newcomers = [
        Newcomer(
            id=one.person_id,
            name=one.claim.name,
            phone=one.claim.phone,
            birth_year=one.claim.birth_year,
            unit_id=tree.of(one.claim.unit),
            household_id=one.household_id,
            guardian_id=one.guardian_id,
        )
        for one in judged
        if one.is_new
    ]
    return made


def _once(claims: Sequence[Claim], made: Plan) -> list[Claim]:
    """Each person once: two lines about one person become one, or a fault where they differ."""
    first: dict[tuple[object, ...], int] = {}
    found: list[Claim] = []
    for claim in claims:
        key = (claim.phone,) if claim.phone else (claim.name, claim.birth_year)
        at = first.setdefault(key, len(found))
        if at == len(found):
            found.append(claim)
            continue
        merged = _merged(found[at], claim, made)
        if merged is not None:
            found[at] = merged
    _refuse_namesakes(found, made)
    return found


def _merged(first: Claim, claim: Claim, made: Plan) -> Claim | None:
    """What both lines say together; none where they contradict each other."""
    place = first.line.place
    if claim.name != first.name:
        made.faults.append(claim.line.fault("phone_twice", place=place, value=first.name))
        return None
    if claim.phone is None and claim.birth_year is None:
        made.faults.append(claim.line.fault("who_unclear", value=claim.name))
        return None
    pairs = zip(first.differing, claim.differing, strict=True)
    apart = [f"{one} ≠ {other}" for one, other in pairs if one and other and one != other]
    if apart:
        told = claim.line.fault("same_differs", place=place, value=", ".join(apart))
        made.faults.append(told)
        return None
    made.notes.append(claim.line.fault("note_same", place=place))
    return replace(
        first,
        birth_year=first.birth_year or claim.birth_year,
        unit=first.unit or claim.unit,
        household=first.household or claim.household,
        guardian=first.guardian or claim.guardian,
    )


def _refuse_namesakes(found: Iterable[Claim], made: Plan) -> None:
    """Who has no phone must not be taken for somebody else of the list the next time."""
    by_name: dict[str, list[Claim]] = defaultdict(list)
    for claim in found:
        by_name[claim.name].append(claim)
    for claim in found:
        if claim.phone is not None:
            continue
        others = [
            one
            for one in by_name[claim.name]
            if one is not claim and claim.birth_year in (None, one.birth_year)
        ]
        if others:
            made.faults.append(claim.line.fault("who_unclear", value=claim.name))


def _judge(claim: Claim, register: Register, tree: Tree, made: Plan) -> _Judged | None:
    known, fault = register.known(claim)
    if fault is not None:
        made.faults.append(fault)
        return None
    if known is None:
        namesakes = register.namesakes(claim.name, claim.birth_year)
        if claim.phone and claim.birth_year and any(not one.has_phone for one in namesakes):
            made.faults.append(claim.line.fault("may_be_known", value=claim.name))
            return None
        return _Judged(claim, ids.new(), is_new=True)
    apart = []
    if claim.birth_year and claim.birth_year != known.birth_year:
        apart.append(f"{claim.birth_year} ≠ {known.birth_year or '—'}")
    if claim.unit and tree.of(claim.unit) != known.unit_id:
        apart.append(claim.unit)
    if apart:
        made.notes.append(claim.line.fault("note_differs", value=", ".join(apart)))
    return _Judged(claim, known.id, is_new=False, household_id=known.household_id)


def _place_in_households(judged: Sequence[_Judged], register: Register, made: Plan) -> None:
    """Those who share a household in the list; the register's own people stay where they live."""
    homes: dict[str, list[_Judged]] = defaultdict(list)
    for one in judged:
        if one.claim.household:
            homes[one.claim.household].append(one)
    for name, members in homes.items():
        new = [one for one in members if one.is_new]
        there = {one.household_id for one in members if one.household_id is not None}
        if not new or len(members) < 2:
            continue
        line = new[0].claim.line
        if len(members) > households.PEOPLE_MAX:
            told = line.fault("household_large", value=name, most=households.PEOPLE_MAX)
            made.faults.append(told)
        elif len(there) > 1:
            made.faults.append(line.fault("household_unclear", value=name))
        else:
            home = next(iter(there), None) or ids.new()
            if not there:
                made.households[home] = [one.person_id for one in members]
            for one in new:
                one.household_id = home


def _find_guardians(
    judged: Sequence[_Judged], register: Register, made: Plan, this_year: int, broken: set[str]
) -> None:
    """Who may still be under 14 has a guardian; a grown person's is not asked for."""
    by_phone = {one.claim.phone: one for one in judged if one.claim.phone}
    by_name: dict[str, list[_Judged]] = defaultdict(list)
    for one in judged:
        by_name[one.claim.name].append(one)
    for one in judged:
        claim = one.claim
        if not one.is_new or not age.is_child(claim.birth_year, this_year):
            continue
        if not claim.guardian:
            made.faults.append(claim.line.fault("guardian_needed", value=claim.birth_year))
            continue
        if claim.guardian in broken:
            continue
        found = _candidates(claim, by_phone, by_name, register)
        found.pop(one.person_id, None)
        code = {0: "guardian_unknown", 1: None}.get(len(found), "guardian_unclear")
        if code is None:
            ((one.guardian_id, born),) = found.items()
            code = "guardian_child" if age.is_child(born, this_year) else None
        if code is not None:
            made.faults.append(claim.line.fault(code, value=claim.guardian))


def _candidates(
    claim: Claim,
    by_phone: dict[str, _Judged],
    by_name: dict[str, list[_Judged]],
    register: Register,
) -> dict[UUID, int | None]:
    """Person → year of birth of everybody whom the guardian's cell could mean, the nearest only."""
    if claim.guardian in by_phone:
        near = [by_phone[claim.guardian]]
    else:
        listed = by_name.get(claim.guardian, [])
        home = claim.household
        near = [one for one in listed if home and one.claim.household == home] or listed
    if near:
        return {one.person_id: one.claim.birth_year for one in near}
    holder = register.holders.get(claim.guardian)
    known = [register.by_id[holder]] if holder else register.namesakes(claim.guardian, None)
    return {one.id: one.birth_year for one in known if one.is_active}
