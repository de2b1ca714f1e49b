"""What a changed template does to the shifts that it has made already.

Invariant: only shifts that have not begun, that nobody signed up for and nobody altered follow the
plan; a date that the plan gives up is free again, and its shift is cancelled, never deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.clock import local_date
from shifts import slots
from shifts.rota import leading, planning
from shifts.slots import Slot
from shifts.tables.rota import Deputy, Shift, SignUp
from shifts.tables.templates import ShiftTemplate

SIGNED_UP, ALTERED = "signed_up", "altered"


@dataclass(frozen=True)
class Kept:
    """A coming shift that stays as it was, and why: ``signed_up`` or ``altered``."""

    shift_id: UUID
    slot_on: date
    why: str


@dataclass(frozen=True)
class Outcome:
    """What became of the coming shifts of a template."""

    added: int = 0
    changed: int = 0
    cancelled: int = 0
    kept: tuple[Kept, ...] = ()


def follow(
    session: Session, *, actor: Actor, at: datetime, template: ShiftTemplate, zone: str
) -> Outcome:
    """Let the coming shifts follow the plan; the template is held, and was filled before."""
    today = local_date(at, zone)
    first = today - timedelta(days=1)
    found = slots.between(template.pattern, zone, first, template.filled_until)
    wanted = {slot.day: slot for slot in found if slot.starts_at > at}
    deputies = planning.deputies_of(session, template.community_id, [template.id])
    mine = deputies.get(template.id, [])
    rows = _slots_taken(session, template, first)
    busy = _signed_up(session, template.community_id, [shift.id for shift in rows])
    kept, counts = [], {"changed": 0, "cancelled": 0}
    theirs = leading.deputies_of(session, template.community_id, [shift.id for shift in rows])
    for shift in rows:
        assert shift.slot_on is not None, "it was asked for by its date"
        slot = wanted.pop(shift.slot_on, None)
        if shift.starts_at <= at or shift.status == "cancelled":
            continue
        if slot is not None and _is_alike(shift, template, slot, theirs.get(shift.id, []), mine):
            continue
        if shift.id in busy or shift.altered_at is not None:
            why = SIGNED_UP if shift.id in busy else ALTERED
            kept.append(Kept(shift.id, shift.slot_on, why))
        elif slot is None:
            _give_up(session, actor, at, shift, template)
            counts["cancelled"] += 1
        else:
            _move(session, actor, at, shift, template, slot, mine)
            counts["changed"] += 1
    added = planning.make(session, template, zone, list(wanted.values()), at)
    return Outcome(len(added), counts["changed"], counts["cancelled"], tuple(kept))


def _slots_taken(session: Session, template: ShiftTemplate, first: date) -> Sequence[Shift]:
    """The shifts that take a date of the template from this one on, held."""
    return session.scalars(
        select(Shift)
        .where(
            Shift.community_id == template.community_id,
            Shift.template_id == template.id,
            Shift.slot_on >= first,
        )
        .order_by(Shift.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _signed_up(session: Session, community_id: UUID, shift_ids: list[UUID]) -> set[UUID]:
    """Those that somebody has a place in, or waits for one."""
    return set(
        session.scalars(
            select(SignUp.shift_id).where(
                SignUp.community_id == community_id,
                SignUp.shift_id.in_(shift_ids),
                SignUp.status != "withdrawn",
            )
        )
    )


def _is_alike(
    shift: Shift, template: ShiftTemplate, slot: Slot, theirs: list[UUID], mine: list[UUID]
) -> bool:
    said = (template.title, template.seats, template.seats_min, template.captain_id)
    there = (shift.title, shift.seats, shift.seats_min, shift.captain_id)
    times_said = (slot.starts_at, slot.ends_at)
    return said == there and times_said == (shift.starts_at, shift.ends_at) and theirs == mine


def _give_up(
    session: Session, actor: Actor, at: datetime, shift: Shift, template: ShiftTemplate
) -> None:
    """The plan has this date no longer; were it to come back, it gets a new shift."""
    before = shift.status
    shift.status, shift.slot_on = "cancelled", None
    shift.revision += 1
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_CANCELLED,
        subject=("shift", shift.id),
        at=at,
        reason_code="template_changed",
        before={"status": before},
        after={"status": "cancelled", "template_id": template.id},
    )


def _move(
    session: Session,
    actor: Actor,
    at: datetime,
    shift: Shift,
    template: ShiftTemplate,
    slot: Slot,
    deputies: list[UUID],
) -> None:
    before = _told(shift)
    shift.title, shift.captain_id = template.title, template.captain_id
    shift.seats, shift.seats_min = template.seats, template.seats_min
    shift.starts_at, shift.ends_at = slot.starts_at, slot.ends_at
    shift.revision += 1
    mine = (Deputy.community_id == shift.community_id, Deputy.shift_id == shift.id)
    session.execute(delete(Deputy).where(*mine))
    for person_id in deputies:
        session.add(Deputy(community_id=shift.community_id, shift_id=shift.id, person_id=person_id))
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_CHANGED,
        subject=("shift", shift.id),
        at=at,
        reason_code="template_changed",
        before=before,
        after=_told(shift) | {"deputy_ids": deputies, "template_id": template.id},
    )


def _told(shift: Shift) -> dict[str, object]:
    return {
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "seats": shift.seats,
        "seats_min": shift.seats_min,
        "captain_id": shift.captain_id,
    }
