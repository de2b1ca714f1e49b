"""Red posts, activities and shifts by the names and times that a list gives.

Invariant: a shift is its occasion, its name and its two times; one that is there already is taken,
so a list that is imported again makes none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from imports.faults import Fault
from imports.headings import Line
from kit import ids
from shifts.tables.rota import Activity, RedPost, Shift

Occasion = RedPost | Activity


@dataclass(frozen=True)
class Slot:
    """The shift that a line means."""

    occasion_id: UUID
    is_red_post: bool
    title: str
    starts_at: datetime
    ends_at: datetime


@dataclass
class Programme:
    """What a community has to offer; ``planned`` are the shifts that are still to be made."""

    by_name: dict[str, list[Occasion]] = field(default_factory=lambda: defaultdict(list))
    there: dict[tuple[UUID, datetime, datetime], list[Shift]] = field(
        default_factory=lambda: defaultdict(list)
    )
    planned: dict[Slot, UUID] = field(default_factory=dict)

    def occasion(self, line: Line, name: str) -> tuple[Occasion | None, Fault | None]:
        """The red post or activity of a name, or what is wrong."""
        if not name:
            return None, line.fault("occasion_missing")
        found = self.by_name.get(name, [])
        if len(found) == 1:
            return found[0], None
        code = "occasion_unclear" if found else "occasion_unknown"
        return None, line.fault(code, value=name)

    def shift_id(self, slot: Slot) -> UUID:
        """The shift of a slot: of several at one time, the one of that name, else the first."""
        found = self.there.get((slot.occasion_id, slot.starts_at, slot.ends_at), [])
        named = [one for one in found if one.title == slot.title]
        if named or found:
            return (named or found)[0].id
        return self.planned.setdefault(slot, ids.new())


def programme(occasions: list[Occasion], shifts: list[Shift]) -> Programme:
    """The programme of these."""
    made = Programme()
    for one in occasions:
        made.by_name[one.name].append(one)
    for shift in shifts:
        occasion_id = shift.red_post_id or shift.activity_id
        assert occasion_id is not None, "a shift has one occasion"
        made.there[(occasion_id, shift.starts_at, shift.ends_at)].append(shift)
    return made
