"""Red posts: standing duties with a place and a printed poster.

Invariant: the poster's pointer is made once, with the red post, and says nothing secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import Invalid
from people import names, roles, units
from people.models import UNIT_KINDS
from shifts import reasons
from shifts.rota import guards, occasions
from shifts.tables.rota import EARNS, POINTS, RED_POST_KINDS, RISKS, RedPost

POSTER_CHARACTERS = 16
LONGEST = 100
PLACE_MAX = 200
KEPT_SEATS_MAX = 1000


@dataclass(frozen=True)
class Quota:
    """So many seats of each shift are kept for people of units of one kind, until some hours
    before it starts: at least one party member, say."""

    unit_kind: str
    seats: int
    hours_before: int


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
    risk: str = "low",
    earns: str = POINTS,
    quota: Quota | None = None,
) -> RedPost:
    """Add a red post; ``earns`` points and hours, or hours alone, for ever.

    Raises NotAllowed (manager, of the community or the unit), Invalid, NotFound (fund, unit).
    """
    roles.require(session, actor, "manager", unit_id=unit_id)
    if risk not in RISKS:
        raise Invalid(risk=f"is none of {', '.join(RISKS)}")
    if earns not in EARNS:
        raise Invalid(earns=f"is none of {', '.join(EARNS)}")
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
        risk=risk,
        earns=earns,
        quota_unit_kind=None,
        quota_seats=0,
        quota_hours=0,
        added_at=at,
    )
    if quota is not None:
        _set_quota(row, quota)
    occasions.require_fund(session, actor.community_id, fund_id)
    if unit_id is not None:
        units.unit(session, actor.community_id, unit_id)
    session.add(row)
    session.flush()
    _tell_added(session, actor, at, row)
    return row


def note_insurance(
    session: Session, *, actor: Actor, at: datetime, red_post_id: UUID, until: date, note: str
) -> RedPost:
    """Note which insurance covers who serves here, and until which day.

    The last note counts. Raises NotFound, NotAllowed (manager), Invalid (note).
    """
    row = occasions.red_post(session, actor.community_id, red_post_id)
    roles.require(session, actor, "manager", unit_id=row.unit_id)
    before = row.insured_until
    row.insured_until = until
    row.insurance_digest = reasons.keep(session, actor.community_id, note)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.INSURANCE_NOTED,
        subject=("red_post", row.id),
        at=at,
        reason_code=reasons.STATED,
        before={"insured_until": before},
        after={"insured_until": until, "text_digest": row.insurance_digest},
    )
    return row


def _set_quota(row: RedPost, quota: Quota) -> None:
    if quota.unit_kind not in UNIT_KINDS:
        raise Invalid(quota=f"is none of {', '.join(UNIT_KINDS)}")
    if not 1 <= quota.seats <= KEPT_SEATS_MAX:
        raise Invalid(quota=f"want 1 to {KEPT_SEATS_MAX} seats")
    if not 0 <= quota.hours_before <= guards.KEPT_HOURS_MAX:
        raise Invalid(quota=f"want 0 to {guards.KEPT_HOURS_MAX} hours before")
    row.quota_unit_kind = quota.unit_kind
    row.quota_seats, row.quota_hours = quota.seats, quota.hours_before


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


def _tell_added(session: Session, actor: Actor, at: datetime, row: RedPost) -> None:
    kept = (
        "kind",
        "fund_id",
        "unit_id",
        "risk",
        "earns",
        "quota_unit_kind",
        "quota_seats",
        "quota_hours",
    )
    trail.record(
        session,
        actor=actor,
        action=Action.RED_POST_ADDED,
        subject=("red_post", row.id),
        at=at,
        after={name: getattr(row, name) for name in kept},
    )
