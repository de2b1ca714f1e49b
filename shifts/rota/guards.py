"""What keeps a person from signing up: two shifts at once, too little rest, too many hours, no
insurance for a risky duty; and seats that are kept for some.

Invariant: they judge sign-ups alone. Who stands there and scans is there: presence is never refused
for what the plan says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.clock import local_date
from kit.errors import Conflict
from people import communities, memberships
from shifts.rota import occasions, times
from shifts.tables.rota import RedPost, Shift, SignUp

_WEEK = timedelta(days=8)
#: so long before a shift the last of its kept seats is everybody's
KEPT_HOURS_MAX = 720


def check(session: Session, shift: Shift, person_id: UUID) -> None:
    """Refuse a sign-up; the person is held by the caller.

    Raises Conflict, in this order: ``insurance_missing``, ``overlapping``, ``too_little_rest``,
    ``too_many_hours``.
    """
    settings = communities.settings_of(session, shift.community_id)
    _insured(session, shift, settings.zone)
    other = overlapping(session, shift, person_id)
    if other is not None:
        raise Conflict("overlapping", shift_id=other.id)
    if settings.rest_hours:
        rest = timedelta(hours=settings.rest_hours)
        if _near(session, shift, person_id, shift.starts_at - rest, shift.ends_at + rest):
            raise Conflict("too_little_rest", hours=settings.rest_hours)
    if settings.week_hours:
        whole = _of_week(session, shift, person_id, settings.zone)
        if whole > timedelta(hours=settings.week_hours):
            raise Conflict("too_many_hours", hours=settings.week_hours)


def overlapping(session: Session, shift: Shift, person_id: UUID) -> Shift | None:
    """Another shift at the same time that the person has a place in."""
    found = _near(session, shift, person_id, shift.starts_at, shift.ends_at)
    return found[0] if found else None


def has_room(session: Session, shift: Shift, person_id: UUID, at: datetime) -> bool:
    """Whether a free seat may go to this person: not one that is kept for others until later."""
    if shift.seats is None or shift.red_post_id is None:
        return True
    red_post = occasions.red_post(session, shift.community_id, shift.red_post_id)
    if not red_post.quota_seats or red_post.quota_unit_kind is None:
        return True
    if at >= shift.starts_at - timedelta(hours=red_post.quota_hours):
        return True
    kind = red_post.quota_unit_kind
    if memberships.of_kind(session, shift.community_id, [person_id], kind):
        return True
    kept = red_post.quota_seats - _seated_of_kind(session, shift, kind)
    return shift.seats - shift.seats_taken > (kept if kept > 0 else 0)


def _insured(session: Session, shift: Shift, zone: str) -> None:
    """Conflict ``insurance_missing`` for a risky shift on a day that none is noted for."""
    if shift.red_post_id is None:
        return
    red_post: RedPost = occasions.red_post(session, shift.community_id, shift.red_post_id)
    if red_post.risk != "high":
        return
    day = times.service_on(shift, zone)
    if red_post.insured_until is None or red_post.insured_until < day:
        raise Conflict("insurance_missing", red_post_id=red_post.id, on=day)


def _near(
    session: Session, shift: Shift, person_id: UUID, since: datetime, until: datetime
) -> Sequence[Shift]:
    """The person's other shifts that touch [since, until), earliest first."""
    return session.scalars(
        select(Shift)
        .join(SignUp, SignUp.shift_id == Shift.id)
        .where(
            Shift.community_id == shift.community_id,
            SignUp.community_id == shift.community_id,
            SignUp.person_id == person_id,
            SignUp.status == "confirmed",
            Shift.id != shift.id,
            Shift.status.in_(("published", "closed")),
            Shift.starts_at < until,
            Shift.ends_at > since,
        )
        .order_by(Shift.starts_at, Shift.id)
    ).all()


def _of_week(session: Session, shift: Shift, person_id: UUID, zone: str) -> timedelta:
    """What the person would serve in the shift's week, Monday to Sunday, this one included."""
    week = local_date(shift.starts_at, zone).isocalendar()[:2]
    near = _near(session, shift, person_id, shift.starts_at - _WEEK, shift.ends_at + _WEEK)
    whole = shift.ends_at - shift.starts_at
    for one in near:
        if local_date(one.starts_at, zone).isocalendar()[:2] == week:
            whole += one.ends_at - one.starts_at
    return whole


def _seated_of_kind(session: Session, shift: Shift, kind: str) -> int:
    """How many people of units of this kind have a seat in the shift."""
    seated = session.scalars(
        select(SignUp.person_id).where(
            SignUp.community_id == shift.community_id,
            SignUp.shift_id == shift.id,
            SignUp.status == "confirmed",
        )
    ).all()
    return len(memberships.of_kind(session, shift.community_id, seated, kind))
