"""The shop for volunteers: what there is, ordering for oneself, an order and its voucher.

Invariant: the voucher's code is shown to the order's person alone, and only while it can be used.
"""

from __future__ import annotations

from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.errors import Invalid
from people import register
from qr import images
from redemption import goods, orders, queries, wallets
from redemption.goods import OnShelf
from redemption.queries import OrderView
from web.forms import Fields
from web.pages import Pages
from web.prints import drawn
from web.visit import Visit

pages = Pages()
PAGE = 50


@pages.get("/shop")
def shop(visit: Visit) -> Response:
    """What can I have?"""
    shelf, available = visit.read(lambda session: _shelf(session, visit))
    return visit.page(
        "shop.html",
        goods=shelf,
        available=available,
        pickup_days=visit.settings.pickup_days if visit.settings else 0,
        earlier=shelf[-1].id if len(shelf) == PAGE else None,
    )


@pages.get("/shop/order")
def order_form(visit: Visit) -> Response:
    """How many of what?"""
    shelf, available = visit.read(lambda session: _shelf(session, visit))
    chosen = Fields(request.args).maybe_id("goods")
    on_offer = [one for one in shelf if one.available > 0]
    on_offer.sort(key=lambda one: one.id != chosen)
    if chosen is not None and visit.refusal is None:
        on_offer = [one for one in on_offer if one.id == chosen]
    return visit.page("order_form.html", goods=on_offer, available=available, chosen=chosen)


@pages.post("/shop/order", again=order_form)
def order(visit: Visit) -> Response:
    """Set goods aside for oneself."""
    lines = lines_of(Fields(request.form))
    placed = visit.write(
        lambda session: orders.place(
            session, actor=visit.actor, keys=visit.program.keys, at=visit.at, lines=lines
        )
    )
    return visit.go(f"/orders/{placed.id}", "ordered")


@pages.get("/orders/<uuid:order_id>")
def one_order(visit: Visit, order_id: UUID) -> Response:
    """How, until when do I collect it? A clerk sees what and for whom, without the code."""

    def find(session: Session) -> tuple[OrderView, str]:
        found = queries.order(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            order_id=order_id,
        )
        return found, register.person(session, visit.community_id, found.person_id).name

    found, name = visit.read(find)
    mine = found.person_id == visit.me.person_id
    shown = found.voucher if mine and found.status in ("ready", "held") else None
    return visit.page(
        "order.html",
        order=found,
        what=what(found),
        mine=mine,
        for_whom="" if mine else name,
        picture=drawn(visit, shown.token, images.SCREEN) if shown else "",
        typed_code=spaced(shown.code) if shown else "",
        can_cancel=found.status in ("ready", "held") and (mine or visit.holds("clerk")),
        can_return=found.status == "collected" and not mine and visit.holds("clerk"),
    )


@pages.post("/orders/<uuid:order_id>/cancel", again=one_order)
def cancel(visit: Visit, order_id: UUID) -> Response:
    """Give an order up; its points return at once."""
    fields = Fields(request.form)
    reason = fields.maybe_text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: orders.cancel(
            session, actor=visit.actor, at=visit.at, order_id=order_id, reason=reason
        )
    )
    return visit.go(f"/orders/{order_id}", "cancelled")


@pages.post("/orders/<uuid:order_id>/return", again=one_order)
def give_back(visit: Visit, order_id: UUID) -> Response:
    """Take back what was handed over."""
    fields = Fields(request.form)
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: orders.give_back(
            session, actor=visit.actor, at=visit.at, order_id=order_id, reason=reason
        )
    )
    return visit.go(f"/orders/{order_id}", "returned")


def lines_of(fields: Fields) -> list[tuple[UUID, int]]:
    """The lines of an order form: each field ``q-<goods id>`` that is not empty or 0."""
    lines = []
    for name in fields.form:
        if not name.startswith("q-"):
            continue
        quantity = fields.maybe_number(name, most=10_000)
        if quantity:
            lines.append((UUID(name[2:]) if _is_id(name[2:]) else UUID(int=0), quantity))
    fields.done()
    if not lines:
        raise Invalid(lines="nothing_chosen")
    return lines


def what(order: OrderView) -> str:
    """An order in a few words."""
    return "，".join(f"{line.name} × {line.quantity}" for line in order.lines)


def spaced(code: str) -> str:
    """A code in groups of three, as one reads it out."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def _shelf(session: Session, visit: Visit) -> tuple[list[OnShelf], int]:
    before = Fields(request.args).maybe_id("before")
    shelf = goods.listed(session, visit.community_id, at=visit.at, limit=PAGE, before=before)
    wallet = wallets.of(session, visit.community_id, visit.me.person_id, visit.at)
    return shelf, wallet.available


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
