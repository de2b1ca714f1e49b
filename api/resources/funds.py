"""Funds: the grants, donors and budgets that pay."""

from __future__ import annotations

from api.calls import Ask, call
from api.schemas.goods import FundIn
from api.schemas.shared import Made
from redemption import funds
from redemption.models import Fund


@call("POST", "/funds", who="treasurer", body=FundIn, answer=Made, status=201)
def open_one(ask: Ask) -> Fund:
    """Open a fund."""
    return funds.open_fund(ask.session, actor=ask.actor, at=ask.at, **ask.body)
