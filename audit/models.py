"""Tables of the audit trail.

Invariant: entries hold ids, codes, numbers and times only; free text lies in ``audit_texts``, which
may be erased, and the entry keeps its salted digest (design D12).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, one_of
from kit.types import Id, Instant, Json, Octets


class Entry(Base, Row):
    """One deed or one refusal."""

    __tablename__ = "audit_entries"
    __table_args__ = args(
        index("subject_type", "subject_id", "id"), index("request_id"), append_only=True
    )
    at: Mapped[datetime] = mapped_column(Instant)
    #: the person who acted; none for the program itself
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    #: through which door: api, web, cli, tick, demo
    via: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(Id)
    #: the stable code of the refusal; none when it was done
    refused: Mapped[str | None] = mapped_column(Text)
    reason_code: Mapped[str | None] = mapped_column(Text)
    #: SHA-256(salt ‖ text) of the free text, which stands in audit_texts
    text_digest: Mapped[bytes | None] = mapped_column(Octets)
    request_id: Mapped[UUID] = mapped_column(Id)
    before: Mapped[Any | None] = mapped_column(Json)
    after: Mapped[Any | None] = mapped_column(Json)
    #: SHA-256 of the canonical row that this entry covers (scan, amendment, approval)
    row_digest: Mapped[bytes | None] = mapped_column(Octets)
    leaf: Mapped[bytes] = mapped_column(Octets)


class FreeText(Base, Owned):
    """The one place of free text about deeds; a row may be erased without touching a hash."""

    __tablename__ = "audit_texts"
    __table_args__ = args()
    digest: Mapped[bytes] = mapped_column(Octets, primary_key=True)
    salt: Mapped[bytes] = mapped_column(Octets)
    text: Mapped[str] = mapped_column(Text)


class Unsealed(Base, Owned):
    """Leaves that no seal holds yet; the sealer of a later issue takes them from here (D10)."""

    __tablename__ = "audit_unsealed"
    __table_args__ = args(
        one_of("kind", ("transfer", "entry")), check("leaf_whole", "length(leaf) = 32")
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    leaf: Mapped[bytes] = mapped_column(Octets)


for _erasable in (FreeText, Unsealed):
    _erasable.__table__.info["erasable"] = True  # type: ignore[attr-defined] # Table has info
    triggers.no_update(_erasable)

triggers.append_only(Entry)
