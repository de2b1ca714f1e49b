"""What the calls of the shop answer: large orders, seen codes, batches, write-offs and counts."""

from typing import Any

from werkzeug.test import TestResponse

from tests.api import asking
from tests.api.world import World


def _done(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def test_an_order_above_the_limit_and_a_code_that_was_seen(world: World) -> None:
    asking.furnish(world)
    volunteer, clerk, goods = world["resident"], world["clerk"], str(world.things["goods"])
    _done(world["admin"].send("PATCH", "/community", {"order_approval_above": 70}))
    made = _done(volunteer.post("/orders", {"goods_id": goods, "quantity": 2}), 201)
    path, code = f"/orders/{made['id']}", {"code": made["voucher"]["code"]}
    assert (made["status"], made["held_above"]) == ("held", 70)
    assert clerk.post(f"{path}/collect", code).status_code == 409
    waiting = _done(world["manager"].get("/orders?status=held"))["items"]
    assert (waiting[0]["id"], waiting[0]["voucher"]) == (made["id"], None)
    assert clerk.post(f"{path}/approve").status_code == 403
    approved = _done(world["manager"].post(f"{path}/approve"))
    assert (approved["status"], approved["approved_by"]) == ("ready", str(world["manager"].id))
    frozen = _done(volunteer.post(f"{path}/voucher/freeze"))
    assert frozen["voucher"]["frozen"] is True
    assert clerk.post(f"{path}/collect", code).status_code == 409
    again = _done(clerk.post(f"{path}/voucher/reissue", {"reason": "seen by others"}))
    refused = clerk.post(f"{path}/collect", code)
    assert refused.json is not None
    assert refused.json["code"] == "voucher_void"
    _done(volunteer.post(f"{path}/voucher/freeze"))
    _done(clerk.post(f"{path}/voucher/free"))
    done = _done(clerk.post(f"{path}/collect", {"code": again["voucher"]["code"]}))
    assert done["status"] == "collected"


def test_a_grant_that_comes_in_parts_and_what_it_may_buy(world: World) -> None:
    treasurer = world["treasurer"]
    body = {"name": "Grant 2027", "uses": ["food"], "ends_on": "2027-12-31"}
    fund = _done(treasurer.post("/funds", body), 201)["id"]
    money = {"fen": 1_000, "reason": "first instalment"}
    _done(treasurer.post(f"/funds/{fund}/receipts", money), 201)
    goods = {"name": "Soap", "points": 20, "category": "household"}
    soap = _done(treasurer.post("/goods", goods), 201)["id"]
    oil = _done(treasurer.post("/goods", goods | {"name": "Oil", "category": "food"}), 201)["id"]
    bought = {"quantity": 3, "fund_id": fund, "total_fen": 1_000, "best_before": "2026-12-24"}
    refused = treasurer.post(f"/goods/{soap}/receipts", bought)
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (409, "use_not_allowed")
    told = _done(treasurer.post(f"/goods/{oil}/receipts", bought), 201)
    assert (told["unit_cost_fen"], told["kind"]) == (333, "purchase")
    batches = _done(treasurer.get(f"/goods/{oil}/batches?limit=1"))
    rest = _done(treasurer.get(f"/goods/{oil}/batches?cursor={batches['next']}"))
    shown = [*batches["items"], *rest["items"]]
    assert [(one["remaining"], one["unit_cost_fen"]) for one in shown] == [(2, 333), (1, 334)]
    funds = _done(world["auditor"].get("/funds"))["items"]
    assert (funds[0]["fen"], funds[0]["uses"]) == (0, ["food"])


def test_what_breaks_and_what_a_count_finds(world: World) -> None:
    treasurer, manager, goods = world["treasurer"], world["manager"], str(world.things["goods"])
    body = {"goods_id": goods, "quantity": 2, "reason": "torn bags"}
    done = _done(treasurer.post("/write-offs", body), 201)
    assert (done["status"], done["lines"][0]["difference"]) == ("signed", -2)
    wanted = {"second_signature": {"award_rules": False, "write_offs": True}}
    _done(world["admin"].send("PATCH", "/community", wanted))
    waits = _done(treasurer.post("/write-offs", body), 201)
    own = treasurer.post(f"/stock-changes/{waits['id']}/sign")
    assert own.json is not None
    assert (own.status_code, own.json["code"]) == (403, "own_approval")
    assert _done(manager.post(f"/stock-changes/{waits['id']}/sign"))["status"] == "signed"
    counted = {"lines": [{"goods_id": goods, "counted": 45}], "reason": "week 47"}
    count = _done(world["clerk"].post("/stocktakes", counted), 201)
    assert count["lines"][0]["difference"] == -1
    shown = _done(world["auditor"].get("/stock-changes?status=waiting"))["items"]
    assert [one["id"] for one in shown] == [count["id"]]
    _done(manager.post(f"/stock-changes/{count['id']}/sign"))
    again = _done(world["clerk"].post("/stocktakes", counted), 201)
    path = f"/stock-changes/{again['id']}/reject"
    assert _done(manager.post(path, {"reason": "counted twice"}))["status"] == "rejected"
    assert _done(manager.get("/goods"))["items"][0]["available"] == 45
