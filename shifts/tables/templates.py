"""Tables of shift templates: the standing plan that shifts are made from ahead of time.

Invariant: what a template says now is what every date says that no shift was made for yet; a change
first makes what was due under the old plan (decision 0021).
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, owned_key
from kit.types import Amount, Day, Id, Instant
from shifts import slots
from shifts.slots import Pattern


class ShiftTemplate(Base, Row):
    """A plan of shifts by weekday, or by weekday of the month."""

    __tablename__ = "shift_templates"
    __table_args__ = args(
        owned_key("red_post_id", "red_posts"),
        owned_key("activity_id", "activities"),
        owned_key("captain_id", "people"),
        owned_key("made_by", "people"),
        check("one_occasion", "(red_post_id IS NULL) <> (activity_id IS NULL)"),
        check("weekdays_bits", "weekdays BETWEEN 1 AND 127"),
        check("weeks_bits", "weeks BETWEEN 0 AND 31"),
        check("minutes_bounds", "minutes BETWEEN 1 AND 1440"),
        check("seats_bounds", "seats_min >= 0 AND (seats IS NULL OR seats_min <= seats)"),
        check("in_order", "valid_until IS NULL OR valid_from <= valid_until"),
        check("revision_counts", "revision >= 1"),
        index("filled_until"),
    )
    red_post_id: Mapped[UUID | None] = mapped_column(Id)
    activity_id: Mapped[UUID | None] = mapped_column(Id)
    title: Mapped[str] = mapped_column(Text)
    #: bits, Monday first
    weekdays: Mapped[int] = mapped_column(Amount)
    #: bits: the first to the fourth of the month, and the last; none: every week
    weeks: Mapped[int] = mapped_column(Amount)
    #: ``HH:MM`` in the community's zone
    starts: Mapped[str] = mapped_column(Text)
    minutes: Mapped[int] = mapped_column(Amount)
    valid_from: Mapped[date] = mapped_column(Day)
    #: the last date that it holds for; none: until it is ended
    valid_until: Mapped[date | None] = mapped_column(Day)
    seats_min: Mapped[int] = mapped_column(Amount, default=0)
    seats: Mapped[int | None] = mapped_column(Amount)
    captain_id: Mapped[UUID] = mapped_column(Id)
    #: one more with each change
    revision: Mapped[int] = mapped_column(Amount, default=1)
    #: the last local date that shifts were made for
    filled_until: Mapped[date] = mapped_column(Day)
    made_by: Mapped[UUID] = mapped_column(Id)
    #: when it came to be as it is: it makes no shift that began before
    set_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def pattern(self) -> Pattern:
        """When its shifts are."""
        return Pattern(
            weekdays=slots.unmask(self.weekdays, slots.EVERY_DAY),
            weeks=slots.unmask(self.weeks, slots.WEEKS),
            starts=self.starts,
            minutes=self.minutes,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class TemplateDeputy(Base, Owned):
    """A deputy of each shift that the template makes from now on."""

    __tablename__ = "template_deputies"
    __table_args__ = args(
        owned_key("template_id", "shift_templates"),
        owned_key("person_id", "people"),
        # A list that is written anew with each change.
        erasable=True,
    )
    template_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Id, primary_key=True)


triggers.no_delete(ShiftTemplate)
