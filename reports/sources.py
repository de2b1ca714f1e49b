"""What each line of a statement is about, in one sentence.

Invariant: a sentence is made from what the line's source stores: the award's steps, the order's
lines, the reason of an adjustment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.models import Transfer
from ledger.views import StatementLine
from redemption import steps
from redemption.models import Goods
from reports import sentences
from shifts.tables.attendance import Award
from treasury import views

_KINDS = {
    "opening": ("期初", "Opening"),
    "award": ("服务积分", "For service"),
    "hold": ("兑换预留", "Set aside for an order"),
    "release": ("取消退回", "Order cancelled, points back"),
    "available": ("公示期满，可以用了", "Public notice over, may be spent"),
    "collect": ("已领取", "Collected"),
    "return": ("退货退回", "Goods returned, points back"),
    "lapse": ("到期", "Lapsed"),
    "adjustment": ("调整", "Adjustment"),
    "reversal": ("冲正", "Reversed"),
    "receipt": ("入库", "Delivery"),
    "write_off": ("核销", "Written off"),
}


def explained(
    session: Session, community_id: UUID, lines: Sequence[StatementLine], language: str
) -> dict[UUID, str]:
    """A sentence for each line, by transfer."""
    awards = _awards(session, community_id, lines, language)
    orders = _orders(session, community_id, lines)
    adjusted = {line.source_id for line in lines if line.source_type == "adjustment"}
    sources = orders | views.reasons_of(session, community_id, adjusted)
    told = {}
    for line in lines:
        kind = _KINDS[what(line)][0 if language == "zh" else 1]
        about = awards.get(line.transfer_id) or sources.get(line.source_id)
        told[line.transfer_id] = f"{kind}: {about}" if about else kind
    return told


def what(line: StatementLine) -> str:
    """The kind of a line as people tell them apart: the end of a notice is no cancelled order."""
    ends_notice = line.kind == "release" and line.source_type != "order"
    return "available" if ends_notice else line.kind


def _awards(
    session: Session, community_id: UUID, lines: Sequence[StatementLine], language: str
) -> dict[UUID, str]:
    """The worked sum of each award and until when it was on notice, also for its reversal."""
    wanted = {line.transfer_id: line.transfer_id for line in lines if line.kind == "award"}
    undone = [line.transfer_id for line in lines if line.kind == "reversal"]
    rows = session.execute(
        select(Transfer.id, Transfer.reverses_id).where(
            Transfer.community_id == community_id, Transfer.id.in_(undone)
        )
    )
    wanted |= {row.id: row.reverses_id for row in rows if row.reverses_id}
    made = session.execute(
        select(Award.transfer_id, Award.steps, Award.available_on).where(
            Award.community_id == community_id, Award.transfer_id.in_(set(wanted.values()))
        )
    )
    sums: dict[Any, str] = {}
    for row in made:
        said = [
            sentences.sum_of(row.steps, language),
            *sentences.notice(row.available_on, language),
        ]
        sums[row.transfer_id] = ("；" if language == "zh" else "; ").join(said)
    return {line: sums[award] for line, award in wanted.items() if award in sums}


def _orders(
    session: Session, community_id: UUID, lines: Sequence[StatementLine]
) -> dict[UUID, str]:
    """The goods of each order."""
    wanted = sorted({line.source_id for line in lines if line.source_type == "order"})
    found = steps.lines_of_all(session, community_id, wanted)
    names = session.execute(
        select(Goods.id, Goods.name).where(
            Goods.community_id == community_id, Goods.id.in_({line.goods_id for line in found})
        )
    )
    by_id = {row.id: row.name for row in names}
    told: dict[UUID, list[str]] = {}
    for line in found:
        told.setdefault(line.order_id, []).append(f"{by_id[line.goods_id]} × {line.quantity}")
    return {order_id: ", ".join(parts) for order_id, parts in told.items()}
