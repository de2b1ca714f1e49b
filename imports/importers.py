"""In whose name a list is imported, where the books want a person: who is named, or who may.

Invariant: it is somebody who holds the role for the whole community; whom the list itself is about
is never chosen without being named, and is refused row by row where they are.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from imports.register import Register
from kit.errors import Invalid, NotAllowed
from kit.keys import KeyRing
from people import enrolment, phones
from people.enrolment import Known
from people.models import RoleGrant

_BY = "--by"


def choose(
    session: Session,
    keys: KeyRing,
    community_id: UUID,
    register: Register,
    *,
    role: str,
    by: str | UUID | None,
    about: Collection[UUID],
) -> Known:
    """Who imports: the person or phone ``by``, else who has held the role for longest.

    Raises NotAllowed where that person, Invalid where the holder of that phone, does not hold the
    role for the whole community, or nobody does.
    """
    holders = [
        register.by_id[one]
        for one in session.scalars(
            select(RoleGrant.person_id)
            .where(
                RoleGrant.community_id == community_id,
                RoleGrant.role == role,
                RoleGrant.unit_id.is_(None),
                RoleGrant.withdrawn_at.is_(None),
            )
            .order_by(RoleGrant.granted_at, RoleGrant.id)
        )
        if register.by_id[one].is_active
    ]
    if isinstance(by, UUID):
        if by not in {one.id for one in holders}:
            raise NotAllowed(needs=[role])
        return register.by_id[by]
    if by is not None:
        named = _named(session, keys, community_id, by)
        for one in holders:
            if one.id == named:
                return one
        raise Invalid(**{_BY: f"is no {role} of this community 不是本社区的该角色"})
    if not holders:
        raise Invalid(**{_BY: f"nobody here is {role} yet; grant the role first 请先指定该角色"})
    free = [one for one in holders if not own(register, one, about)]
    return (free or holders)[0]


def own(register: Register, importer: Known, about: Collection[UUID]) -> set[UUID]:
    """Those of ``about`` who are the importer, or live in their household."""
    home = importer.household_id
    return {
        one
        for one in about
        if one == importer.id or (home is not None and register.by_id[one].household_id == home)
    }


def _named(session: Session, keys: KeyRing, community_id: UUID, by: str) -> UUID | None:
    number = phones.normal(by)
    if number is None:
        raise Invalid(**{_BY: "want the phone of who imports 请填经办人的手机号"})
    return enrolment.holders(session, keys, community_id, [number]).get(number)
