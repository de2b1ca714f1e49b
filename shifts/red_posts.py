"""Red posts: standing duties with a place and a printed poster.

Invariant: the poster's pointer is made once, with the red post, and says nothing secret.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import Invalid
from people import names, roles, units
from shifts import occasions
from shifts.models import RED_POST_KINDS, RedPost

POSTER_CHARACTERS = 16
LONGEST = 100
PLACE_MAX = 200


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    kind: str,
    fund_id: UUID | None = None,
    unit_id: UUID | None = None,
    place: str | None = None,
) -> RedPost:
    """Add a red post.

    Raises NotAllowed (manager, of the community or the unit), Invalid, NotFound (fund, unit).
    """
    roles.require(session, actor, "manager", unit_id=unit_id)
    if kind not in RED_POST_KINDS:
        raise Invalid(kind=f"is none of {', '.join(RED_POST_KINDS)}")
    row = RedPost(
        community_id=actor.community_id,
        id=ids.new(),
        code_ref=tokens.random_ref(POSTER_CHARACTERS),
        name=names.clean("name", name, LONGEST),
        kind=kind,
        fund_id=fund_id,
        unit_id=unit_id,
        place=names.clean("place", place, PLACE_MAX) if place else None,
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
        action=Action.RED_POST_ADDED,
        subject=("red_post", row.id),
        at=at,
        after={"kind": kind, "fund_id": fund_id, "unit_id": unit_id},
    )
    return row


def listed(
    session: Session, community_id: UUID, *, limit: int, before: UUID | None = None
) -> list[RedPost]:
    """Red posts, newest first, older than ``before``."""
    query = select(RedPost).where(RedPost.community_id == community_id)
    if before is not None:
        query = query.where(RedPost.id < before)
    return list(session.scalars(query.order_by(RedPost.id.desc()).limit(limit)))


def by_code_ref(session: Session, community_id: UUID, code_ref: str) -> RedPost | None:
    """The red post that a poster points to."""
    return session.scalar(
        select(RedPost).where(RedPost.community_id == community_id, RedPost.code_ref == code_ref)
    )
