"""``import people``: a list of residents into the register, with units and households.

Invariant: it adds and never changes: who is in the register already stays as they are, and what the
list says otherwise is a note.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from audit.actor import Actor
from imports import cells, claims, headings, people_plan, persons, register
from imports.claims import Claim
from imports.faults import Fault
from imports.headings import Read
from imports.people_plan import Plan
from imports.runs import Report
from imports.sheets import Sheet
from imports.units import Place, Tree, kind_of
from kit.clock import local_date
from kit.keys import KeyRing
from people import communities, enrolment, roles, units


@dataclass
class PeopleList:
    """A judged list of people."""

    actor: Actor
    keys: KeyRing
    at: datetime
    plan: Plan
    tree: Tree
    report: Report

    def carry_out(self, session: Session) -> None:
        """Write units, households and people."""
        for one in self.tree.planned:
            units.add(
                session,
                actor=self.actor,
                at=self.at,
                name=one.name,
                kind=kind_of(one.name),
                parent_id=one.parent_id,
                unit_id=one.id,
            )
        enrolment.enrol(
            session,
            actor=self.actor,
            keys=self.keys,
            at=self.at,
            newcomers=self.plan.newcomers,
            households=self.plan.households,
        )


def judge(
    session: Session, sheets: list[Sheet], actor: Actor, *, keys: KeyRing, at: datetime
) -> PeopleList:
    """Judge a list against itself, the units and the register.

    Raises NotAllowed where a person imports it who is no manager of the whole community.
    """
    community_id = actor.community_id
    if actor.person_id is not None:
        roles.require(session, actor, "manager")
    this_year = local_date(at, communities.settings_of(session, community_id).zone).year
    read = headings.lines(sheets, claims.PEOPLE)
    wanted, faults = _claims(read, this_year)
    guardians = {one.guardian for one in wanted if one.guardian.startswith("+")}
    there = register.read(session, keys, community_id, wanted, *guardians)
    tree = Tree(
        [Place(one.id, one.name, one.parent_id) for one in units.everything(session, community_id)]
    )
    faults += tree.place_all((one.line, one.unit) for one in wanted if one.unit)
    plan = people_plan.plan(wanted, there, tree, this_year=this_year, broken=_broken(read, wanted))
    plan.faults = persons.in_order(read, [*read.faults, *faults, *plan.faults])
    report = Report(
        added={
            "people": len(plan.newcomers),
            "households": len(plan.households),
            "units": len(tree.planned) if plan.newcomers else 0,
        },
        lines=len(read.lines),
        known=plan.known,
        faults=plan.faults,
        notes=[*read.notes, *plan.notes, *_new_units(tree, wanted)],
    )
    return PeopleList(actor, keys, at, plan, tree, report)


def _claims(read: Read, this_year: int) -> tuple[list[Claim], list[Fault]]:
    found, faults = [], []
    for line in read.lines:
        claim, wrong = claims.of(line, this_year)
        faults += wrong
        if claim is not None:
            found.append(claim)
    return found, faults


def _broken(read: Read, wanted: list[Claim]) -> set[str]:
    """Names and phones of lines with faults: whoever refers to them is not to blame for that."""
    whole = {one.line.place for one in wanted}
    broken = [line for line in read.lines if line.place not in whole]
    told = [cells.text(line.cells.get(key)) for line in broken for key in ("name", "phone")]
    return {one for one in told if one}


def _new_units(tree: Tree, wanted: list[Claim]) -> list[Fault]:
    """What would be made, and for how many: a name that was mistyped once stands out."""
    counts = Counter(tree.of(one.unit) for one in wanted if one.unit)
    first = {tree.of(one.unit): one.line for one in reversed(wanted) if one.unit}
    return [
        first[one.id].fault("note_unit", value=f"{one.name} ({counts[one.id]})")
        for one in tree.planned
        if one.id in first
    ]
