"""Table of calendar feeds: secret addresses at which a calendar reads shifts without signing in.

Invariant: the address is stored nowhere; the row keeps a hash for look-up and the number of the key
it is made again with (design D7). One feed of a person or a red post is in force at a time.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Row, args, check, owned_key, unique, unique_where
from kit.types import Amount, Id, Instant, Octets


class CalendarFeed(Base, Row):
    """One address, of a person's shifts or of a red post's."""

    __tablename__ = "calendar_feeds"
    __table_args__ = args(
        owned_key("person_id", "people"),
        owned_key("red_post_id", "red_posts"),
        owned_key("made_by", "people"),
        unique("token_hash"),
        check("one_subject", "(person_id IS NULL) <> (red_post_id IS NULL)"),
        unique_where(
            "calendar_feeds",
            "person",
            "person_id",
            where="revoked_at IS NULL AND person_id IS NOT NULL",
        ),
        unique_where(
            "calendar_feeds",
            "red_post",
            "red_post_id",
            where="revoked_at IS NULL AND red_post_id IS NOT NULL",
        ),
    )
    person_id: Mapped[UUID | None] = mapped_column(Id)
    red_post_id: Mapped[UUID | None] = mapped_column(Id)
    issue: Mapped[int] = mapped_column(Amount, default=1)
    key_no: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(Octets)
    made_by: Mapped[UUID] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


triggers.only_changes(CalendarFeed, "revoked_at")
