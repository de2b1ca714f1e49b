"""One request of a town's past: the rows, the transfer and the entries that it leaves.

Invariant: every column of a row is named, so its digest is that of the row in the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from audit.actions import Action
from bench.ledger_rows import Ledger, Row, Who
from kit import ids
from kit.clock import local_date
from ledger.drafts import Draft, Leg

ZONE = "Asia/Shanghai"


@dataclass
class Deed:
    """One request: who, when, and under which number."""

    books: Ledger
    actor_id: UUID
    at: datetime
    request_id: UUID = field(default_factory=ids.new)

    @property
    def who(self) -> Who:
        """The same without the books."""
        return Who(self.actor_id, self.at, self.request_id)

    def add(self, model: Any, facts: Row) -> Row:
        """One row of a room, every column named."""
        row = dict.fromkeys(column.name for column in model.__table__.columns)
        row |= facts | {"community_id": self.books.community_id}
        self.books.rows.add(model, row)
        return row

    def tell(self, action: Action, subject: tuple[str, UUID], **facts: Any) -> None:
        """The audit entry."""
        self.books.tell(action, subject, self.who, **facts)

    def record(
        self, kind: str, key: str, legs: list[Leg], source: tuple[str, UUID], **facts: Any
    ) -> UUID:
        """The transfer."""
        back = facts.pop("back", None)
        draft = Draft(kind, key, tuple(legs), local_date(self.at, ZONE), source, **facts)
        return self.books.record(draft, self.who, back)
