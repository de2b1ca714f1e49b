"""Shifts made from templates: ahead of time by ``tick``, and whenever a call needs what is due.

Invariant: a date of a template has one shift, of which id, code and times follow from the template
and the date alone; so a late tick, a second one or a call in between changes no answer, and what a
list shows before it was written down is what will be written (decision 0021).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor, system
from kit import ids, stroke, tokens
from kit.clock import local_date
from people.models import Community
from shifts import slots
from shifts.rota import times
from shifts.slots import Slot
from shifts.tables.rota import Deputy, Shift
from shifts.tables.templates import ShiftTemplate, TemplateDeputy

#: so many days ahead of today there is a shift on every date of a template
DAYS_AHEAD = 35
AT_ONCE = 200
CODE_CHARACTERS = 8
YEAR_MAX = 2199


def horizon(at: datetime, zone: str) -> date:
    """The last local date on which shifts are made at this time."""
    return local_date(at, zone) + timedelta(days=DAYS_AHEAD)


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Make what is due, some 200 shifts at a time; returns for how many templates it did."""
    done = room = 0
    for template, zone in _behind(session, community_id, at, held=True):
        if room >= AT_ONCE:
            break
        last = min(horizon(at, zone), template.filled_until + timedelta(days=AT_ONCE))
        room += len(fill(session, template, zone, last, at))
        done += 1
    return done


def ready(session: Session, community_id: UUID, at: datetime) -> None:
    """Make whatever is due now, before a call that writes looks for a shift."""
    if _behind(session, community_id, at):
        for template, zone in _behind(session, community_id, at, held=True):
            fill(session, template, zone, horizon(at, zone), at)


def in_sight(session: Session, community_id: UUID, at: datetime) -> list[Shift]:
    """What is due and not written down yet: as it will be, for who only reads.

    The shifts belong to no session. A unit that writes writes them down, and nothing is left.
    """
    if isinstance(session, stroke.Unit):
        ready(session, community_id, at)
        return []
    return [
        _shift(template, slot, zone)
        for template, zone in _behind(session, community_id, at)
        for slot in _due(template, zone, template.filled_until, horizon(at, zone))
    ]


def fill(
    session: Session, template: ShiftTemplate, zone: str, last: date, at: datetime
) -> list[Shift]:
    """Make the shifts of a template that the unit holds, up to a local date."""
    if last <= template.filled_until:
        return []
    due = list(_due(template, zone, template.filled_until, last))
    template.filled_until = last
    return make(session, template, zone, due, at)


def make(
    session: Session, template: ShiftTemplate, zone: str, wanted: Sequence[Slot], at: datetime
) -> list[Shift]:
    """Write down the shifts of these dates, which have none yet."""
    actor = system(template.community_id, "tick")
    made = [_shift(template, slot, zone) for slot in wanted]
    session.add_all(made)
    session.flush()
    deputies = deputies_of(session, template.community_id, [template.id]).get(template.id, [])
    for shift in made:
        session.add_all(
            Deputy(community_id=shift.community_id, shift_id=shift.id, person_id=person_id)
            for person_id in deputies
        )
        told = {"status": shift.status, "captain_id": shift.captain_id, "deputy_ids": deputies}
        _tell(session, actor, at, shift, template, told)
    session.flush()
    return made


def deputies_of(
    session: Session, community_id: UUID, template_ids: Iterable[UUID]
) -> dict[UUID, list[UUID]]:
    """The deputies of several templates; one without any is missing."""
    rows = session.execute(
        select(TemplateDeputy.template_id, TemplateDeputy.person_id)
        .where(
            TemplateDeputy.community_id == community_id,
            TemplateDeputy.template_id.in_(list(template_ids)),
        )
        .order_by(TemplateDeputy.template_id, TemplateDeputy.person_id)
    )
    found: dict[UUID, list[UUID]] = {}
    for row in rows:
        found.setdefault(row.template_id, []).append(row.person_id)
    return found


def _behind(
    session: Session, community_id: UUID, at: datetime, *, held: bool = False
) -> list[tuple[ShiftTemplate, str]]:
    """The templates that shifts are due for, with the zone; ``held`` until the unit ends."""
    # A day further than any zone can be: each is looked at again in its own.
    furthest = at.date() + timedelta(days=DAYS_AHEAD + 1)
    query = (
        select(ShiftTemplate, Community.zone)
        .join(Community, Community.id == ShiftTemplate.community_id)
        .where(
            Community.id == community_id,
            ShiftTemplate.community_id == community_id,
            ShiftTemplate.filled_until < furthest,
            ShiftTemplate.valid_until.is_(None)
            | (ShiftTemplate.filled_until < ShiftTemplate.valid_until),
        )
        .order_by(ShiftTemplate.id)
    )
    if held:
        query = query.with_for_update(key_share=True, of=ShiftTemplate).execution_options(
            populate_existing=True
        )
    return [
        (template, zone)
        for template, zone in session.execute(query)
        if template.filled_until < horizon(at, zone)
    ]


def _due(template: ShiftTemplate, zone: str, after: date, last: date) -> Iterable[Slot]:
    for slot in slots.between(template.pattern, zone, after + timedelta(days=1), last):
        # What had begun when the plan was made was never part of it.
        if slot.starts_at > template.set_at:
            yield slot


def _shift(template: ShiftTemplate, slot: Slot, zone: str) -> Shift:
    """The shift of one date; it is made when the date comes into sight, however late that is."""
    in_sight = times.day_bounds(slot.day - timedelta(days=DAYS_AHEAD), zone)[0]
    made_at = template.set_at if template.set_at > in_sight else in_sight
    facts = f"{template.id}:{slot.day}:{template.revision}"
    code = hashlib.sha256(f"lovebank:shift-code:{facts}".encode()).digest()
    return Shift(
        community_id=template.community_id,
        id=ids.derived(made_at, facts),
        red_post_id=template.red_post_id,
        activity_id=template.activity_id,
        code_ref=tokens.encode(code)[:CODE_CHARACTERS],
        title=template.title,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        seats_min=template.seats_min,
        seats=template.seats,
        seats_taken=0,
        captain_id=template.captain_id,
        status="published",
        template_id=template.id,
        slot_on=slot.day,
        revision=0,
        made_by=template.made_by,
        made_at=made_at,
    )


def _tell(
    session: Session,
    actor: Actor,
    at: datetime,
    shift: Shift,
    template: ShiftTemplate,
    told: dict[str, object],
) -> None:
    trail.record(
        session,
        actor=actor,
        action=Action.SHIFT_ADDED,
        subject=("shift", shift.id),
        at=at,
        after=told
        | {"starts_at": shift.starts_at, "ends_at": shift.ends_at, "seats": shift.seats}
        | {"template_id": template.id, "template_revision": template.revision},
    )
