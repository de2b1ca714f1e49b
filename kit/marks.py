"""Marks of the installation: facts about the whole database, written once and kept for ever.

Invariant: a mark is never changed or taken back. ``test_clock`` says that business time here was
made by hand; ``key:<number>`` says under which secret the database was made (contract, settings).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import Text

from kit import ids, triggers
from kit.tables import Base, Owned, args
from kit.types import Instant

TEST_CLOCK = "test_clock"


class Mark(Base, Owned):
    """One mark; all rows stand under the nil community."""

    __tablename__ = "marks"
    __table_args__ = args(append_only=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    made_at: Mapped[datetime] = mapped_column(Instant)


triggers.append_only(Mark)


def names(session: Session) -> set[str]:
    """Every mark of this database."""
    return set(session.scalars(select(Mark.name).where(Mark.community_id == ids.NIL)))


def make(session: Session, name: str, *, at: datetime) -> None:
    """Make a mark; making it again, or in two processes at once, changes nothing."""
    if name in names(session):
        return
    chosen = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"community_id": ids.NIL, "name": name, "made_at": at}
    session.execute(
        chosen(Mark).values([row]).on_conflict_do_nothing(index_elements=["community_id", "name"])
    )
