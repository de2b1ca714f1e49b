"""Things that the requests of all calls are about, each made by the calls that make it.

Invariant: what is made here was answered with success.
"""

from __future__ import annotations

from typing import Any

from tests.api.world import World

Body = dict[str, Any]


def answered(answer: Any) -> Any:
    """What a call that succeeded answered."""
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)
    return answer.json


def squad(manager: Any, person_id: str) -> Body:
    """A squad with one member, who looks after a place."""
    unit = answered(manager.post("/units", {"name": "Night squad", "kind": "squad"}))["id"]
    answered(manager.post(f"/units/{unit}/members", {"person_id": person_id}))
    body = {"person_id": person_id, "place": "No. 7", "begins_on": "2026-11-01"}
    return {"unit": unit, "zone": answered(manager.post(f"/units/{unit}/zones", body))["id"]}


def held_order(world: World, goods_id: str) -> Body:
    """An order above the limit, which waits for an approval."""
    for limit in (0, None):
        answered(world["admin"].send("PATCH", "/community", {"order_approval_above": limit}))
        if limit == 0:
            body = {"goods_id": goods_id, "quantity": 1}
            made = answered(world["resident"].post("/orders", body))
    return {"held_order": made["id"], "held_order_code": made["voucher"]["code"]}


def waiting_rule(world: World) -> str:
    """A rule of another manager that waits for a second signature."""
    for wanted in (True, False):
        sign = {"second_signature": {"award_rules": wanted, "write_offs": False}}
        answered(world["admin"].send("PATCH", "/community", sign))
        if wanted:
            rule = {"name": "Spring", "points_per_hour": 20, "effective_from": "2027-03-01"}
            made = str(answered(world["first"].post("/award-rules", rule))["id"])
    return made


def adjustments(world: World, person_id: str) -> Body:
    """Two that another treasurer asked for, and one of the treasurer's own to withdraw."""
    bursar = world.join("bursar", "treasurer")
    body: Body = {"points": 5, "person_id": person_id}
    body["reason"] = "carried over wrongly"
    makers = {"adjustment": bursar, "rejected_adjustment": bursar}
    makers["own_adjustment"] = world["treasurer"]
    asked = {name: maker.post("/ledger/adjustments", body) for name, maker in makers.items()}
    return {name: answered(answer)["id"] for name, answer in asked.items()}
