"""Lists of roles as callers send them and read them.

Invariant: what is read names known roles and units of the community, or is refused whole.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kit.errors import Invalid
from people import roles, units
from people.roles import Held

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def read(session: Session, community_id: UUID, wanted: Any) -> set[Held]:
    """The roles of a list: each a role's name, or {role, unit_id}.

    Raises Invalid, NotFound for an unknown unit.
    """
    if not isinstance(wanted, list | tuple):
        raise Invalid(roles="want a list")
    found: set[Held] = set()
    for one in wanted:
        held = _held(one)
        if held is not None:
            if held.unit_id is not None:
                units.unit(session, community_id, held.unit_id)
            found.add(held)
    return found


def _held(one: Any) -> Held | None:
    role, unit_id = one, None
    if isinstance(one, dict):
        if not one.keys() <= {"role", "unit_id"}:
            raise Invalid(roles="want role and unit_id")
        role, unit_id = one.get("role"), one.get("unit_id")
    if isinstance(one, Held):
        return one
    if unit_id is not None and not isinstance(unit_id, UUID):
        if not isinstance(unit_id, str) or not _UUID.fullmatch(unit_id):
            raise Invalid(roles="unit_id is not an id")
        unit_id = UUID(unit_id)
    if role == "volunteer":
        return None  # everybody is
    if not isinstance(role, str) or role not in roles.GRANTED_BY:
        raise Invalid(roles=f"want some of {', '.join(sorted(roles.GRANTED_BY))}")
    return Held(role, unit_id)
