"""Whom each line of a list is about, for lists of what people did: everybody must be known.

Invariant: a line is about one active person of the register, or has a fault.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from imports import claims, register
from imports.faults import Fault
from imports.headings import Line, Read
from imports.register import Register
from kit.keys import KeyRing
from people.enrolment import Known


def found(
    session: Session, keys: KeyRing, community_id: UUID, read: Read, this_year: int
) -> tuple[Register, list[tuple[Line, Known]], list[Fault]]:
    """The register, each line with its person, and the faults."""
    wanted, faults = [], []
    for line in read.lines:
        claim, wrong = claims.somebody(line, this_year)
        faults += wrong
        if claim is not None:
            wanted.append(claim)
    there = register.read(session, keys, community_id, wanted)
    known = []
    for claim in wanted:
        person, fault = there.known(claim)
        value = claim.name or claim.phone
        if fault is not None and fault.code == "phone_taken":
            fault = claim.line.fault("name_differs", value=claim.name)
        elif fault is None and person is None:
            fault = claim.line.fault("who_unknown", value=value)
        elif person is not None and not person.is_active:
            fault = claim.line.fault("who_gone", value=value)
        if fault is not None:
            faults.append(fault)
        elif person is not None:
            known.append((claim.line, person))
    return there, known, faults


def in_order(read: Read, faults: list[Fault]) -> list[Fault]:
    """Faults as their lines stand in the file."""
    names = list(dict.fromkeys(line.sheet for line in read.lines))
    return sorted(
        faults,
        key=lambda one: (names.index(one.sheet) if one.sheet in names else -1, one.row),
    )
