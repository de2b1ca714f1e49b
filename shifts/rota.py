"""The rota: making, publishing and cancelling shifts, and who leads one.

Invariant: a shift's captain and deputies held the role when it was made, and lead it only while
they hold it (contract, "Rights").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids, tokens
from kit.errors import Conflict, NotAllowed, NotFound
from people import names, roles
from shifts import closing, occasions, planning, reasons, telling, terms, times
from shifts.models import Deputy, Shift

CODE_CHARACTERS = 8
#: made once: every scan asks it
_LOCKED = (
    select(Shift)
    .where(Shift.community_id == bindparam("community_id"), Shift.id == bindparam("id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


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


def get(session: Session, community_id: UUID, shift_id: UUID) -> Shift:
    """The shift; NotFound where the community has none of this id."""
    found = session.scalar(
        select(Shift).where(Shift.community_id == community_id, Shift.id == shift_id)
    )
    if found is None:
        raise NotFound("shift")
    return found


def locked(session: Session, community_id: UUID, shift_id: UUID) -> Shift:
    """The shift as it stands now, its row locked until the unit ends; NotFound as ``get``."""
    if session.get_bind().dialect.name == "sqlite":
        # A unit that writes there is alone from its beginning: what it has read still stands.
        found = session.get(Shift, (community_id, shift_id))
        if found is None:
            raise NotFound("shift")
        return found
    held: Shift | None = session.scalar(_LOCKED, {"community_id": community_id, "id": shift_id})
    if held is None:
        raise NotFound("shift")
    return held


def publish(session: Session, *, actor: Actor, at: datetime, shift_id: UUID) -> Shift:
    """Publish a draft. Raises NotFound, NotAllowed, Conflict ``already_decided``."""
    shift = locked(session, actor.community_id, shift_id)
    require_lead(session, actor, shift)
    if shift.status != "draft":
        raise Conflict("already_decided", status=shift.status)
    shift.status = "published"
    session.flush()
    _tell(session, actor, at, Action.SHIFT_PUBLISHED, shift, {"status": shift.status})
    return shift


def cancel(session: Session, *, actor: Actor, at: datetime, shift_id: UUID, reason: str) -> Shift:
    """Cancel a shift that is not over; who is there keeps what they have served until now.

    Raises NotFound, NotAllowed (captain of the shift, manager), Conflict ``already_decided``,
    Invalid (reason).
    """
    planning.ready(session, actor.community_id, at)
    shift = get(session, actor.community_id, shift_id)
    require_lead(session, actor, shift)
    closing.hold_open(session, shift)
    shift = locked(session, actor.community_id, shift_id)
    status = status_at(shift, at)
    if status not in ("draft", "published"):
        raise Conflict("already_decided", status=status)
    shift.reason_digest = reasons.keep(session, actor.community_id, reason)
    shift.status = "cancelled"
    shift.revision += 1
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_CANCELLED,
        subject=("shift", shift.id),
        at=at,
        reason_code=reasons.STATED,
        before={"status": status},
        after={"status": "cancelled", "text_digest": shift.reason_digest},
    )
    closing.cut(session, actor=actor, at=at, shift=shift)
    telling.cancelled(session, at=at, shift=shift)
    return shift


def status_at(shift: Shift, at: datetime) -> str:
    """The status judged by the time of the call: a shift that is over is closed (contract)."""
    if shift.status == "published" and times.over(shift, at):
        return "closed"
    return shift.status


def by_code_ref(session: Session, community_id: UUID, code_ref: str) -> Shift | None:
    """The shift that a rotating code points to."""
    return session.scalar(
        select(Shift).where(Shift.community_id == community_id, Shift.code_ref == code_ref)
    )


def deputy_ids(session: Session, shift: Shift) -> list[UUID]:
    """Who may do for this shift what its captain may, besides its captain."""
    return deputies_of(session, shift.community_id, [shift.id]).get(shift.id, [])


def deputies_of(
    session: Session, community_id: UUID, shift_ids: Sequence[UUID]
) -> dict[UUID, list[UUID]]:
    """The deputies of several shifts; one without any is missing."""
    rows = session.execute(
        select(Deputy.shift_id, Deputy.person_id)
        .where(Deputy.community_id == community_id, Deputy.shift_id.in_(list(shift_ids)))
        .order_by(Deputy.shift_id, Deputy.person_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.shift_id, []).append(row.person_id)
    return found


def open_shifts_at(
    session: Session,
    community_id: UUID,
    at: datetime,
    red_post_id: UUID | None = None,
    captain_id: UUID | None = None,
) -> list[Shift]:
    """Published shifts that one may check in to or out of now, earliest first.

    Of one red post, or of those that ``captain_id`` leads as captain or deputy.
    """
    planned = _planned_at(session, community_id, at, red_post_id, captain_id)
    query = select(Shift).where(
        Shift.community_id == community_id,
        Shift.status == "published",
        Shift.starts_at <= at + times.CHECK_IN_EARLY,
        Shift.ends_at >= at - times.CHECK_OUT_LATE,
    )
    if red_post_id is not None:
        query = query.where(Shift.red_post_id == red_post_id)
    if captain_id is not None:
        query = query.where(led_by(community_id, captain_id))
    found = [*session.scalars(query), *planned]
    return sorted(found, key=lambda shift: (shift.starts_at, shift.id))


def _planned_at(
    session: Session,
    community_id: UUID,
    at: datetime,
    red_post_id: UUID | None,
    captain_id: UUID | None,
) -> list[Shift]:
    """Of the same, those of templates that no tick has written down yet."""
    return [
        shift
        for shift in planning.in_sight(session, community_id, at)
        if times.open_for_check_out(shift, at)
        and red_post_id in (None, shift.red_post_id)
        and captain_id in (None, shift.captain_id)
    ]


def led_by(community_id: UUID, person_id: UUID) -> ColumnElement[bool]:
    """The condition that a person is a shift's captain or deputy."""
    deputised = select(Deputy.shift_id).where(
        Deputy.community_id == community_id, Deputy.person_id == person_id
    )
    return (Shift.captain_id == person_id) | Shift.id.in_(deputised)


def is_captain_of(session: Session, actor: Actor, shift: Shift) -> bool:
    """Whether the actor is this shift's captain or deputy, and holds captain or manager now."""
    if actor.person_id is None:
        return False
    named = actor.person_id == shift.captain_id or actor.person_id in deputy_ids(session, shift)
    return named and roles.holds(session, actor, "captain", unit_id=roles.ANYWHERE)


def manages(session: Session, actor: Actor, shift: Shift) -> bool:
    """Whether the actor is a manager of the community, or of the unit of the shift's occasion."""
    unit_id = occasions.of(session, shift).unit_id
    return roles.holds(session, actor, "manager", unit_id=unit_id)


def may_lead(session: Session, actor: Actor, shift: Shift) -> bool:
    """Whether the actor may do what this shift's captain may: the captain, a deputy, a manager."""
    return is_captain_of(session, actor, shift) or manages(session, actor, shift)


def require_lead(session: Session, actor: Actor, shift: Shift) -> None:
    """NotAllowed unless the actor may lead this shift."""
    if not may_lead(session, actor, shift):
        raise NotAllowed(needs=["captain", "manager"])


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
