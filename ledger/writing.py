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
from kit.rows import Added, Moved, Part
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


def write(session: Session, community_id: UUID, stroke: Stroke) -> None:
    """Write the stroke; the caller holds the rows of every guarded account and its lots.

    Raises Again where another unit took one of the natural keys meanwhile.
    """
    noted = [{"community_id": community_id, "transfer_id": head["id"]} for head in stroke.heads]
    given = {lot_id: -part for lot_id, part in stroke.taken.items()}
    parts: list[Part] = [
        Added(_HEADS, stroke.heads, once=True),
        Added(_UNSEALED, stroke.unsealed),
        Added(_UNFOLDED, noted),
        Moved(_BALANCES, "account_id", "balance", _IN_BOUNDS, stroke.deltas),
        Added(_POSTINGS, stroke.postings),
        Added(_LOTS, stroke.lots),
        Moved(_LOTS, "id", "remaining", _IN_THE_LOT, given),
        Added(_USES, stroke.uses),
    ]
    for some in _in_turn(parts, stroke):
        strokes.settle(session)
        strokes.write(session, community_id, some)


def _in_turn(parts: list[Part], stroke: Stroke) -> list[list[Part]]:
    """All parts at once; but a lot of this stroke that is used in it at once (grace that repays a
    debt) has to be there before: one statement does not see its own rows."""
    if stroke.taken.keys().isdisjoint(row["id"] for row in stroke.lots):
        return [parts]
    return [parts[:-2], parts[-2:]]
