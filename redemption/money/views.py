"""What is shown of funds: the money they have left, and what they may buy until when.

Invariant: the money is the guarded balance of the books; reads only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.actor import Actor
from ledger import accounts, statements
from people import roles
from redemption.models import Fund
from redemption.money import allowed

READERS = ("treasurer", "manager", "auditor")


@dataclass(frozen=True)
class FundView:
    """A fund as api and web show it."""

    id: UUID
    name: str
    points_budget: int | None
    fen: int
    uses: list[str]
    ends_on: date | None


def listed(
    session: Session, *, actor: Actor, limit: int, before: UUID | None = None
) -> list[FundView]:
    """Funds older than ``before``, newest first. Raises NotAllowed."""
    roles.require(session, actor, *READERS)
    query = select(Fund).where(Fund.community_id == actor.community_id)
    if before is not None:
        query = query.where(Fund.id < before)
    found = session.scalars(query.order_by(Fund.id.desc()).limit(limit)).all()
    purses = {fund.id: accounts.fund_fen(fund.id) for fund in found}
    left = statements.available_of(session, actor.community_id, purses.values())
    return [
        FundView(
            id=fund.id,
            name=fund.name,
            points_budget=fund.points_budget,
            fen=left[purses[fund.id]],
            uses=allowed.of(session, fund),
            ends_on=fund.ends_on,
        )
        for fund in found
    ]
