"""Rows of the books as one stroke: the only code that writes them.

Invariant: everything that one stroke tells is written in one transaction or not at all, and a
guarded balance is changed by a conditional UPDATE alone, whatever was read before (design D4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.orm import Session

from audit.models import Unsealed
from kit import stroke as strokes
from kit.parts import Added, Moved, Part, Unmoved
from kit.types import AMOUNT_MAX
from ledger.checkpoint_models import Unfolded
from ledger.models import Balance, Lot, LotUse, Posting, Transfer

Row = dict[str, Any]

_HEADS = cast("Table", Transfer.__table__)
_UNSEALED = cast("Table", Unsealed.__table__)
_UNFOLDED = cast("Table", Unfolded.__table__)
_BALANCES = cast("Table", Balance.__table__)
_POSTINGS = cast("Table", Posting.__table__)
_LOTS = cast("Table", Lot.__table__)
_USES = cast("Table", LotUse.__table__)

_IN_BOUNDS = f"{{after}} >= floor AND {{after}} <= {AMOUNT_MAX}"
_IN_THE_LOT = "{after} >= 0 AND {after} <= original"


@dataclass
class Stroke:
    """What is to be written, in the order in which rows refer to each other."""

    heads: list[Row] = field(default_factory=list)
    unsealed: list[Row] = field(default_factory=list)
    #: guarded account → what is added to its balance, in lock order
    deltas: dict[UUID, int] = field(default_factory=dict)
    postings: list[Row] = field(default_factory=list)
    lots: list[Row] = field(default_factory=list)
    #: lot → what is taken from it
    taken: dict[UUID, int] = field(default_factory=dict)
    uses: list[Row] = field(default_factory=list)
    #: nobody looked at the balances yet
    hoped: bool = False
    #: the debts that are hoped to be none
    clear: tuple[UUID, ...] = ()


def write(session: Session, community_id: UUID, stroke: Stroke) -> None:
    """Write the stroke; the caller holds the rows of every guarded account and its lots.

    Where nobody looked (``hoped``) the balances are taken in lock order here. They are before the
    heads: a unit that looks holds them before it takes its keys. Raises Again where another unit
    took one of the natural keys meanwhile, or the hope was vain.
    """
    noted = [{"community_id": community_id, "transfer_id": head["id"]} for head in stroke.heads]
    given = {lot_id: -part for lot_id, part in stroke.taken.items()}
    parts: list[Part] = [
        *_balances(stroke),
        Added(_HEADS, stroke.heads, once=True),
        Added(_UNSEALED, stroke.unsealed),
        Added(_UNFOLDED, noted),
        Added(_POSTINGS, stroke.postings),
        Added(_LOTS, stroke.lots),
        Moved(_LOTS, "id", "remaining", _IN_THE_LOT, given),
        Added(_USES, stroke.uses),
    ]
    for some in _in_turn(parts, stroke):
        strokes.settle(session)
        strokes.write(session, community_id, some)


def _balances(stroke: Stroke) -> list[Part]:
    """The guarded balances: together where they are held, else one by one in lock order."""
    if not stroke.hoped:
        return [Moved(_BALANCES, "account_id", "balance", _IN_BOUNDS, stroke.deltas)]
    one_by_one = [
        Moved(_BALANCES, "account_id", "balance", _IN_BOUNDS, {account_id: delta}, hoped=True)
        for account_id, delta in stroke.deltas.items()
    ]
    # A wallet comes before what its person owes, and both before all others (LOCK_ORDER).
    return [
        *one_by_one[:1],
        Unmoved(_BALANCES, "account_id", "balance", 0, stroke.clear),
        *one_by_one[1:],
    ]


def _in_turn(parts: list[Part], stroke: Stroke) -> list[list[Part]]:
    """All parts at once; but a lot of this stroke that is used in it at once (grace that repays a
    debt) has to be there before: one statement does not see its own rows."""
    if stroke.taken.keys().isdisjoint(row["id"] for row in stroke.lots):
        return [parts]
    return [parts[:-2], parts[-2:]]
