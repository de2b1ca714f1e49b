"""Write goods off, or count a shelf: kept at once, and in force when it is signed.

Invariant: a count is judged against what the books held at its own time, so what is sold before the
second person signs changes no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Invalid
from ledger import accounts, statements, transfers
from people import communities, roles
from redemption import bounds, goods
from redemption.shelf import signing, spoiling
from redemption.shelf.tables import StockChange, StockChangeLine

REASON_MAX = 500
LINES_MAX = 200
MAKERS = ("treasurer", "manager", "clerk")


def write_off(
    session: Session, *, actor: Actor, at: datetime, goods_id: UUID, quantity: int, reason: str
) -> StockChange:
    """Take pieces off the shelf that broke, spoiled or are gone, the first to spoil first.

    Where the community wants it, it waits for ``signing.sign``. Raises NotAllowed, Invalid,
    NotFound (goods), Conflict ``out_of_stock``.
    """
    roles.require(session, actor, "treasurer", "manager")
    bounds.amount("quantity", quantity, 1)
    goods.find_all(session, actor.community_id, [goods_id])
    settings = communities.settings_of(session, actor.community_id)
    hands = 2 if settings.signatures["write_offs"] else 1
    change = _change(session, actor, at, "write_off", hands, reason)
    line = _line(change, goods_id, difference=-quantity)
    _keep(session, actor, change, [line], Action.WRITE_OFF_MADE)
    if hands == 1:
        signing.put_in_force(session, actor=actor, at=at, change=change, lines=[line])
    return change


def count(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    lines: Sequence[tuple[UUID, int]],
    reason: str,
) -> StockChange:
    """A stocktake: ``(goods id, pieces)`` as they lie there, those set aside for orders with them.

    Raises NotAllowed, Invalid (no line, goods twice, bounds), NotFound (goods).
    """
    roles.require(session, actor, *MAKERS)
    if not 1 <= len(lines) <= LINES_MAX:
        raise Invalid(lines=f"want 1 to {LINES_MAX} lines")
    counted = dict(lines)
    if len(counted) < len(lines):
        raise Invalid(lines="the same goods stand there twice")
    for pieces in counted.values():
        bounds.amount("counted", pieces, 0)
    goods.find_all(session, actor.community_id, counted)
    expected = _expected(session, actor, at, counted)
    change = _change(session, actor, at, "stocktake", 2, reason)
    rows = [
        _line(change, one, expected[one], pieces, pieces - expected[one])
        for one, pieces in counted.items()
    ]
    _keep(session, actor, change, rows, Action.STOCK_COUNTED)
    return change


def _expected(
    session: Session, actor: Actor, at: datetime, goods_ids: Collection[UUID]
) -> dict[UUID, int]:
    """The pieces that the books hold now, on the shelf and set aside; what spoiled is posted."""
    places = [accounts.shelf(one) for one in goods_ids]
    drafts = spoiling.in_the_way(session, actor.community_id, at, places, ())
    if drafts:
        transfers.record_all(session, actor=actor, drafts=drafts, at=at)
    aside = [accounts.set_aside(one) for one in goods_ids]
    there = statements.available_of(session, actor.community_id, [*places, *aside])
    return {one: there[accounts.shelf(one)] + there[accounts.set_aside(one)] for one in goods_ids}


def _change(
    session: Session, actor: Actor, at: datetime, kind: str, hands: int, reason: str
) -> StockChange:
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise Invalid(reason=f"want 1 to {REASON_MAX} characters")
    return StockChange(
        community_id=actor.community_id,
        id=ids.new(),
        kind=kind,
        hands=hands,
        text_digest=trail.keep_text(session, actor.community_id, reason),
        made_by=actor.person,
        made_at=at,
    )


def _line(
    change: StockChange,
    goods_id: UUID,
    expected: int | None = None,
    counted: int | None = None,
    difference: int = 0,
) -> StockChangeLine:
    return StockChangeLine(
        community_id=change.community_id,
        change_id=change.id,
        goods_id=goods_id,
        expected=expected,
        counted=counted,
        difference=difference,
    )


def _keep(
    session: Session,
    actor: Actor,
    change: StockChange,
    lines: Sequence[StockChangeLine],
    action: Action,
) -> None:
    session.add(change)
    session.flush()
    session.add_all(lines)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=action,
        subject=("stock_change", change.id),
        at=change.made_at,
        after={
            "hands": change.hands,
            "lines": [[one.goods_id, one.expected, one.difference] for one in lines],
        },
    )
