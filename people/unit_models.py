"""Tables of who belongs to a unit, and who looks after a place (党员责任区).

Invariant: a row is changed by its end alone; who was where at what time stays readable.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Row, args, check, index, owned_key, unique_where
from kit.types import Day, Id, Instant


class UnitMember(Base, Row):
    """A person in a team, a squad, a party branch: in as many as they like, besides the unit in
    which they live."""

    __tablename__ = "unit_members"
    __table_args__ = args(
        owned_key("unit_id", "units"),
        owned_key("person_id", "people"),
        check("left_after", "left_at IS NULL OR left_at >= joined_at"),
        index("person_id"),
        unique_where("unit_members", "in_force", "unit_id", "person_id", where="left_at IS NULL"),
    )
    unit_id: Mapped[UUID] = mapped_column(Id)
    person_id: Mapped[UUID] = mapped_column(Id)
    joined_at: Mapped[datetime] = mapped_column(Instant)
    left_at: Mapped[datetime | None] = mapped_column(Instant)


class Zone(Base, Row):
    """A place of a unit that a person looks after, from a day until a day."""

    __tablename__ = "zones"
    __table_args__ = args(
        owned_key("unit_id", "units"),
        owned_key("person_id", "people"),
        owned_key("given_by", "people"),
        check("begins_first", "ends_on IS NULL OR ends_on >= begins_on"),
        index("unit_id"),
        index("person_id"),
    )
    unit_id: Mapped[UUID] = mapped_column(Id)
    person_id: Mapped[UUID] = mapped_column(Id)
    #: such as a building and a staircase
    place: Mapped[str] = mapped_column(Text)
    begins_on: Mapped[date] = mapped_column(Day)
    #: the last day; none: until further notice
    ends_on: Mapped[date | None] = mapped_column(Day)
    given_by: Mapped[UUID] = mapped_column(Id)
    given_at: Mapped[datetime] = mapped_column(Instant)


triggers.only_changes(UnitMember, "left_at")
triggers.guard(
    "unit_members_left_once",
    "unit_members",
    "UPDATE",
    "already_decided",
    "OLD.left_at IS NOT NULL",
)
triggers.only_changes(Zone, "ends_on")
