"""The table of breaks: time within a stay that is not served.

Invariant: a break begins and ends once and belongs to one stay; once that stay is decided on, its
breaks stay as they are, for its hours were counted by them.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Row, args, check, index, owned_key, unique_where
from kit.types import Id, Instant

_DECIDED = (
    "EXISTS (SELECT 1 FROM attendances a WHERE a.community_id = NEW.community_id"
    " AND a.id = NEW.attendance_id AND a.status NOT IN ('open', 'auto_closed', 'submitted'))"
)


class Break(Base, Row):
    """A pause of one stay; an open one lasts until the stay ends."""

    __tablename__ = "attendance_breaks"
    __table_args__ = args(
        owned_key("attendance_id", "attendances"),
        owned_key("begun_by", "people"),
        owned_key("ended_by", "people"),
        check("begins_before_end", "ends_at IS NULL OR starts_at < ends_at"),
        check("ended_by_somebody", "(ends_at IS NULL) = (ended_by IS NULL)"),
        unique_where("attendance_breaks", "one_open", "attendance_id", where="ends_at IS NULL"),
        index("attendance_id", "starts_at"),
    )
    attendance_id: Mapped[UUID] = mapped_column(Id)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    begun_by: Mapped[UUID] = mapped_column(Id)
    ended_by: Mapped[UUID | None] = mapped_column(Id)


triggers.only_changes(Break, "ends_at", "ended_by")
for _deed in ("INSERT", "UPDATE"):
    triggers.guard(
        f"attendance_breaks_undecided_{_deed.lower()}",
        "attendance_breaks",
        _deed,
        "already_decided",
        _DECIDED,
    )
triggers.guard(
    "attendance_breaks_ended_once",
    "attendance_breaks",
    "UPDATE",
    "already_decided",
    "OLD.ends_at IS NOT NULL",
)
