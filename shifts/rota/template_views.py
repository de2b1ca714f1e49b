"""What api and pages show of templates.

Invariant: a view says what the template says now; it is made from rows and never writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from shifts.rota import planning
from shifts.tables.templates import ShiftTemplate


@dataclass(frozen=True)
class TemplateView:
    """A template."""

    id: UUID
    red_post_id: UUID | None
    activity_id: UUID | None
    title: str
    weekdays: tuple[int, ...]
    weeks: tuple[int, ...]
    starts: str
    minutes: int
    valid_from: date
    valid_until: date | None
    seats_min: int
    seats: int | None
    captain_id: UUID
    deputy_ids: list[UUID]
    revision: int


def of_rows(
    session: Session, community_id: UUID, rows: Sequence[ShiftTemplate]
) -> list[TemplateView]:
    """Templates of one community, in the given order."""
    deputies = planning.deputies_of(session, community_id, [row.id for row in rows])
    return [
        TemplateView(
            id=row.id,
            red_post_id=row.red_post_id,
            activity_id=row.activity_id,
            title=row.title,
            weekdays=row.pattern.weekdays,
            weeks=row.pattern.weeks,
            starts=row.starts,
            minutes=row.minutes,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            seats_min=row.seats_min,
            seats=row.seats,
            captain_id=row.captain_id,
            deputy_ids=deputies.get(row.id, []),
            revision=row.revision,
        )
        for row in rows
    ]
