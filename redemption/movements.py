"""What each step of an order moves in the ledger, as drafts.

Invariant: an order is held once and then either collected or released once, and returned at most
once after that: the natural keys say so (design D5). What comes back are the same lots (D6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import accounts, kinds
from ledger.drafts import Draft, Leg
from ledger.models import Transfer
from redemption.models import Order, OrderLine


def hold(order: Order, lines: Sequence[OrderLine], on: date) -> Draft:
    """Points and goods set aside for the order."""
    legs = [Leg(accounts.wallet(order.person_id), accounts.held(order.person_id), order.points)]
    legs += [
        Leg(accounts.shelf(line.goods_id), accounts.set_aside(line.goods_id), line.quantity)
        for line in lines
    ]
    return _draft("hold", order, legs, on)


def collect(order: Order, lines: Sequence[OrderLine], on: date) -> Draft:
    """Points spent, goods handed over."""
    redeemed = accounts.contra("redeemed", kinds.POINTS)
    legs = [Leg(accounts.held(order.person_id), redeemed, order.points)]
    legs += [
        Leg(accounts.set_aside(line.goods_id), _handed_over(line), line.quantity) for line in lines
    ]
    return _draft("collect", order, legs, on)


def release(
    order: Order,
    lines: Sequence[OrderLine],
    on: date,
    *,
    held_by: UUID,
    reason_code: str,
    text_digest: bytes | None = None,
) -> Draft:
    """Points and goods of an order that was not collected, back to the lots they came from."""
    legs = [Leg(accounts.held(order.person_id), accounts.wallet(order.person_id), order.points)]
    legs += [
        Leg(accounts.set_aside(line.goods_id), accounts.shelf(line.goods_id), line.quantity)
        for line in lines
    ]
    return _draft(
        "release", order, legs, on, gives_back=held_by, reason=reason_code, digest=text_digest
    )


def give_back(
    order: Order,
    lines: Sequence[OrderLine],
    on: date,
    *,
    held_by: UUID,
    reason_code: str,
    text_digest: bytes | None = None,
) -> Draft:
    """Points and goods of a collected order, back to the lots they came from."""
    redeemed = accounts.contra("redeemed", kinds.POINTS)
    legs = [Leg(redeemed, accounts.wallet(order.person_id), order.points)]
    legs += [
        Leg(_handed_over(line), accounts.shelf(line.goods_id), line.quantity) for line in lines
    ]
    return _draft(
        "return", order, legs, on, gives_back=held_by, reason=reason_code, digest=text_digest
    )


def hold_of(session: Session, order: Order) -> UUID:
    """The transfer that holds the order's points and goods."""
    found = session.scalar(
        select(Transfer.id).where(
            Transfer.community_id == order.community_id,
            Transfer.natural_key == f"order:{order.id}:hold",
        )
    )
    assert found is not None, "every order has its hold"
    return found


def _handed_over(line: OrderLine) -> accounts.Place:
    return accounts.contra("handed_over", kinds.goods(line.goods_id))


def _draft(
    kind: str,
    order: Order,
    legs: list[Leg],
    on: date,
    *,
    gives_back: UUID | None = None,
    reason: str | None = None,
    digest: bytes | None = None,
) -> Draft:
    return Draft(
        kind=kind,
        key=f"order:{order.id}:{kind}",
        legs=tuple(legs),
        effective_on=on,
        source=("order", order.id),
        reason_code=reason,
        text_digest=digest,
        gives_back=gives_back,
    )
