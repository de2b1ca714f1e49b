"""Activities: one-off occasions with one or more shifts.

Invariant: an activity's fund, unit and what it earns are chosen once; its awards are charged to
that fund, and nobody is paid points for a study meeting or a deliberation.
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
from kit.errors import Invalid
from people import names, roles, units
from shifts.rota import occasions
from shifts.tables.rota import ACTIVITY_KINDS, EARNS, HOURS, NEVER_PAID, POINTS, Activity

LONGEST = 100


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    unit_id: UUID | None = None,
    fund_id: UUID | None = None,
    kind: str = "service",
    earns: str | None = None,
) -> Activity:
    """Add an activity; ``earns`` points and hours, or hours alone, for ever.

    Raises NotAllowed (manager, of the community or the unit), Invalid, NotFound (fund, unit).
    """
    roles.require(session, actor, "manager", unit_id=unit_id)
    earns = _earns(kind, earns)
    row = Activity(
        community_id=actor.community_id,
        id=ids.new(),
        name=names.clean("name", name, LONGEST),
        fund_id=fund_id,
        unit_id=unit_id,
        kind=kind,
        earns=earns,
        added_at=at,
    )
    occasions.require_fund(session, actor.community_id, fund_id)
    if unit_id is not None:
        units.unit(session, actor.community_id, unit_id)
    session.add(row)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.ACTIVITY_ADDED,
        subject=("activity", row.id),
        at=at,
        after={"fund_id": fund_id, "unit_id": unit_id, "kind": kind, "earns": earns},
    )
    return row


def _earns(kind: str, wanted: str | None) -> str:
    """What an activity of this kind earns; Invalid where that cannot be."""
    if kind not in ACTIVITY_KINDS:
        raise Invalid(kind=f"is none of {', '.join(ACTIVITY_KINDS)}")
    if wanted is None:
        return HOURS if kind in NEVER_PAID else POINTS
    if wanted not in EARNS:
        raise Invalid(earns=f"is none of {', '.join(EARNS)}")
    if wanted == POINTS and kind in NEVER_PAID:
        raise Invalid(earns="a study meeting or a deliberation earns hours alone")
    return wanted


def listed(
    session: Session, community_id: UUID, *, limit: int, before: UUID | None = None
) -> list[Activity]:
    """Activities, newest first, older than ``before``."""
    query = select(Activity).where(Activity.community_id == community_id)
    if before is not None:
        query = query.where(Activity.id < before)
    return list(session.scalars(query.order_by(Activity.id.desc()).limit(limit)))
