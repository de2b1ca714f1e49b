"""Orders: goods held for a person until collected, cancelled or lapsed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from api import cursors
from api.calls import Ask, Page, call
from api.schemas.goods import CollectIn, OrderIn, OrderOut, OrdersQuery, VoucherOut
from api.schemas.shared import Reason
from kit.errors import Invalid
from qr import images
from redemption import approving, orders, proof, queries
from redemption.queries import OrderView


def told(ask: Ask, view: OrderView) -> dict[str, Any]:
    """An order as the API shows it: the voucher with the address its QR code carries."""
    facts = {name: getattr(view, name) for name in view.__dataclass_fields__}
    if view.voucher is not None:
        address = images.url(ask.program.base_url, view.voucher.token)
        facts["voucher"] = {
            "code": view.voucher.code,
            "token": view.voucher.token,
            "url": address,
            "frozen": view.voucher.frozen,
        }
    return facts


def shown(ask: Ask, order_id: UUID) -> dict[str, Any]:
    """The order with this id, as its person, a clerk or an auditor may see it."""
    view = queries.order(
        ask.session, actor=ask.actor, keys=ask.program.keys, at=ask.at, order_id=order_id
    )
    return told(ask, view)


def _voucher(ask: Ask, answer: Mapping[str, Any]) -> Any:
    """The voucher of a stored answer, made again from the row."""
    found = shown(ask, UUID(answer["id"]))["voucher"]
    return None if found is None else VoucherOut().dump(found)


REMADE = {"voucher": _voucher}


def _prove(ask: Ask) -> proof.Proof:
    """Try the PIN of an order for somebody else; it is slow, and counted whatever follows."""
    facts = dict(ask.body)
    _lines(facts)
    database, keys = ask.program.database, ask.program.keys
    return proof.prove(database, actor=ask.actor, keys=keys, at=ask.at, **facts)


@call(
    "POST",
    "/orders",
    who="volunteer (self), clerk",
    body=OrderIn,
    answer=OrderOut,
    status=201,
    before=_prove,
    remade=REMADE,
)
def place(ask: Ask) -> dict[str, Any]:
    """Order goods for oneself, or as a clerk for another person."""
    facts = dict(ask.body)
    lines = _lines(facts)
    made = orders.place(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        lines=lines,
        person_id=facts["person_id"],
        shown=ask.made,
    )
    return shown(ask, made.id)


@call(
    "GET",
    "/orders",
    who="self, clerk, auditor (without voucher)",
    query=OrdersQuery,
    answer=OrderOut,
    paged=True,
)
def listed(ask: Ask) -> Page:
    """Orders, newest first: everybody's for a clerk or auditor, else one's own."""
    page = cursors.page(
        ask,
        lambda limit, before: queries.listed(
            ask.session,
            actor=ask.actor,
            keys=ask.program.keys,
            at=ask.at,
            limit=limit,
            before=before,
            status=ask.query.get("status"),
            person_id=ask.query.get("person_id"),
        ),
    )
    return Page([told(ask, view) for view in page.items], page.last)


@call("GET", "/orders/{order_id}", who="self, clerk, auditor (without voucher)", answer=OrderOut)
def show(ask: Ask) -> dict[str, Any]:
    """One order."""
    return shown(ask, ask.ids["order_id"])


@call(
    "POST",
    "/orders/{order_id}/approve",
    who="manager, not the person, who placed it, or their households",
    answer=OrderOut,
    remade=REMADE,
)
def approve(ask: Ask) -> dict[str, Any]:
    """The second person's yes to an order above the limit: it may be collected."""
    done = approving.approve(ask.session, actor=ask.actor, at=ask.at, order_id=ask.ids["order_id"])
    return shown(ask, done.id)


@call(
    "POST",
    "/orders/{order_id}/collect",
    who="clerk",
    body=CollectIn,
    answer=OrderOut,
    remade=REMADE,
)
def collect(ask: Ask) -> dict[str, Any]:
    """Hand the order over for its code."""
    done = orders.collect(
        ask.session,
        actor=ask.actor,
        keys=ask.program.keys,
        at=ask.at,
        order_id=ask.ids["order_id"],
        code=ask.body["code"],
    )
    return shown(ask, done.id)


@call(
    "POST",
    "/orders/{order_id}/cancel",
    who="self, clerk",
    body=Reason,
    answer=OrderOut,
    remade=REMADE,
)
def cancel(ask: Ask) -> dict[str, Any]:
    """Give the order up; points and goods go back."""
    done = orders.cancel(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        order_id=ask.ids["order_id"],
        reason=ask.body["reason"],
    )
    return shown(ask, done.id)


@call(
    "POST",
    "/orders/{order_id}/return",
    who="clerk",
    body=Reason,
    answer=OrderOut,
    remade=REMADE,
)
def give_back(ask: Ask) -> dict[str, Any]:
    """Take a collected order back."""
    done = orders.give_back(
        ask.session,
        actor=ask.actor,
        at=ask.at,
        order_id=ask.ids["order_id"],
        reason=ask.body["reason"],
    )
    return shown(ask, done.id)


def _lines(facts: dict[str, Any]) -> list[tuple[UUID, int]]:
    """The order's lines in either form; Invalid where neither or both are given."""
    lines = facts.pop("lines", None)
    single = (facts.pop("goods_id", None), facts.pop("quantity", None))
    if (lines is None) == (single == (None, None)):
        raise Invalid(lines="one_of_two:lines:goods_id, quantity")
    if lines is not None:
        return [(line["goods_id"], line["quantity"]) for line in lines]
    goods_id, quantity = single
    if goods_id is None or quantity is None:
        raise Invalid(**{"goods_id" if goods_id is None else "quantity": "missing"})
    return [(goods_id, quantity)]
