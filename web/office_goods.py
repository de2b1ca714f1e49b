"""The office's shelf: goods and deliveries, and the funds that pay for them.

Invariant: money is typed in yuan and handed on in fen, as a whole number.
"""

from __future__ import annotations

from flask import Response, request
from sqlalchemy.orm import Session

from redemption import funds, goods, stock
from redemption.goods import OnShelf
from redemption.models import Fund
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages("manager", "treasurer")
PAGE = 100


@pages.get("/office/goods", roles=("manager", "treasurer", "auditor"))
def shelf(visit: Visit) -> Response:
    """What is on the shelf, and what came in?"""
    before = Fields(request.args).maybe_id("before")

    def find(session: Session) -> tuple[list[OnShelf], list[Fund]]:
        page = goods.listed(session, visit.community_id, at=visit.at, limit=PAGE, before=before)
        return page, funds.listed(session, visit.community_id)

    found, known = visit.read(find)
    return visit.page(
        "office_goods.html",
        office_tabs=TABS,
        goods=found,
        choices=[(one.id, one.name) for one in found],
        funds=[(one.id, one.name) for one in known],
        earlier=found[-1].id if len(found) == PAGE else None,
    )


@pages.post("/office/goods", again=shelf)
def add(visit: Visit) -> Response:
    """Put a new kind of goods on the list."""
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    points = fields.number("points", least=1)
    limit = fields.maybe_number("per_person_limit", least=1)
    fields.done()
    visit.write(
        lambda session: goods.add(
            session,
            actor=visit.actor,
            at=visit.at,
            name=name,
            points=points,
            per_person_limit=limit,
        )
    )
    return visit.go("/office/goods", "saved")


@pages.post("/office/stock", roles=("treasurer",), again=shelf)
def stock_in(visit: Visit) -> Response:
    """Take a delivery in."""
    fields = Fields(request.form)
    goods_id = fields.id("goods_id")
    quantity = fields.number("quantity", least=1)
    fund_id = fields.maybe_id("fund_id")
    cost = fields.fen("unit_cost") or 0
    fields.done()
    visit.write(
        lambda session: stock.receive(
            session,
            actor=visit.actor,
            at=visit.at,
            goods_id=goods_id,
            quantity=quantity,
            fund_id=fund_id,
            unit_cost_fen=cost,
        )
    )
    return visit.go("/office/goods", "saved")


@pages.get("/office/funds", roles=("treasurer", "auditor"))
def all_funds(visit: Visit) -> Response:
    """Who pays?"""
    known = visit.read(lambda session: funds.listed(session, visit.community_id))
    return visit.page("office_funds.html", office_tabs=TABS, funds=known)


@pages.post("/office/funds", roles=("treasurer",), again=all_funds)
def open_fund(visit: Visit) -> Response:
    """Open a fund with its budget of points and its money."""
    fields = Fields(request.form)
    name = fields.text("name", most=60)
    budget = fields.maybe_number("points_budget")
    fen = fields.fen("money") or 0
    fields.done()
    visit.write(
        lambda session: funds.open_fund(
            session,
            actor=visit.actor,
            at=visit.at,
            name=name,
            points_budget=budget,
            fen=fen,
        )
    )
    return visit.go("/office/funds", "saved")
