"""Seats that were kept for some and are everybody's now: whoever waited for them has them.

Invariant: who has a seat follows from the time of the call, whether or not a tick has written it
down; every call that gives seats writes it first (``sign_ups.move_up``).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from audit.actor import system
from shifts.rota import finding, guards, sign_ups
from shifts.tables.rota import RedPost, Shift, SignUp

AT_ONCE = 200


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Move up who waited for seats that are no longer kept; returns how many have a place now."""
    actor = system(community_id, "tick")
    moved = 0
    for shift_id in _free(session, community_id, at)[:AT_ONCE]:
        shift = finding.locked(session, community_id, shift_id)
        before = shift.seats_taken
        sign_ups.move_up(session, actor, at, shift)
        moved += shift.seats_taken - before
    return moved


def by_now(
    session: Session, community_id: UUID, at: datetime, shift_ids: Collection[UUID]
) -> set[UUID]:
    """The sign-ups to these shifts that are on a waiting list and have a place all the same, as the
    next tick will write it."""
    found: set[UUID] = set()
    for shift_id in _free(session, community_id, at, shift_ids):
        shift = finding.get(session, community_id, shift_id)
        assert shift.seats is not None, "seats are kept of those that are numbered"
        left = shift.seats - shift.seats_taken
        for row in sign_ups.waiting(session, shift):
            if left and guards.overlapping(session, shift, row.person_id) is None:
                found.add(row.id)
                left -= 1
    return found


def _free(
    session: Session,
    community_id: UUID,
    at: datetime,
    shift_ids: Collection[UUID] | None = None,
) -> list[UUID]:
    """Shifts to come with free seats that were kept until now, and somebody who waits."""
    waits = exists().where(
        SignUp.community_id == community_id,
        SignUp.shift_id == Shift.id,
        SignUp.status == "waitlisted",
    )
    query = (
        select(Shift.id, Shift.starts_at, RedPost.quota_hours)
        .join(RedPost, RedPost.id == Shift.red_post_id)
        .where(
            Shift.community_id == community_id,
            RedPost.community_id == community_id,
            RedPost.quota_seats > 0,
            Shift.status == "published",
            Shift.starts_at <= at + timedelta(hours=guards.KEPT_HOURS_MAX),
            Shift.ends_at > at,
            Shift.seats_taken < Shift.seats,
            waits,
        )
        .order_by(Shift.id)
    )
    if shift_ids is not None:
        query = query.where(Shift.id.in_(sorted(shift_ids)))
    return [
        row.id
        for row in session.execute(query)
        if at >= row.starts_at - timedelta(hours=row.quota_hours)
    ]
