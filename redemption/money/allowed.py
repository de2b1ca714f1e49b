"""What a fund may buy, and until when: asked before goods are bought from it.

Invariant: what a fund may not buy is refused before anything is written; goods that were given cost
no fund anything, so no use of it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.errors import Conflict, Invalid
from redemption.models import CATEGORIES, Fund, Goods
from redemption.money.tables import FundUse


def clean(uses: Collection[str]) -> list[str]:
    """The categories in their order, each once; Invalid for one that is none."""
    if set(uses) - set(CATEGORIES):
        raise Invalid(uses=f"want some of {', '.join(CATEGORIES)}")
    return [one for one in CATEGORIES if one in uses]


def keep(session: Session, fund: Fund, uses: Collection[str]) -> None:
    """Write down what a new fund may buy."""
    session.add_all(
        FundUse(community_id=fund.community_id, fund_id=fund.id, category=one) for one in uses
    )
    session.flush()


def of(session: Session, fund: Fund) -> list[str]:
    """The categories that a fund may buy; none of them: it may buy all."""
    found = session.scalars(
        select(FundUse.category).where(
            FundUse.community_id == fund.community_id, FundUse.fund_id == fund.id
        )
    ).all()
    return [one for one in CATEGORIES if one in found]


def refuse_unless(session: Session, fund: Fund, goods: Goods, today: date) -> None:
    """Conflict ``fund_expired`` or ``use_not_allowed``, with what it may buy, and until when."""
    if fund.ends_on is not None and fund.ends_on < today:
        raise Conflict("fund_expired", fund_id=fund.id, ends_on=fund.ends_on)
    uses = of(session, fund)
    if uses and goods.category not in uses:
        raise Conflict("use_not_allowed", fund_id=fund.id, category=goods.category, allowed=uses)
