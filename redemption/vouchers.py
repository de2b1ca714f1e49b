"""Vouchers: the code that collects an order, as a token to scan and as nine characters to type.

Invariant: neither is stored. The token is HMAC of the row and may be made again from it; the typed
code is the start of the same value, short enough to guess, so its look-up is a keyed hash (D7).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import ids, tokens
from kit.keys import KeyRing
from redemption.models import Order, Voucher

LETTER = "V"
PURPOSE = "voucher"
VALUE_CHARACTERS = 26
CHECK_CHARACTERS = 2


def issue(
    session: Session, *, keys: KeyRing, order: Order, at: datetime, number: int = 1
) -> Voucher:
    """A voucher of an order: the first one, or with its number the one in place of another."""
    row_id, key_no = ids.new(), keys.newest
    value = tokens.derived(keys, PURPOSE, row_id, number, key_no)
    voucher = Voucher(
        community_id=order.community_id,
        id=row_id,
        order_id=order.id,
        issue=number,
        token_hash=tokens.hashed(value),
        typed_hash=_typed_hash(keys, tokens.typed(value), key_no),
        key_no=key_no,
        status="issued",
        issued_at=at,
    )
    session.add(voucher)
    session.flush()
    return voucher


def token_of(keys: KeyRing, voucher: Voucher) -> str:
    """What its QR code carries: V, the value's 26 characters, two check characters."""
    start = LETTER + _value(keys, voucher)
    return start + tokens.check_characters(start, CHECK_CHARACTERS)


def typed_of(keys: KeyRing, voucher: Voucher) -> str:
    """What one types instead: eight characters and a check character."""
    return tokens.typed(_value(keys, voucher))


def find_token(session: Session, community_id: UUID, token: str) -> Voucher | None:
    """The voucher with this token; none where it is not one of this community's."""
    value = value_in(token)
    if value is None:
        return None
    return session.scalar(
        select(Voucher).where(
            Voucher.community_id == community_id, Voucher.token_hash == tokens.hashed(value)
        )
    )


def find_typed(
    session: Session, keys: KeyRing, community_id: UUID, order_id: UUID, code: str
) -> Voucher | None:
    """The order's voucher, where ``code`` is its typed code or its whole token; else none."""
    if not code.isascii():
        return None
    whole = tokens.typed_whole(code)
    if whole is None:
        found = find_token(session, community_id, tokens.normal(code))
        return found if found is not None and found.order_id == order_id else None
    hashes = [_typed_hash(keys, whole, key_no) for key_no in keys.numbers]
    return session.scalar(
        select(Voucher)
        .where(
            Voucher.community_id == community_id,
            Voucher.order_id == order_id,
            Voucher.typed_hash.in_(hashes),
        )
        .order_by(Voucher.issue.desc())
        .limit(1)
    )


def orders_typed(session: Session, keys: KeyRing, community_id: UUID, code: str) -> list[UUID]:
    """The orders whose typed code this is, for a counter that was told the code alone."""
    whole = tokens.typed_whole(code) if code.isascii() else None
    if whole is None:
        return []
    hashes = [_typed_hash(keys, whole, key_no) for key_no in keys.numbers]
    found = session.scalars(
        select(Voucher.order_id)
        .where(Voucher.community_id == community_id, Voucher.typed_hash.in_(hashes))
        .order_by(Voucher.id.desc())
    )
    return list(found)


def of_orders(session: Session, community_id: UUID, order_ids: list[UUID]) -> dict[UUID, Voucher]:
    """The latest voucher of each of these orders."""
    found = session.scalars(
        select(Voucher)
        .where(Voucher.community_id == community_id, Voucher.order_id.in_(order_ids))
        .order_by(Voucher.issue)
    )
    return {voucher.order_id: voucher for voucher in found}


def status_of(session: Session, voucher: Voucher) -> str:
    """The voucher's state as it stands now, whatever was read of it before."""
    return session.scalars(
        select(Voucher.status).where(
            Voucher.community_id == voucher.community_id, Voucher.id == voucher.id
        )
    ).one()


def value_in(token: str) -> str | None:
    """The value inside a token in normal form; none where its shape or its check is wrong."""
    start, check = token[:-CHECK_CHARACTERS], token[-CHECK_CHARACTERS:]
    if len(start) != 1 + VALUE_CHARACTERS or start[0] != LETTER:
        return None
    fits = tokens.check_characters(start, CHECK_CHARACTERS) == check
    return start[1:] if fits else None


def _value(keys: KeyRing, voucher: Voucher) -> str:
    return tokens.derived(keys, PURPOSE, voucher.id, voucher.issue, voucher.key_no)


def _typed_hash(keys: KeyRing, typed: str, key_no: str) -> bytes:
    return keys.mac("voucher-typed", typed, key_no)
