"""Who may make which call: one row for every route, tried with every role.

A row names who is *not* answered ``not_allowed``. The captain is that of the shift in question,
``other`` holds the same role and leads another; nobody here is the person the call is about.
"""

from __future__ import annotations

from typing import Any

import pytest

from api import routes
from api.calls import CALLS, Call
from tests import quick
from tests.api import asking
from tests.api.world import Caller, World

ALL = {"volunteer", "captain", "other", "manager", "clerk", "treasurer", "auditor", "admin"}
LEADS = {"captain", "manager"}
BOOKS = {"treasurer", "auditor"}
FINDS = {"captain", "other", "manager", "auditor", "admin"}

RIGHTS: dict[str, set[str]] = {
    "POST /tokens": ALL,
    "GET /me": ALL,
    "PUT /me/password": ALL,
    "GET /me/messages": ALL,
    "POST /me/messages/read": ALL,
    "GET /community": ALL,
    "PATCH /community": {"admin"},
    "POST /people": {"manager"},
    "GET /people": FINDS,
    "GET /people/{person_id}": FINDS,
    "PATCH /people/{person_id}": {"manager", "admin"},
    "POST /people/{person_id}/sign-in-code": {"manager"},
    "PUT /people/{person_id}/pin": {"manager"},
    "GET /people/{person_id}/card": {"manager"},
    "GET /people/{person_id}/card.svg": {"manager"},
    "GET /people/{person_id}/card.png": {"manager"},
    "POST /people/{person_id}/cards": {"manager"},
    "POST /households": {"manager"},
    "POST /units": {"manager", "admin"},
    "GET /units": ALL,
    "GET /units/{unit_id}/people": FINDS,
    "PUT /units/{unit_id}/leaders": {"manager"},
    "POST /units/{unit_id}/members": LEADS | {"other"},
    "DELETE /units/{unit_id}/members/{person_id}": LEADS | {"other"},
    "POST /units/{unit_id}/zones": {"manager"},
    "GET /units/{unit_id}/zones": FINDS,
    "POST /zones/{zone_id}/end": {"manager"},
    "GET /people/{person_id}/zones": FINDS,
    "POST /red-posts": {"manager"},
    "GET /red-posts": ALL,
    "GET /red-posts/{red_post_id}": ALL,
    "POST /activities": {"manager"},
    "GET /activities": ALL,
    "POST /award-rules": {"manager"},
    "GET /award-rules": ALL,
    "POST /award-rules/replay": {"manager"},
    "POST /award-rules/{award_rule_id}/approve": {"manager"},
    "GET /me/calendar": ALL,
    "POST /me/calendar": ALL,
    "DELETE /me/calendar": ALL,
    "GET /red-posts/{red_post_id}/calendar": ALL,
    "POST /red-posts/{red_post_id}/calendar": LEADS | {"other"},
    "DELETE /red-posts/{red_post_id}/calendar": LEADS | {"other"},
    "POST /shift-templates": LEADS | {"other"},
    "GET /shift-templates": ALL,
    "GET /shift-templates/{shift_template_id}": ALL,
    "PATCH /shift-templates/{shift_template_id}": LEADS,
    "POST /shift-templates/{shift_template_id}/end": LEADS,
    "POST /shifts": LEADS | {"other"},
    "GET /shifts": ALL,
    "GET /shifts/{shift_id}": ALL,
    "PATCH /shifts/{shift_id}": LEADS,
    "POST /shifts/{shift_id}/publish": LEADS,
    "POST /shifts/{shift_id}/cancel": LEADS,
    "GET /shifts/{shift_id}/roster": LEADS | {"auditor"},
    "POST /shifts/{shift_id}/head-counts": LEADS,
    "GET /shifts/{shift_id}/move": LEADS | {"auditor"},
    "POST /shifts/{shift_id}/move": LEADS,
    # Of one's own, or of what is on public notice.
    "POST /attendances/{attendance_id}/objections": set(),
    "GET /objections": ALL,
    "GET /objections/{objection_id}": {"manager", "auditor"},
    "POST /objections/{objection_id}/uphold": {"manager"},
    "POST /objections/{objection_id}/reject": {"manager"},
    "POST /objections/{objection_id}/withdraw": set(),
    "GET /objection-counts": ALL,
    "GET /notice-list": ALL,
    "POST /samples": {"manager"},
    "GET /samples": ALL,
    "GET /samples/{sample_id}": ALL,
    "POST /sampled-awards/{sampled_id}/look": {"manager"},
    "GET /shifts/{shift_id}/approve-clean": LEADS | {"auditor"},
    "POST /shifts/{shift_id}/approve-clean": LEADS,
    "GET /shifts/{shift_id}/code": LEADS,
    "GET /shifts/{shift_id}/code.svg": LEADS,
    "GET /shifts/{shift_id}/code.png": LEADS,
    "GET /red-posts/{red_post_id}/poster.svg": LEADS | {"other"},
    "GET /red-posts/{red_post_id}/poster.png": LEADS | {"other"},
    "POST /shifts/{shift_id}/sign-ups": LEADS,
    "POST /sign-ups/{sign_up_id}/stand-in": LEADS,
    "POST /sign-ups/{sign_up_id}/stand-in/accept": set(),
    "GET /me/stand-ins": ALL,
    "PUT /red-posts/{red_post_id}/insurance": {"manager"},
    "POST /activities/{activity_id}/shifts": LEADS | {"other"},
    "POST /sign-ups/{sign_up_id}/withdraw": LEADS,
    "POST /scans": ALL,
    "POST /scans/batch": LEADS | {"other"},
    "POST /attendances": LEADS,
    "GET /attendances": ALL,
    "GET /attendances/by-hand": {"manager", "auditor"},
    "GET /attendances/{attendance_id}": LEADS | {"auditor"},
    # Whoever scanned; here nobody did.
    "POST /attendances/{attendance_id}/undo": set(),
    "POST /attendances/{attendance_id}/breaks": LEADS,
    "POST /attendances/{attendance_id}/go-on": LEADS,
    "POST /attendances/{attendance_id}/breaks/end": LEADS,
    "POST /attendances/{attendance_id}/approve": LEADS,
    "POST /attendances/{attendance_id}/reject": LEADS,
    "POST /attendances/{attendance_id}/amend": LEADS,
    "GET /attendances/{attendance_id}/explanation": BOOKS | {"manager"},
    "POST /approvals": LEADS | {"other"},
    "GET /people/{person_id}/wallet": BOOKS | {"manager"},
    "GET /people/{person_id}/statement": BOOKS | {"manager"},
    "POST /funds": {"treasurer"},
    "GET /funds": BOOKS | {"manager"},
    "POST /funds/{fund_id}/receipts": {"treasurer"},
    "GET /goods/{goods_id}/batches": BOOKS | {"manager", "clerk"},
    "POST /write-offs": {"treasurer", "manager"},
    "POST /stocktakes": {"treasurer", "manager", "clerk"},
    "GET /stock-changes": BOOKS | {"manager", "clerk"},
    "POST /stock-changes/{stock_change_id}/sign": {"treasurer", "manager"},
    "POST /stock-changes/{stock_change_id}/reject": {"treasurer", "manager"},
    "POST /goods": {"treasurer", "manager"},
    "GET /goods": ALL,
    "POST /goods/{goods_id}/receipts": {"treasurer"},
    "POST /orders": {"clerk"},
    "GET /orders": ALL,
    "GET /orders/{order_id}": {"clerk", "auditor"},
    "GET /orders/{order_id}/explanation": BOOKS | {"manager"},
    "GET /orders/{order_id}/voucher.svg": {"clerk"},
    "GET /orders/{order_id}/voucher.png": {"clerk"},
    "POST /orders/{order_id}/approve": {"manager"},
    "POST /orders/{order_id}/voucher/freeze": {"clerk"},
    "POST /orders/{order_id}/voucher/free": {"clerk"},
    "POST /orders/{order_id}/voucher/reissue": {"clerk"},
    "POST /orders/{order_id}/collect": {"clerk"},
    "POST /orders/{order_id}/cancel": {"clerk"},
    "POST /orders/{order_id}/return": {"clerk"},
    "GET /ledger/accounts": BOOKS,
    "GET /ledger/transfers": BOOKS,
    "GET /ledger/transfers/{transfer_id}": BOOKS,
    "GET /ledger/lots/{lot_id}": BOOKS,
    "GET /ledger/trial-balance": BOOKS,
    "POST /ledger/transfers/{transfer_id}/reverse": {"treasurer"},
    "POST /ledger/adjustments": {"treasurer"},
    "GET /ledger/adjustments": BOOKS,
    "GET /ledger/adjustments/{adjustment_id}": BOOKS,
    "POST /ledger/adjustments/{adjustment_id}/approve": {"treasurer"},
    "POST /ledger/adjustments/{adjustment_id}/reject": {"treasurer"},
    "POST /ledger/adjustments/{adjustment_id}/withdraw": {"treasurer"},
    "POST /ledger/periods": {"treasurer"},
    "GET /ledger/periods": BOOKS,
    "GET /ledger/check": BOOKS,
    "GET /audit": {"auditor", "admin"},
    "DELETE /tokens/current": ALL,
}


@pytest.fixture
def busy(world: World) -> World:
    """The world with one of each thing, and a captain of no shift in question."""
    asking.furnish(world)
    world.join("other", "captain")
    return world


def test_every_route_has_its_row() -> None:
    routes.load()
    assert set(RIGHTS) == {f"{call.method} {call.path}" for call in CALLS}


def test_each_role_may_make_the_calls_of_its_rows_and_no_other(
    busy: World, engine_name: str
) -> None:
    bodies = asking.bodies(busy)
    calls = {f"{call.method} {call.path}": call for call in CALLS}
    wrong = []
    for turn, (name, allowed) in enumerate(RIGHTS.items()):
        call = calls[name]
        for role in _tried(turn, allowed, engine_name):
            answer = _send(busy[role], busy, call, bodies.get((call.method, call.path)))
            refused = answer.status_code == 403 and (answer.json or {}).get("code") == "not_allowed"
            # Who may is answered as the state of things has it, but never as our own mistake.
            if refused == (role in allowed) or answer.status_code >= 500:
                wrong.append(f"{name} by {role}: {answer.status_code} {answer.data[:160]!r}")
    assert wrong == []


def _tried(turn: int, allowed: set[str], engine_name: str) -> list[str]:
    """All roles; on the second engine one that may and one that may not, in turn.

    Who may is asked by the program, before anything of the engine; the proof ``rights`` tries all.
    """
    sides = [sorted(allowed), sorted(ALL - allowed)]
    if engine_name == "sqlite" or quick.LONG:
        return [*sides[0], *sides[1]]
    return [side[turn % len(side)] for side in sides if side]


def test_no_call_but_signing_in_is_made_without_a_token(busy: World) -> None:
    bodies = asking.bodies(busy)
    for call in CALLS:
        answer = _send(busy.anybody(), busy, call, bodies.get((call.method, call.path)))
        assert answer.status_code == 401, call.path
        code = "wrong_credentials" if call.anyone else "not_signed_in"
        assert answer.json is not None
        assert answer.json["code"] == code


def test_everybody_sees_and_decides_for_themself(busy: World) -> None:
    resident, things = busy["resident"], busy.things
    for path in (
        f"/people/{resident.id}",
        "/people/me/card",
        "/people/me/card.svg",
        "/people/me/card.png",
        "/people/me/wallet",
        f"/people/{resident.id}/statement",
        f"/attendances/{things['award']}",
        f"/attendances/{things['award']}/explanation",
        f"/orders/{things['order']}",
        f"/orders/{things['order']}/voucher.svg",
        f"/orders/{things['order']}/voucher.png",
    ):
        assert resident.get(path).status_code == 200, path
    assert resident.send("PUT", "/people/me/pin", {"pin": "111111"}).status_code == 204
    assert resident.post(f"/sign-ups/{things['sign_up']}/withdraw").status_code == 200
    cancel = f"/orders/{things['order']}/cancel"
    assert resident.post(cancel, {"reason": "not now"}).status_code == 200


def test_signing_out_and_losing_a_role_take_effect_at_once(busy: World) -> None:
    clerk, admin = busy["clerk"], busy["admin"]
    path = f"/orders/{busy.things['order']}"
    assert clerk.get(path).status_code == 200
    changed = busy["manager"].send("PATCH", f"/people/{clerk.id}", {"roles": []})
    assert changed.status_code == 200
    assert clerk.get(path).status_code == 403
    gone = admin.send("PATCH", f"/people/{busy['volunteer'].id}", {"active": False})
    assert gone.status_code == 200
    assert busy["volunteer"].get("/me").status_code == 401


def test_only_an_admin_grants_the_trusted_roles(busy: World) -> None:
    path = f"/people/{busy['passer'].id}"
    for role in ("manager", "treasurer", "auditor", "admin"):
        answer = busy["manager"].send("PATCH", path, {"roles": [role]})
        assert answer.status_code == 403, role
        assert busy["admin"].send("PATCH", path, {"roles": [role]}).status_code == 200
    own = busy["admin"].send("PATCH", f"/people/{busy['admin'].id}", {"roles": ["treasurer"]})
    assert own.status_code == 403


def _send(caller: Caller, world: World, call: Call, body: Any) -> Any:
    return caller.send(call.method, asking.path_of(world, call.path), body)
