"""Templates: the standing plan of a red post or an activity, set, changed and ended.

Invariant: a change touches no shift that has begun, that somebody signed up for or altered; each of
these is named in the answer, so that whoever changed the plan knows what it did not reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from kit.errors import Invalid, NotAllowed, NotFound
from people import communities, names, roles
from shifts import slots
from shifts.rota import occasions, planning, replanning, terms
from shifts.rota.replanning import Outcome
from shifts.slots import Pattern
from shifts.tables.rota import Activity, RedPost
from shifts.tables.templates import ShiftTemplate, TemplateDeputy


@dataclass(frozen=True)
class Plan:
    """What a template says."""

    title: str
    starts: str
    minutes: int
    valid_from: date
    captain_id: UUID
    valid_until: date | None = None
    weekdays: tuple[int, ...] = slots.EVERY_DAY
    weeks: tuple[int, ...] = ()
    seats_min: int = 0
    seats: int | None = None
    deputy_ids: Sequence[UUID] = field(default=())

    @property
    def pattern(self) -> Pattern:
        """When its shifts are."""
        return Pattern(
            tuple(sorted(set(self.weekdays))),
            tuple(sorted(set(self.weeks))),
            self.starts,
            self.minutes,
            self.valid_from,
            self.valid_until,
        )


def add(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    plan: Plan,
    red_post_id: UUID | None = None,
    activity_id: UUID | None = None,
) -> tuple[ShiftTemplate, Outcome]:
    """Set a template and make its first shifts, from now on.

    Raises, in this order: NotAllowed (manager, captain), Invalid, NotFound (red post, activity).
    """
    roles.require(session, actor, "captain", unit_id=roles.ANYWHERE)
    terms.check_occasion(red_post_id, activity_id)
    zone = communities.settings_of(session, actor.community_id).zone
    row = ShiftTemplate(
        community_id=actor.community_id,
        id=ids.new(),
        red_post_id=red_post_id,
        activity_id=activity_id,
        revision=1,
        # The shift of last night may begin today, seen from another zone: none is forgotten.
        filled_until=local_date(at, zone) - timedelta(days=1),
        made_by=actor.person,
        set_at=at,
    )
    deputies = _set(session, actor.community_id, row, plan)
    occasion(session, row)
    session.add(row)
    session.flush()
    _keep_deputies(session, row, deputies)
    _tell(session, actor, at, Action.TEMPLATE_ADDED, row, None, _told(row, deputies))
    made = planning.fill(session, row, zone, planning.horizon(at, zone), at)
    return row, Outcome(added=len(made))


def change(
    session: Session, *, actor: Actor, at: datetime, template_id: UUID, **wanted: Any
) -> tuple[ShiftTemplate, Outcome]:
    """Change what a template says, by the names of ``Plan``; coming shifts follow where they may.

    Raises, in this order: NotFound, NotAllowed (the template's captain, manager), Invalid.
    """
    row = _locked(session, actor.community_id, template_id)
    _require_lead(session, actor, row)
    zone = communities.settings_of(session, actor.community_id).zone
    # First what was due by the old plan: whether a tick came in time makes no difference.
    planning.fill(session, row, zone, planning.horizon(at, zone), at)
    before = plan_of(session, row)
    told_before = _told(row, before.deputy_ids)
    deputies = _set(session, actor.community_id, row, replace(before, **wanted))
    row.revision += 1
    row.set_at = at
    row.made_by = actor.person
    session.flush()
    _keep_deputies(session, row, deputies)
    _tell(session, actor, at, Action.TEMPLATE_CHANGED, row, told_before, _told(row, deputies))
    return row, replanning.follow(session, actor=actor, at=at, template=row, zone=zone)


def end(
    session: Session, *, actor: Actor, at: datetime, template_id: UUID, last_on: date | None = None
) -> tuple[ShiftTemplate, Outcome]:
    """End a template with a date, today unless told; coming shifts beyond it are given up.

    Raises as ``change``; Invalid also for a date before it began.
    """
    zone = communities.settings_of(session, actor.community_id).zone
    return change(
        session,
        actor=actor,
        at=at,
        template_id=template_id,
        valid_until=last_on or local_date(at, zone),
    )


def get(session: Session, community_id: UUID, template_id: UUID) -> ShiftTemplate:
    """The template; NotFound where the community has none of this id."""
    found = session.scalar(
        select(ShiftTemplate).where(
            ShiftTemplate.community_id == community_id, ShiftTemplate.id == template_id
        )
    )
    if found is None:
        raise NotFound("shift_template")
    return found


def listed(
    session: Session, community_id: UUID, *, limit: int, before: UUID | None = None
) -> list[ShiftTemplate]:
    """Templates, newest first, older than ``before``."""
    query = select(ShiftTemplate).where(ShiftTemplate.community_id == community_id)
    if before is not None:
        query = query.where(ShiftTemplate.id < before)
    return list(session.scalars(query.order_by(ShiftTemplate.id.desc()).limit(limit)))


def plan_of(session: Session, row: ShiftTemplate) -> Plan:
    """What the template says now."""
    deputies = planning.deputies_of(session, row.community_id, [row.id]).get(row.id, [])
    return Plan(
        title=row.title,
        starts=row.starts,
        minutes=row.minutes,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        weekdays=row.pattern.weekdays,
        weeks=row.pattern.weeks,
        seats_min=row.seats_min,
        seats=row.seats,
        captain_id=row.captain_id,
        deputy_ids=deputies,
    )


def occasion(session: Session, row: ShiftTemplate) -> RedPost | Activity:
    """The red post or the activity that it plans for; NotFound where there is none."""
    if row.red_post_id is not None:
        return occasions.red_post(session, row.community_id, row.red_post_id)
    assert row.activity_id is not None, "a template has one occasion"
    return occasions.activity(session, row.community_id, row.activity_id)


def _locked(session: Session, community_id: UUID, template_id: UUID) -> ShiftTemplate:
    found = session.scalar(
        select(ShiftTemplate)
        .where(ShiftTemplate.community_id == community_id, ShiftTemplate.id == template_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("shift_template")
    return found


def _require_lead(session: Session, actor: Actor, row: ShiftTemplate) -> None:
    if roles.holds(session, actor, "manager", unit_id=occasion(session, row).unit_id):
        return
    is_captain = actor.person_id == row.captain_id
    if not is_captain or not roles.holds(session, actor, "captain", unit_id=roles.ANYWHERE):
        raise NotAllowed(needs=["captain", "manager"])


def _set(session: Session, community_id: UUID, row: ShiftTemplate, plan: Plan) -> list[UUID]:
    """Put a plan into the row; the deputies that it names. Raises Invalid."""
    plan.pattern.check()
    if plan.valid_from.year > planning.YEAR_MAX:
        raise Invalid(valid_from="is too far away")
    terms.check_seats(plan.seats, plan.seats_min)
    deputies = terms.leaders(session, community_id, plan.captain_id, plan.deputy_ids)
    row.title = names.clean("title", plan.title, terms.TITLE_MAX)
    row.weekdays = slots.mask(plan.weekdays, slots.EVERY_DAY)
    row.weeks = slots.mask(plan.weeks, slots.WEEKS)
    row.starts, row.minutes = plan.starts, plan.minutes
    row.valid_from, row.valid_until = plan.valid_from, plan.valid_until
    row.seats_min, row.seats = plan.seats_min, plan.seats
    row.captain_id = plan.captain_id
    return deputies


def _keep_deputies(session: Session, row: ShiftTemplate, deputies: Sequence[UUID]) -> None:
    mine = (
        TemplateDeputy.community_id == row.community_id,
        TemplateDeputy.template_id == row.id,
    )
    session.execute(delete(TemplateDeputy).where(*mine))
    for person_id in deputies:
        session.add(
            TemplateDeputy(community_id=row.community_id, template_id=row.id, person_id=person_id)
        )
    session.flush()


def _told(row: ShiftTemplate, deputies: Sequence[UUID]) -> dict[str, Any]:
    """What the trail may keep of a plan: all but its title."""
    fixed = ("weekdays", "weeks", "starts", "minutes", "valid_from", "valid_until", "seats_min",
             "seats", "captain_id", "revision", "red_post_id", "activity_id")  # fmt: skip
    return {name: getattr(row, name) for name in fixed} | {"deputy_ids": list(deputies)}


def _tell(
    session: Session,
    actor: Actor,
    at: datetime,
    action: Action,
    row: ShiftTemplate,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    subject = ("shift_template", row.id)
    trail.record(
        session, actor=actor, action=action, subject=subject, at=at, before=before, after=after
    )
