"""Table of the answers that a repeated call gets again (contract, "Idempotency-Key").

Invariant: the key's row is written in the transaction of the call's effect; a refused call leaves
none. Stored answers hold no code or token.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, args
from kit.types import Amount, Id, Instant, Json, Octets


class KeptAnswer(Base, Owned):
    """The first 2xx answer to one key of one person."""

    __tablename__ = "kept_answers"
    __table_args__ = args()
    person_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    #: method and path
    call: Mapped[str] = mapped_column(Text)
    body_digest: Mapped[bytes] = mapped_column(Octets)
    made_at: Mapped[datetime] = mapped_column(Instant)
    #: none while the first call runs, in the same transaction
    status: Mapped[int | None] = mapped_column(Amount)
    answer: Mapped[Any | None] = mapped_column(Json)


triggers.no_delete(KeptAnswer)
