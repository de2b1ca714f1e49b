"""Tables of what proves who somebody is: passwords, codes, tokens, cards, PINs; and the limits.

Invariant: no secret is stored; a row keeps a hash and, where the secret can be made again from the
row, the number of the key it is made with (design D7).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from kit import triggers
from kit.tables import Base, Owned, Row, args, check, index, one_of, owned_key, unique, unique_where
from kit.types import Amount, Id, Instant, Octets


class Password(Base, Owned):
    """A person's password: argon2id."""

    __tablename__ = "passwords"
    __table_args__ = args(owned_key("person_id", "people"))
    person_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Instant)


class SignInCode(Base, Row):
    """A code that works once as a password; HMAC of the row's id, so it can be shown again."""

    __tablename__ = "sign_in_codes"
    __table_args__ = args(
        owned_key("person_id", "people"), owned_key("made_by", "people"), index("person_id")
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    made_by: Mapped[UUID] = mapped_column(Id)
    code_hash: Mapped[bytes] = mapped_column(Octets)
    key_no: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    #: used, or replaced by a newer one
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class AccessToken(Base, Row):
    """A sign-in kept on the server: an API token or a browser's cookie; only its hash is here."""

    __tablename__ = "access_tokens"
    __table_args__ = args(
        owned_key("person_id", "people"),
        unique("token_hash"),
        one_of("kind", ("api", "browser")),
        index("person_id"),
    )
    token_hash: Mapped[bytes] = mapped_column(Octets)
    person_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    #: until a password is set, the token of a sign-in code may do nothing else
    must_set_password_since: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Card(Base, Row):
    """A member card. Its token is HMAC(key of purpose card, id, issue): stored nowhere (D7)."""

    __tablename__ = "cards"
    __table_args__ = args(
        owned_key("person_id", "people"),
        unique("token_hash"),
        unique("person_id", "issue"),
        unique_where("cards", "one_in_force", "person_id", where="revoked_at IS NULL"),
    )
    person_id: Mapped[UUID] = mapped_column(Id)
    issue: Mapped[int] = mapped_column(Amount)
    token_hash: Mapped[bytes] = mapped_column(Octets)
    key_no: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class Pin(Base, Owned):
    """Six digits for the counter: argon2id over a peppered value; locked after five failures."""

    __tablename__ = "pins"
    __table_args__ = args(
        owned_key("person_id", "people"), check("failures_bounds", "failures BETWEEN 0 AND 5")
    )
    person_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    hash: Mapped[str] = mapped_column(Text)
    key_no: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(Amount)


class Limit(Base, Owned):
    """Failures counted per bucket and window; shared by processes, survives a restart.

    Before a sign-in no community is known: those buckets stand under the nil community.
    """

    __tablename__ = "limits"
    __table_args__ = args()
    #: ``<what>:<hash of whom>``
    bucket: Mapped[str] = mapped_column(Text, primary_key=True)
    window_starts_at: Mapped[datetime] = mapped_column(Instant, primary_key=True)
    failures: Mapped[int] = mapped_column(Amount)


Limit.__table__.info["erasable"] = True  # type: ignore[attr-defined] # Table has info
triggers.only_changes(Card, "revoked_at")
triggers.only_changes(SignInCode, "ended_at")
triggers.only_changes(AccessToken, "ended_at", "must_set_password_since")
