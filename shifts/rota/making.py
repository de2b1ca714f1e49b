"""Shifts made, and published where they began as drafts.

Invariant: a shift's captain and deputies held the role when it was made, and lead it only while
they hold it (contract, "Rights").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import Conflict
from people import names, roles
from shifts.rota import finding, leading, occasions, terms
from shifts.tables.rota import Deputy, Shift

CODE_CHARACTERS = 8


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    captain_id: UUID,
    red_post_id: UUID | None = None,
    activity_id: UUID | None = None,
    seats: int | None = None,
    seats_min: int = 0,
    deputy_ids: Sequence[UUID] = (),
    draft: bool = False,
    shift_id: UUID | None = None,
) -> Shift:
    """Make a shift, published unless it is a draft; past times and an id of one's own are allowed.

    Raises, in this order: NotAllowed (manager, captain), Invalid, NotFound (red post, activity).
    """
    roles.require(session, actor, "captain", unit_id=roles.ANYWHERE)
    terms.check_occasion(red_post_id, activity_id)
    terms.check_times(starts_at, ends_at)
    terms.check_seats(seats, seats_min)
    deputies = terms.leaders(session, actor.community_id, captain_id, deputy_ids)
    shift = Shift(
        community_id=actor.community_id,
        id=shift_id or ids.new(),
        red_post_id=red_post_id,
        activity_id=activity_id,
        code_ref=tokens.random_ref(CODE_CHARACTERS),
        title=names.clean("title", title, terms.TITLE_MAX),
        starts_at=starts_at,
        ends_at=ends_at,
        seats=seats,
        seats_min=seats_min,
        seats_taken=0,
        captain_id=captain_id,
        status="draft" if draft else "published",
        made_by=actor.person,
        made_at=at,
    )
    occasions.of(session, shift)
    session.add(shift)
    _depute(session, shift, deputies)
    told = {"starts_at": starts_at, "ends_at": ends_at, "seats": seats, "deputy_ids": deputies}
    leads = {"status": shift.status, "captain_id": captain_id}
    _tell(session, actor, at, Action.SHIFT_ADDED, shift, told | leads)
    return shift


def _depute(session: Session, shift: Shift, deputies: Iterable[UUID]) -> None:
    session.flush()
    for person_id in deputies:
        session.add(Deputy(community_id=shift.community_id, shift_id=shift.id, person_id=person_id))
    session.flush()


def publish(session: Session, *, actor: Actor, at: datetime, shift_id: UUID) -> Shift:
    """Publish a draft. Raises NotFound, NotAllowed, Conflict ``already_decided``."""
    shift = finding.locked(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    if shift.status != "draft":
        raise Conflict("already_decided", status=shift.status)
    shift.status = "published"
    session.flush()
    _tell(session, actor, at, Action.SHIFT_PUBLISHED, shift, {"status": shift.status})
    return shift


def _tell(
    session: Session,
    actor: Actor,
    at: datetime,
    action: Action,
    shift: Shift,
    after: dict[str, object],
) -> None:
    trail.record(
        session, actor=actor, action=action, subject=("shift", shift.id), at=at, after=after
    )
