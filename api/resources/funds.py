"""Funds: the grants, donors and budgets that pay; their money, and what it may buy."""

from __future__ import annotations

from api import cursors
from api.calls import Ask, Page, call
from api.queries import PageQuery
from api.schemas.goods import FundIn, FundOut, MoneyIn, MoneyOut
from api.schemas.shared import Made
from redemption import funds
from redemption.models import Fund
from redemption.money import income, views
from redemption.money.tables import FundReceipt


@call("POST", "/funds", who="treasurer", body=FundIn, answer=Made, status=201)
def open_one(ask: Ask) -> Fund:
    """Open a fund."""
    return funds.open_fund(ask.session, actor=ask.actor, at=ask.at, **ask.body)


@call(
    "GET",
    "/funds",
    who="treasurer, manager, auditor",
    query=PageQuery,
    answer=FundOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """Funds with the money they have left, newest first."""
    return cursors.page(
        ask,
        lambda limit, before: views.listed(
            ask.session, actor=ask.actor, limit=limit, before=before
        ),
    )


@call(
    "POST",
    "/funds/{fund_id}/receipts",
    who="treasurer",
    body=MoneyIn,
    answer=MoneyOut,
    status=201,
)
def receive(ask: Ask) -> FundReceipt:
    """Book money that came in for a fund."""
    return income.receive(
        ask.session, actor=ask.actor, at=ask.at, fund_id=ask.ids["fund_id"], **ask.body
    )
