"""The counter: who stands in front, what they get, and whether it may be handed over.

Invariant: names are masked; goods leave only after a code was shown or typed, and after the clerk
has said so on a page that tells what and for whom.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit import tokens
from kit.errors import Conflict, NotAllowed
from people import cards, households, register, roles
from people.models import Person
from qr import codes
from redemption import goods, guesses, orders, proof, queries, vouchers, wallets
from redemption.queries import OrderView
from web import names
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.shop import lines_of, what
from web.visit import Visit

pages = Pages("clerk")
PAGE = 50


@pages.get("/counter")
def counter(visit: Visit) -> Response:
    """Who is next?"""
    card = request.args.get("card")
    if card and visit.refusal is None:
        return _find(visit, card)
    return _counter(visit)


@pages.post("/counter/find", again=counter)
def find(visit: Visit) -> Response:
    """What was scanned or typed: a card, a voucher, its short code, or a name."""
    fields = Fields(request.form)
    typed = fields.text("code", most=300)
    fields.done()
    return _find(visit, typed)


@pages.get("/counter/people/<uuid:person_id>")
def person(visit: Visit, person_id: UUID) -> Response:
    """Order for the person in front."""

    def find_all(session: Session) -> dict[str, Any]:
        one = register.person(session, visit.community_id, person_id)
        roles.require(session, visit.actor, "clerk", unit_id=one.unit_id)
        if households.same(session, visit.community_id, visit.me.person_id, person_id):
            raise NotAllowed("own_approval")
        shelf = goods.listed(session, visit.community_id, at=visit.at, limit=PAGE)
        staff = names.holding(session, visit.community_id, *proof.STAFF)
        wallet = wallets.of(session, visit.community_id, person_id, visit.at)
        return {
            "person": one,
            "goods": [on_shelf for on_shelf in shelf if on_shelf.available],
            "available": wallet.available,
            "next_expiry": wallet.next_expiry,
            "orders": _orders(session, visit, person_id=person_id, status="ready"),
            "staff": [row for row in staff if row[0] not in {visit.me.person_id, person_id}],
        }

    return visit.page("counter_person.html", office_tabs=TABS, **visit.read(find_all))


@pages.post("/counter/people/<uuid:person_id>/orders", again=person)
def order(visit: Visit, person_id: UUID) -> Response:
    """Set goods aside for them by PIN or witness, and ask whether they are handed over."""
    fields = Fields(request.form)
    by_witness = bool(fields.raw("witness_id"))
    pin = None if by_witness else fields.digits("pin", 6)
    witness_id = fields.maybe_id("witness_id")
    witness_pin = fields.digits("witness_pin", 6) if by_witness else None
    lines = lines_of(fields)
    shown = visit.ahead(
        lambda: proof.prove(
            visit.program.database,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            person_id=person_id,
            pin=pin,
            witness_id=witness_id,
            witness_pin=witness_pin,
        )
    )

    def place(session: Session) -> OrderView:
        placed = orders.place(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            lines=lines,
            person_id=person_id,
            shown=shown,
        )
        return _view(session, visit, placed.id)

    placed = visit.write(place)
    return _order(visit, placed.id, placed.voucher.code if placed.voucher else "")


@pages.get("/counter/orders/<uuid:order_id>")
def one_order(visit: Visit, order_id: UUID) -> Response:
    """What, for whom; it is handed over for its code."""
    return _order(visit, order_id, "")


@pages.post("/counter/orders/<uuid:order_id>/collect", again=one_order)
def collect(visit: Visit, order_id: UUID) -> Response:
    """It was handed over."""
    fields = Fields(request.form)
    code = fields.text("code", most=300)
    fields.done()
    parsed = codes.parse(code)
    visit.write(
        lambda session: orders.collect(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            order_id=order_id,
            code=parsed.token if parsed else code,
        )
    )
    return visit.go(f"/counter/orders/{order_id}", "handed_over")


def _find(visit: Visit, typed: str) -> Response:
    """Go to the page of what was read; a code that is none is counted as a wrong one."""
    parsed = codes.parse(typed)
    if parsed is not None and parsed.kind == "card":
        return _find_card(visit, parsed.token)
    if parsed is not None and parsed.kind == "voucher":
        return visit.go(f"/s/{parsed.token}")
    found = visit.read(lambda session: _typed(session, visit, typed))
    if found is not None:
        return _order(visit, found, typed)
    if tokens.typed_whole(typed) is not None:
        _count_guess(visit, "wrong_code")
    return _counter(visit, q=typed[:60])


def _find_card(visit: Visit, token: str) -> Response:
    def look(session: Session) -> UUID | None:
        guesses.refuse_if_over(session, visit.actor, visit.at)
        card = cards.find(session, visit.community_id, token)
        if card is None:
            return None
        if card.revoked_at is not None:
            raise Conflict("card_revoked")
        return card.person_id

    person_id = visit.read(look)
    if person_id is None:
        _count_guess(visit, "bad_code")
    return visit.go(f"/counter/people/{person_id}")


def _count_guess(visit: Visit, code: str) -> None:
    """Refuse a code that is none of ours, and count it, so that nobody guesses for long."""

    def work(session: Session) -> None:
        raise Conflict(code).leaving(guesses.counted(visit.actor, visit.at))

    visit.write(work)


def _typed(session: Session, visit: Visit, typed: str) -> UUID | None:
    """The order whose short code this is, if it looks like one at all."""
    guesses.refuse_if_over(session, visit.actor, visit.at)
    found = vouchers.orders_typed(session, visit.program.keys, visit.community_id, typed)
    return found[0] if found else None


def _counter(visit: Visit, q: str = "") -> Response:
    def find_all(session: Session) -> dict[str, Any]:
        people = _people(session, visit, q) if q else []
        return {"people": people, "orders": _orders(session, visit, status="ready")}

    return visit.page("counter.html", office_tabs=TABS, q=q, **visit.read(find_all))


def _people(session: Session, visit: Visit, q: str) -> list[dict[str, Any]]:
    """People of this name, masked by the page, with the tail of a phone to tell them apart."""
    found = names.named(session, visit.community_id, q, limit=200)
    served = [
        one
        for one in found
        if one.id != visit.me.person_id
        and roles.holds(session, visit.actor, "clerk", unit_id=one.unit_id)
    ]
    return [{"id": one.id, "name": one.name, "hint": _hint(visit, one)} for one in served[:20]]


def _hint(visit: Visit, one: Person) -> str:
    phone = register.phone_of(one, visit.program.keys)
    if phone is None:
        return visit.say("people.no_phone")
    return visit.say("people.tail", tail=phone[-4:])


def _orders(session: Session, visit: Visit, **which: Any) -> list[dict[str, Any]]:
    found = queries.listed(
        session, actor=visit.actor, keys=visit.program.keys, at=visit.at, limit=PAGE, **which
    )
    named = names.of(session, visit.community_id, [one.person_id for one in found])
    return [
        {
            "id": one.id,
            "what": what(one),
            "name": named[one.person_id],
            "points": one.points,
            "status": one.status,
            "lapses_at": one.lapses_at,
        }
        for one in found
    ]


def _view(session: Session, visit: Visit, order_id: UUID) -> OrderView:
    return queries.order(
        session, actor=visit.actor, keys=visit.program.keys, at=visit.at, order_id=order_id
    )


def _order(visit: Visit, order_id: UUID, code: str) -> Response:
    def find_all(session: Session) -> tuple[OrderView, str]:
        found = _view(session, visit, order_id)
        return found, register.person(session, visit.community_id, found.person_id).name

    found, name = visit.read(find_all)
    return visit.page("counter_order.html", office_tabs=TABS, order=found, name=name, code=code)
