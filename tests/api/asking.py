"""One well-formed request for every call of the API, over a world that has one of each thing.

Invariant: a call that is not here fails the tests that go through all of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from audit.actor import system
from shifts.review import samples
from tests.api import things as made_first
from tests.api.things import answered as _made
from tests.api.world import World
from tests.factories import AT

Body = dict[str, Any]

PHONE = "13700000001"
FROM, TO = "2026-11-22T11:00:00+08:00", "2026-11-22T14:00:00+08:00"
EARLIER = "2026-11-22T13:00:00+08:00"
WHY = {"reason": "a slip of the pen"}


def furnish(world: World) -> None:
    """What the requests are about: a resident with hours, points, orders and a PIN."""
    world.join("resident", phone=PHONE)
    world.join("passer")
    manager, captain, clerk = world["manager"], world["captain"], world["clerk"]
    resident = str(world["resident"].id)
    rule = {"name": "Rule", "points_per_hour": 90, "effective_from": "2026-11-22"}
    _made(manager.post("/award-rules", rule))
    waiting = made_first.waiting_rule(world)
    world["resident"].send("PUT", "/people/me/pin", {"pin": "246810"})
    award = _entry(world, captain, resident)
    _made(manager.post(f"/attendances/{award}/approve"))
    found = world["auditor"].get(f"/ledger/transfers?source=attendance:{award}").json
    assert found is not None
    things = {"award": award, "transfer": found["items"][0]["id"], "award_rule": waiting}
    chain = world["auditor"].get(f"/attendances/{award}/explanation").json
    assert chain is not None
    things["lot"] = chain["chain"]["awards"][0]["lots"][0]["lot_id"]
    goods = str(world.things["goods"])
    for name in ("order", "collected_order", "cancelled_order"):
        made = _made(world["resident"].post("/orders", {"goods_id": goods, "quantity": 1}))
        things[name], things[f"{name}_code"] = made["id"], made["voucher"]["code"]
    things |= made_first.held_order(world, goods)
    counted = {"lines": [{"goods_id": goods, "counted": 49}], **WHY}
    for name in ("stocktake", "rejected_stocktake"):
        things[name] = _made(world["first"].post("/stocktakes", counted))["id"]
    things["fund"] = _made(world["treasurer"].post("/funds", {"name": "Donor"}))["id"]
    code = {"code": things["collected_order_code"]}
    _made(clerk.post(f"/orders/{things['collected_order']}/collect", code))
    for name in ("approved", "rejected", "amended", "together"):
        person = world.join(f"for {name}")
        things[name] = _entry(world, captain, str(person.id))
    for name in ("cancelled_shift", "draft_shift", "signed_shift"):
        things[name] = _shift(world, draft=name == "draft_shift")
    plan = _made(manager.post("/shift-templates", template(world)))
    things["shift_template"] = plan["id"]
    things["activity"] = _made(manager.post("/activities", {"name": "Fair"}))["id"]
    things |= made_first.squad(manager, resident)
    # Read and taken away by some of the calls.
    _made(manager.post("/me/calendar"))
    _made(manager.post(f"/red-posts/{world.things['red_post']}/calendar"))
    path = f"/shifts/{things['signed_shift']}/sign-ups"
    things["sign_up"] = _made(manager.post(path, {"person_id": resident}))["id"]
    world.things |= things | made_first.adjustments(world, resident) | _reviews(world, things)


def _reviews(world: World, things: Body) -> Body:
    """Objections, a sample that was drawn, and a shift that should have been another."""
    made: Body = {}
    for name, line in (("objection", "award"), ("rejected_objection", "approved")):
        whose = world["resident" if line == "award" else f"for {line}"]
        made[name] = _made(whose.post(f"/attendances/{things[line]}/objections", WHY))["id"]
    drawn = world.write(
        lambda session: (
            samples.draw(
                session,
                actor=system(world.community_id, "tick"),
                at=AT + timedelta(days=2),
                awarded_on=AT.date(),
            ).id
        )
    )
    told = _made(world["auditor"].get(f"/samples/{drawn}"))
    made |= {"sample": drawn, "sampled": told["lines"][0]["id"]}
    wrong = shift(world) | {"starts_at": FROM, "ends_at": TO}
    made["moved_shift"] = _made(world["manager"].post("/shifts", wrong))["id"]
    stay = attendance(world) | {"shift_id": made["moved_shift"]}
    person_id = str(world.join("for moved").id)
    _made(world["captain"].post("/attendances", stay | {"person_id": person_id}))
    return made


def _entry(world: World, by: Any, person_id: str) -> str:
    body = attendance(world) | {"person_id": person_id}
    return str(_made(by.post("/attendances", body))["id"])


def _shift(world: World, *, draft: bool) -> str:
    return str(_made(world["manager"].post("/shifts", shift(world) | {"draft": draft}))["id"])


def attendance(world: World) -> Body:
    """A stay to enter by hand."""
    return {
        "shift_id": str(world.things["shift"]),
        "person_id": str(world["passer"].id),
        "checked_in_at": FROM,
        "checked_out_at": TO,
        **WHY,
    }


def shift(world: World) -> Body:
    """A shift to make."""
    return {
        "red_post_id": str(world.things["red_post"]),
        "title": "Night round",
        "starts_at": "2026-11-24T20:00:00+08:00",
        "ends_at": "2026-11-24T23:00:00+08:00",
        "seats": 5,
        "captain_id": str(world["captain"].id),
        "deputy_ids": [],
    }


def stall(world: World) -> Body:
    """Ten minutes at a stall of an activity."""
    times = {"starts_at": "2026-12-01T09:00:00+08:00", "ends_at": "2026-12-01T09:10:00+08:00"}
    return {"title": "Stall 1", "captain_id": str(world["captain"].id), **times}


def template(world: World) -> Body:
    """A plan for some nights of a month."""
    return {
        "red_post_id": str(world.things["red_post"]),
        "title": "First Friday",
        "weekdays": [5],
        "weeks": [1],
        "starts": "20:00",
        "minutes": 180,
        "valid_from": "2026-11-01",
        "seats_min": 2,
        "captain_id": str(world["captain"].id),
    }


def paths(world: World) -> dict[str, str]:
    """What stands in for each id of a path, unless the call needs another thing."""
    of = world.things
    return {
        "person_id": str(world["resident"].id),
        "shift_id": str(of["shift"]),
        "shift_template_id": str(of["shift_template"]),
        "activity_id": str(of["activity"]),
        "sign_up_id": str(of["sign_up"]),
        "unit_id": str(of["unit"]),
        "zone_id": str(of["zone"]),
        "red_post_id": str(of["red_post"]),
        "attendance_id": str(of["award"]),
        "order_id": str(of["order"]),
        "goods_id": str(of["goods"]),
        "fund_id": str(of["fund"]),
        "stock_change_id": str(of["stocktake"]),
        "transfer_id": str(of["transfer"]),
        "lot_id": str(of["lot"]),
        "adjustment_id": str(of["adjustment"]),
        "award_rule_id": str(of["award_rule"]),
        "objection_id": str(of["objection"]),
        "sample_id": str(of["sample"]),
        "sampled_id": str(of["sampled"]),
    }


#: calls whose path needs a thing of its own
SPECIAL = {
    "/shifts/{shift_id}/move": ("shift_id", "moved_shift"),
    "/objections/{objection_id}/reject": ("objection_id", "rejected_objection"),
    "/shifts/{shift_id}/cancel": ("shift_id", "cancelled_shift"),
    "/shifts/{shift_id}/publish": ("shift_id", "draft_shift"),
    "/shifts/{shift_id}": ("shift_id", "signed_shift"),
    "/shifts/{shift_id}/sign-ups": ("shift_id", "signed_shift"),
    "/attendances/{attendance_id}/approve": ("attendance_id", "approved"),
    "/attendances/{attendance_id}/reject": ("attendance_id", "rejected"),
    "/attendances/{attendance_id}/amend": ("attendance_id", "amended"),
    "/stock-changes/{stock_change_id}/reject": ("stock_change_id", "rejected_stocktake"),
    "/orders/{order_id}/approve": ("order_id", "held_order"),
    "/orders/{order_id}/voucher/freeze": ("order_id", "held_order"),
    "/orders/{order_id}/voucher/free": ("order_id", "held_order"),
    "/orders/{order_id}/voucher/reissue": ("order_id", "held_order"),
    "/orders/{order_id}/cancel": ("order_id", "cancelled_order"),
    "/orders/{order_id}/return": ("order_id", "collected_order"),
    "/ledger/adjustments/{adjustment_id}/reject": ("adjustment_id", "rejected_adjustment"),
    "/ledger/adjustments/{adjustment_id}/withdraw": ("adjustment_id", "own_adjustment"),
}


def path_of(world: World, path: str) -> str:
    """The call's path with ids of this world."""
    ids = paths(world)
    if path in SPECIAL:
        name, thing = SPECIAL[path]
        ids[name] = str(world.things[thing])
    return path.format(**ids)


def bodies(world: World) -> dict[tuple[str, str], Body]:
    """A good body for each call that takes one, in an order in which each of them succeeds."""
    resident, passer = str(world["resident"].id), str(world["passer"].id)
    night = {"from": "22:00", "to": "06:00", "points_per_hour": 90}
    return {
        ("POST", "/tokens"): {"phone": PHONE, "password": "not the password"},
        ("PUT", "/me/password"): {"old": "not the password", "new": "quite a long one"},
        ("PATCH", "/community"): {"pickup_days": 10, "approval_tiers_hours": [8, 12]},
        ("POST", "/people"): {"name": "Xu Le", "birth_year": 1950, "phone": "13700000009"},
        ("PATCH", "/people/{person_id}"): {"name": "Xu Lan", "roles": [], "active": True},
        ("POST", "/people/{person_id}/sign-in-code"): {},
        ("PUT", "/people/{person_id}/pin"): {"pin": "246810"},
        ("POST", "/people/{person_id}/cards"): dict(WHY),
        ("POST", "/households"): {"person_ids": [resident, passer]},
        ("POST", "/units"): {"name": "Grid 1", "kind": "grid"},
        ("PUT", "/units/{unit_id}/leaders"): {"person_ids": [passer]},
        ("POST", "/units/{unit_id}/members"): {"person_id": passer},
        ("DELETE", "/units/{unit_id}/members/{person_id}"): {},
        ("POST", "/units/{unit_id}/zones"): {
            "person_id": passer,
            "place": "No. 3",
            "begins_on": "2026-11-01",
        },
        ("POST", "/zones/{zone_id}/end"): {"last_on": "2026-11-30"},
        ("POST", "/red-posts"): {"name": "West gate", "kind": "patrol", "place": "by the tree"},
        ("POST", "/activities"): {"name": "Clean day"},
        ("POST", "/award-rules"): {
            "name": "Rule",
            "points_per_hour": 30,
            "round_down_minutes": 30,
            "min_minutes": 30,
            "daily_cap_points": 100,
            "night": night,
            "effective_from": "2026-12-01",
        },
        ("POST", "/award-rules/{award_rule_id}/approve"): {},
        ("POST", "/award-rules/replay"): {
            "name": "Rule",
            "points_per_hour": 30,
            "effective_from": "2026-11-01",
            "since": "2026-11-01",
            "until": "2026-11-22",
        },
        **_presence(world),
        **_shelf(world),
        **_treasury(resident),
        ("DELETE", "/tokens/current"): {},
    }


def _presence(world: World) -> dict[tuple[str, str], Body]:
    scan = {"token": "E" + "0" * 16, "nonce": "n-1", "device": {"id": "phone", "seq": 1}}
    together = [str(world.things["together"])]
    return {
        ("POST", "/shifts"): shift(world),
        ("PUT", "/red-posts/{red_post_id}/insurance"): {"until": "2027-11-22", "note": "No. 7"},
        ("POST", "/activities/{activity_id}/shifts"): {"shifts": [stall(world)]},
        ("POST", "/sign-ups/{sign_up_id}/stand-in"): {"person_id": str(world["passer"].id)},
        ("POST", "/sign-ups/{sign_up_id}/stand-in/accept"): {},
        ("POST", "/me/calendar"): {},
        ("DELETE", "/me/calendar"): {},
        ("POST", "/red-posts/{red_post_id}/calendar"): {},
        ("DELETE", "/red-posts/{red_post_id}/calendar"): {},
        ("POST", "/shift-templates"): template(world),
        ("PATCH", "/shift-templates/{shift_template_id}"): {"starts": "21:00", "weekdays": [4]},
        ("POST", "/shift-templates/{shift_template_id}/end"): {"last_on": "2026-11-30"},
        ("PATCH", "/shifts/{shift_id}"): {"title": "Late round", "seats": 6},
        ("POST", "/shifts/{shift_id}/publish"): {},
        ("POST", "/shifts/{shift_id}/cancel"): dict(WHY),
        ("POST", "/shifts/{shift_id}/head-counts"): {"counted": 3},
        ("POST", "/shifts/{shift_id}/approve-clean"): {},
        ("POST", "/shifts/{shift_id}/move"): {"to_shift_id": str(world.things["shift"]), **WHY},
        ("POST", "/sampled-awards/{sampled_id}/look"): {"outcome": "confirmed"},
        ("POST", "/attendances/{attendance_id}/objections"): dict(WHY),
        ("POST", "/objections/{objection_id}/uphold"): {"checked_out_at": EARLIER, **WHY},
        ("POST", "/objections/{objection_id}/reject"): dict(WHY),
        ("POST", "/objections/{objection_id}/withdraw"): {},
        ("POST", "/samples"): {"awarded_on": "2026-11-21"},
        ("POST", "/shifts/{shift_id}/sign-ups"): {"person_id": str(world["passer"].id)},
        ("POST", "/sign-ups/{sign_up_id}/withdraw"): dict(WHY),
        ("POST", "/scans"): scan,
        ("POST", "/scans/batch"): {"scans": [scan]},
        ("POST", "/attendances"): attendance(world),
        ("POST", "/attendances/{attendance_id}/approve"): {},
        ("POST", "/attendances/{attendance_id}/reject"): dict(WHY),
        ("POST", "/attendances/{attendance_id}/amend"): {"checked_in_at": FROM, **WHY},
        ("POST", "/approvals"): {"attendance_ids": together, "mode": "each"},
        ("POST", "/attendances/{attendance_id}/undo"): {},
        ("POST", "/attendances/{attendance_id}/go-on"): {},
        ("POST", "/attendances/{attendance_id}/breaks"): {},
        ("POST", "/attendances/{attendance_id}/breaks/end"): {},
        ("POST", "/me/messages/read"): {},
    }


def _treasury(person_id: str) -> dict[tuple[str, str], Body]:
    asked: Body = {"person_id": person_id, "points": -5, "kind": "adjustment", **WHY}
    return {
        ("POST", "/ledger/adjustments"): asked | {"effective_on": "2026-11-21"},
        ("POST", "/ledger/adjustments/{adjustment_id}/approve"): {},
        ("POST", "/ledger/adjustments/{adjustment_id}/reject"): dict(WHY),
        ("POST", "/ledger/adjustments/{adjustment_id}/withdraw"): {},
        ("POST", "/ledger/periods"): {"ends_on": "2026-10-31"},
    }


def _shelf(world: World) -> dict[tuple[str, str], Body]:
    line = {"goods_id": str(world.things["goods"]), "quantity": 1}
    resident = str(world["resident"].id)
    order: Body = {"lines": [line], "person_id": resident, "pin": "246810"}
    return {
        ("POST", "/funds"): {"name": "Grant", "points_budget": 1000, "fen": 500, "uses": ["food"]},
        ("POST", "/funds/{fund_id}/receipts"): {"fen": 500, "reason": "second instalment"},
        ("POST", "/goods"): {
            "name": "Oil",
            "points": 90,
            "per_person_limit": 2,
            "category": "food",
        },
        ("POST", "/goods/{goods_id}/receipts"): {"quantity": 5, "unit_cost_fen": 0},
        ("POST", "/orders"): order,
        ("POST", "/write-offs"): {**line, **WHY},
        ("POST", "/stocktakes"): {"lines": [{"goods_id": line["goods_id"], "counted": 40}], **WHY},
        ("POST", "/stock-changes/{stock_change_id}/sign"): {},
        ("POST", "/stock-changes/{stock_change_id}/reject"): dict(WHY),
        ("POST", "/orders/{order_id}/approve"): {},
        ("POST", "/orders/{order_id}/voucher/freeze"): {},
        ("POST", "/orders/{order_id}/voucher/free"): {},
        ("POST", "/orders/{order_id}/voucher/reissue"): dict(WHY),
        ("POST", "/orders/{order_id}/collect"): {"code": str(world.things["order_code"])},
        ("POST", "/orders/{order_id}/cancel"): dict(WHY),
        ("POST", "/orders/{order_id}/return"): dict(WHY),
        ("POST", "/ledger/transfers/{transfer_id}/reverse"): dict(WHY),
    }
