"""The table of messages: the list that a person reads, and the outbox of what leaves the house.

Invariant: a row holds ids, numbers and times only; names and titles are looked up when it is read,
so erasing a person leaves nothing behind here (design D12).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Row, args, index, index_where, owned_key, unique
from kit.types import Id, Instant, Json


class Message(Base, Row):
    """One person is told one thing."""

    __tablename__ = "messages"
    __table_args__ = args(
        owned_key("person_id", "people"),
        # The same cause tells the same person once, however often its unit runs.
        unique("person_id", "natural_key"),
        index("person_id", "id"),
        index_where("messages", "unsent", "id", where="sent_at IS NULL"),
        index_where("messages", "unread", "person_id", "id", where="read_at IS NULL"),
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    facts: Mapped[Any] = mapped_column(Json)
    natural_key: Mapped[str] = mapped_column(Text)
    told_at: Mapped[datetime] = mapped_column(Instant)
    #: none until the person saw it
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    #: none until everything that carries messages out of the house has it
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


triggers.only_changes(Message, "read_at", "sent_at")
