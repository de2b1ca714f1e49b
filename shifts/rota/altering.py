"""Altering one shift: another time, captain, title or number of seats, before anybody can come.

Invariant: whoever has a place in it keeps it, and is told when the time is another; the template
that made the shift leaves it alone from then on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.errors import Conflict, Invalid
from people import names
from shifts.rota import finding, leading, planning, sign_ups, telling, terms, times
from shifts.tables.rota import Deputy, Shift

FIELDS = ("title", "starts_at", "ends_at", "seats_min", "seats", "captain_id")


def alter(session: Session, *, actor: Actor, at: datetime, shift_id: UUID, **wanted: Any) -> Shift:
    """Change what is named of ``FIELDS`` and ``deputy_ids``; the rest stays.

    Raises, in this order: NotFound, NotAllowed (captain of the shift, manager), Conflict
    ``already_decided`` (cancelled, closed), ``outside_window`` (one may check in already), Invalid.
    """
    planning.ready(session, actor.community_id, at)
    shift = finding.locked(session, actor.community_id, shift_id)
    leading.require_lead(session, actor, shift)
    status = finding.status_at(shift, at)
    if status not in ("draft", "published"):
        raise Conflict("already_decided", status=status)
    if at >= shift.starts_at - times.CHECK_IN_EARLY:
        raise Conflict("outside_window", starts_at=shift.starts_at)
    before = _told(shift, leading.deputy_ids(session, shift))
    new = {name: getattr(shift, name) for name in FIELDS}
    new |= {name: value for name, value in wanted.items() if name in FIELDS}
    deputies = _check(session, shift, new, wanted.get("deputy_ids", before["deputy_ids"]), at)
    for name, value in new.items():
        setattr(shift, name, value)
    shift.altered_at = at
    shift.revision += 1
    _keep_deputies(session, shift, deputies)
    after = _told(shift, deputies)
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_CHANGED,
        subject=("shift", shift.id),
        at=at,
        before=before,
        after=after,
    )
    if (before["starts_at"], before["ends_at"]) != (shift.starts_at, shift.ends_at):
        telling.moved(session, shift, at)
    sign_ups.move_up(session, actor, at, shift)
    return shift


def _check(
    session: Session, shift: Shift, new: dict[str, Any], deputy_ids: list[UUID], at: datetime
) -> list[UUID]:
    """The deputies without doubles; Invalid for a shift that cannot be so."""
    terms.check_times(new["starts_at"], new["ends_at"])
    if new["starts_at"] <= at:
        raise Invalid(starts_at="is over already")
    terms.check_seats(new["seats"], new["seats_min"])
    if new["seats"] is not None and new["seats"] < shift.seats_taken:
        raise Invalid(seats="is fewer than have a place already")
    new["title"] = names.clean("title", new["title"], terms.TITLE_MAX)
    return terms.leaders(session, shift.community_id, new["captain_id"], deputy_ids)


def _keep_deputies(session: Session, shift: Shift, deputies: list[UUID]) -> None:
    mine = (Deputy.community_id == shift.community_id, Deputy.shift_id == shift.id)
    session.execute(delete(Deputy).where(*mine))
    session.add_all(
        Deputy(community_id=shift.community_id, shift_id=shift.id, person_id=person_id)
        for person_id in deputies
    )
    session.flush()


def _told(shift: Shift, deputies: list[UUID]) -> dict[str, Any]:
    """What the trail may keep: all but the title."""
    kept = {name: getattr(shift, name) for name in FIELDS if name != "title"}
    return kept | {"deputy_ids": deputies}
