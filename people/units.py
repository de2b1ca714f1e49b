"""Units of organisation: a tree in each community.

Invariant: a unit's parent is chosen once, from the units that exist, so the tree has no circle.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid, NotFound
from people import names, roles
from people.models import UNIT_KINDS, Unit


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: str,
    parent_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> Unit:
    """Add a unit below its parent, or at the top; ``unit_id`` is the id that its maker chose.

    Raises NotAllowed (admin or manager, of the community or of the parent), Invalid, NotFound.
    """
    roles.require(session, actor, "admin", "manager", unit_id=parent_id)
    name = names.clean("name", name)
    if kind not in UNIT_KINDS:
        raise Invalid(kind=f"is none of {', '.join(UNIT_KINDS)}")
    if parent_id is not None:
        unit(session, actor.community_id, parent_id)
    row = Unit(
        community_id=actor.community_id,
        id=unit_id or ids.new(),
        name=name,
        kind=kind,
        parent_id=parent_id,
        added_at=at,
    )
    session.add(row)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.UNIT_ADDED,
        subject=("unit", row.id),
        at=at,
        after={"kind": kind, "parent_id": parent_id},
    )
    return row


def unit(session: Session, community_id: UUID, unit_id: UUID) -> Unit:
    """The unit; NotFound where the community has none of this id."""
    found = session.scalar(
        select(Unit).where(Unit.community_id == community_id, Unit.id == unit_id)
    )
    if found is None:
        raise NotFound("unit")
    return found


def listed(
    session: Session, community_id: UUID, *, limit: int, before: UUID | None = None
) -> list[Unit]:
    """Units, newest first, older than ``before``."""
    query = select(Unit).where(Unit.community_id == community_id)
    if before is not None:
        query = query.where(Unit.id < before)
    return list(session.scalars(query.order_by(Unit.id.desc()).limit(limit)))


def everything(session: Session, community_id: UUID) -> list[Unit]:
    """All units of a community, oldest first."""
    return list(
        session.scalars(select(Unit).where(Unit.community_id == community_id).order_by(Unit.id))
    )
