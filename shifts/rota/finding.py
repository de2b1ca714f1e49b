"""Shifts looked up: by id, by the code that is shown, and those that are open now.

Invariant: a shift's status is judged by the time of the call, and what a template says counts as
soon as it is due, whether or not a tick has written it down.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from kit.errors import NotFound
from shifts.rota import leading, planning, times
from shifts.tables.rota import Shift

#: made once: every scan asks it
_LOCKED = (
    select(Shift)
    .where(Shift.community_id == bindparam("community_id"), Shift.id == bindparam("id"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


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
        query = query.where(leading.led_by(community_id, captain_id))
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
