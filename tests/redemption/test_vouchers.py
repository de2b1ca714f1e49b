"""Vouchers: made again from the row under any known secret, and guessed from no stolen table."""

import hashlib
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit import tokens
from kit.db import Database
from kit.keys import KeyRing
from redemption import vouchers
from redemption.models import Order, Voucher
from tests import factories
from tests.redemption import shop
from tests.redemption.shop import Shop

KEYS = factories.KEYS


def _row(town: Shop, order: Order) -> Voucher:
    def find(session: Session) -> Voucher:
        return vouchers.of_orders(session, town.community_id, [order.id])[order.id]

    return town.read(find)


def test_a_token_has_its_letter_its_value_and_its_check(database: Database) -> None:
    town = shop.open_shop(database)
    row = _row(town, town.order(town.person(50), (town.goods(), 1)))
    token = vouchers.token_of(KEYS, row)
    assert len(token) == 29
    assert token[0] == "V"
    assert set(token) <= set(tokens.ALPHABET)
    typed = vouchers.typed_of(KEYS, row)
    assert len(typed) == 9
    assert token[1:9] == typed[:8]

    def find(text: str) -> UUID | None:
        found = town.read(lambda session: vouchers.find_token(session, town.community_id, text))
        return found.id if found else None

    assert find(token) == row.id
    changed = token[:5] + ("0" if token[5] != "0" else "1") + token[6:]
    for wrong in (changed, token[:-1], token + "0", "C" + token[1:], ""):
        assert find(wrong) is None


def test_a_newer_secret_in_front_still_reads_older_vouchers(database: Database) -> None:
    town = shop.open_shop(database)
    order = town.order(town.person(50), (town.goods(), 1))
    row, newer = _row(town, order), KeyRing(("a newer secret of the tests", *KEYS.secrets))
    assert vouchers.token_of(newer, row) == vouchers.token_of(KEYS, row)
    code = vouchers.typed_of(KEYS, row)

    def find(session: Session) -> tuple[Voucher | None, list[UUID]]:
        return (
            vouchers.find_typed(session, newer, town.community_id, order.id, code),
            vouchers.orders_typed(session, newer, town.community_id, code),
        )

    found, listed = town.read(find)
    assert found is not None
    assert (found.id, listed) == (row.id, [order.id])


def test_the_row_holds_no_code_and_no_bare_hash_of_the_short_one(database: Database) -> None:
    town = shop.open_shop(database)
    row = _row(town, town.order(town.person(50), (town.goods(), 1)))
    typed, token = vouchers.typed_of(KEYS, row), vouchers.token_of(KEYS, row)
    for code in (typed, typed[:8], typed.lower()):
        bare = {hashlib.sha256(code.encode()).digest(), tokens.hashed(code)}
        assert row.typed_hash not in bare
    other = KeyRing(("another secret of the tests",))
    assert row.typed_hash != other.mac("voucher-typed", typed)
    stored = "|".join(str(getattr(row, column.name)) for column in Voucher.__table__.columns)
    assert typed not in stored
    assert token not in stored


def test_every_order_has_its_own_voucher(database: Database) -> None:
    town = shop.open_shop(database)
    li, rice = town.person(500), town.goods(1, 50)
    orders = [town.order(li, (rice, 1)) for _ in range(20)]
    rows = [_row(town, order) for order in orders]
    assert len({vouchers.typed_of(KEYS, row) for row in rows}) == 20
    assert len({row.token_hash for row in rows}) == 20
    found = town.read(
        lambda session: session.scalars(
            select(Voucher.status).where(Voucher.community_id == town.community_id)
        ).all()
    )
    assert list(found) == ["issued"] * 20
