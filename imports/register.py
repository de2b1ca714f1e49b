"""The register as an import looks into it: read once, asked for each line.

Invariant: the same line finds the same person before and after it was imported, so that to import a
file again changes nothing; where it could be one of two, nobody is chosen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.orm import Session

from imports.claims import Claim
from imports.faults import Fault
from kit.keys import KeyRing
from people import enrolment
from people.enrolment import Known


@dataclass
class Register:
    """Who is there, by id and name; who has which of the phones that the file names."""

    by_id: dict[UUID, Known]
    holders: dict[str, UUID]
    by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))

    def namesakes(self, name: str, birth_year: int | None) -> list[Known]:
        """Everybody of this name, and of this year of birth where it is given."""
        return [
            one
            for one in self.by_name.get(name, ())
            if birth_year is None or one.birth_year == birth_year
        ]

    def known(self, claim: Claim) -> tuple[Known | None, Fault | None]:
        """Whom a claim means, if they are here; the fault where that is not clear."""
        if claim.phone is not None:
            return self._by_phone(claim, claim.phone)
        found = self.namesakes(claim.name, claim.birth_year)
        if len(found) > 1:
            return None, claim.line.fault("who_unclear", value=claim.name)
        return (found[0] if found else None), None

    def _by_phone(self, claim: Claim, phone: str) -> tuple[Known | None, Fault | None]:
        holder = self.holders.get(phone)
        if holder is None:
            return None, None
        there = self.by_id[holder]
        if claim.name and claim.name != there.name:
            return None, claim.line.fault("phone_taken", value=there.name)
        return there, None


def read(
    session: Session, keys: KeyRing, community_id: UUID, claims: Iterable[Claim], *more: str
) -> Register:
    """The register of a community, with the holders of the claims' phones and of ``more``."""
    everybody = enrolment.everybody(session, community_id)
    numbers = {one.phone for one in claims if one.phone is not None} | set(more)
    holders = enrolment.holders(session, keys, community_id, numbers)
    found = Register({one.id: one for one in everybody}, holders)
    for one in everybody:
        found.by_name[one.name].append(one)
    return found
