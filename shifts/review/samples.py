"""A sample of each day's awards for a second look, drawn so that an outsider can repeat the draw.

Invariant: what is drawn follows from the list of the day's award ids and nothing else: the seed is
the SHA-256 of the list, an award's rank the SHA-256 of seed and id (decision 0024). So nobody
picks, and nobody can pick again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor, system
from kit import ids
from kit.clock import local_date
from kit.errors import Conflict, NotFound
from people import communities, roles
from shifts import locks
from shifts.rota import times
from shifts.tables.attendance import Award
from shifts.tables.reviews import SampledAward, SampleDraw

#: so long after a day is over no unit of it is still at work
AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Drawn:
    """The seed of a list of awards, and those that were drawn, in order."""

    seed: str
    award_ids: list[UUID]


def drawn_from(award_ids: Sequence[UUID], percent: int) -> Drawn:
    """The draw itself: pure, and the same for whoever does it again."""
    listed = sorted(str(one) for one in award_ids)
    seed = hashlib.sha256("".join(f"{one}\n" for one in listed).encode()).hexdigest()
    ranked = sorted(listed, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())
    wanted = -(-len(listed) * percent // 100)
    return Drawn(seed, [UUID(one) for one in ranked[:wanted]])


def draw(session: Session, *, actor: Actor, at: datetime, awarded_on: date) -> SampleDraw:
    """Draw the sample of a day that is over; a day that has one keeps it.

    Raises NotAllowed (manager), Conflict ``day_not_over``, ``nothing_to_draw``.
    """
    roles.require(session, actor, "manager")
    locks.hold_community(session, actor.community_id, alone=True)
    there = _of_day(session, actor.community_id, awarded_on)
    if there is not None:
        return there
    settings = communities.settings_of(session, actor.community_id)
    zone, percent = settings.zone, settings.sample_percent
    if at < times.day_bounds(awarded_on, zone)[1] + AFTER:
        raise Conflict("day_not_over", awarded_on=awarded_on)
    # Made before anything else: an award that comes later has a later id.
    draw_id = ids.new()
    found = _awards(session, actor.community_id, awarded_on, zone, draw_id)
    if not found:
        raise Conflict("nothing_to_draw", awarded_on=awarded_on)
    made = drawn_from(list(found), percent)
    row: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": draw_id,
        "awarded_on": awarded_on,
        "percent": percent,
        "population": len(found),
        "seed": made.seed,
        "drawn_by": actor.person_id,
        "drawn_at": at,
    }
    _write(session, actor, at, row, {award_id: found[award_id] for award_id in made.award_ids})
    made_row = _of_day(session, actor.community_id, awarded_on)
    assert made_row is not None, "it was written just now"
    return made_row


def _write(
    session: Session, actor: Actor, at: datetime, row: dict[str, Any], drawn: dict[UUID, UUID]
) -> None:
    """The draw, its awards with their attendances in the order of their places, and its entry."""
    lines = [
        {
            "community_id": actor.community_id,
            "id": ids.new(),
            "draw_id": row["id"],
            "place": place,
            "award_id": award_id,
            "attendance_id": attendance_id,
        }
        for place, (award_id, attendance_id) in enumerate(drawn.items(), 1)
    ]
    session.execute(insert(SampleDraw), [row])
    session.execute(insert(SampledAward), lines)
    trail.record(
        session,
        actor=actor,
        action=Action.SAMPLE_DRAWN,
        subject=("sample", row["id"]),
        at=at,
        after={
            "awarded_on": row["awarded_on"],
            "population": row["population"],
            "drawn": len(lines),
        },
        row=row,
    )


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Draw the sample of the oldest day that is due; returns 1 where there was one."""
    zone = communities.settings_of(session, community_id).zone
    last = session.scalar(
        select(func.max(SampleDraw.awarded_on)).where(SampleDraw.community_id == community_id)
    )
    query = select(func.min(Award.awarded_at)).where(Award.community_id == community_id)
    if last is not None:
        query = query.where(Award.awarded_at >= times.day_bounds(last, zone)[1])
    first = session.scalar(query)
    if first is None:
        return 0
    day = local_date(first, zone)
    if at < times.day_bounds(day, zone)[1] + AFTER:
        return 0
    draw(session, actor=system(community_id, "tick"), at=at, awarded_on=day)
    return 1


def of(session: Session, community_id: UUID, draw_id: UUID) -> SampleDraw:
    """The draw; NotFound where the community has none of this id."""
    found = session.scalar(
        select(SampleDraw).where(SampleDraw.community_id == community_id, SampleDraw.id == draw_id)
    )
    if found is None:
        raise NotFound("sample")
    return found


def listed(session: Session, row: SampleDraw) -> list[UUID]:
    """The award ids that the draw was made from, as an outsider needs them to draw again."""
    zone = communities.settings_of(session, row.community_id).zone
    return sorted(_awards(session, row.community_id, row.awarded_on, zone, row.id))


def _of_day(session: Session, community_id: UUID, awarded_on: date) -> SampleDraw | None:
    return session.scalar(
        select(SampleDraw).where(
            SampleDraw.community_id == community_id, SampleDraw.awarded_on == awarded_on
        )
    )


def _awards(
    session: Session, community_id: UUID, awarded_on: date, zone: str, before: UUID
) -> dict[UUID, UUID]:
    """The awards that were made on a local day, each with its attendance."""
    starts, ends = times.day_bounds(awarded_on, zone)
    rows = session.execute(
        select(Award.id, Award.attendance_id).where(
            Award.community_id == community_id,
            Award.awarded_at >= starts,
            Award.awarded_at < ends,
            Award.id < before,
        )
    )
    return {row.id: row.attendance_id for row in rows}
