"""Age: who may still be under 14 has a guardian, who consents for them (PIPL art. 31).

Invariant: the year of birth alone is known, so whoever may still be 13 counts as under 14.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.clock import local_date
from kit.errors import Invalid, NotFound
from people.models import Community, Person

GUARDED_UNTIL = 14
BORN_FIRST = 1900


def under_guardian(session: Session, person: Person, at: datetime) -> bool:
    """Whether a person may still be under 14 on that day."""
    return is_child(person.birth_year, _year(session, person.community_id, at))


def put(
    session: Session, person: Person, at: datetime, birth_year: int | None, guardian_id: UUID | None
) -> None:
    """Set the year of birth and the guardian. Raises Invalid, NotFound for the guardian."""
    this_year = _year(session, person.community_id, at)
    if birth_year is not None and not BORN_FIRST <= birth_year <= this_year:
        raise Invalid(birth_year=f"want a year from {BORN_FIRST} to this one")
    if guardian_id is not None:
        _require_grown(session, person, guardian_id, this_year)
    elif is_child(birth_year, this_year):
        raise Invalid(guardian_id="who is under 14 needs a guardian")
    person.birth_year, person.guardian_id = birth_year, guardian_id


def _require_grown(session: Session, person: Person, guardian_id: UUID, this_year: int) -> None:
    guardian = session.scalar(
        select(Person).where(
            Person.community_id == person.community_id,
            Person.id == guardian_id,
            Person.deactivated_at.is_(None),
        )
    )
    if guardian is None:
        raise NotFound("person")
    if guardian.id == person.id or is_child(guardian.birth_year, this_year):
        raise Invalid(guardian_id="want a grown person")


def is_child(birth_year: int | None, this_year: int) -> bool:
    """Whether somebody born in that year may still be under 14 in this one."""
    return birth_year is not None and this_year - birth_year <= GUARDED_UNTIL


def _year(session: Session, community_id: UUID, at: datetime) -> int:
    zone = session.scalar(select(Community.zone).where(Community.id == community_id))
    assert zone is not None, "people stand in a community"
    return local_date(at, zone).year
