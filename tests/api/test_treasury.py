"""Adjustments and periods through the API, as two treasurers and an auditor meet them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.world import Caller, World

WHY = {"reason": "the old passbook, page 3"}


@pytest.fixture
def second(world: World) -> Caller:
    """A second treasurer, and Li whom the adjustments are about."""
    world.join("li")
    return world.join("second", "treasurer")


def _done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def _refused(answer: Any, status: int, code: str) -> Any:
    assert answer.json["code"] == code, answer.json
    assert answer.status_code == status
    return answer.json


def _ask(world: World, points: int, status: int = 201, **facts: Any) -> Any:
    body = {"person_id": str(world["li"].id), "points": points, **WHY, **facts}
    return _done(world["treasurer"].post("/ledger/adjustments", body), status)


def _wallet(world: World) -> Any:
    return _done(world["li"].get("/people/me/wallet"))


def test_an_adjustment_from_the_request_to_its_reversal(world: World, second: Caller) -> None:
    asked = _ask(world, 25)
    assert (asked["status"], asked["points"], asked["reason"]) == ("waiting", 25, WHY["reason"])
    path = f"/ledger/adjustments/{asked['id']}"
    _refused(world["treasurer"].post(f"{path}/approve"), 403, "own_approval")
    assert _wallet(world)["available"] == 0
    done = _done(second.post(f"{path}/approve"))
    assert (done["status"], done["decided_by"]) == ("approved", str(second.id))
    assert _wallet(world)["available"] == 25
    _refused(second.post(f"{path}/approve"), 409, "already_decided")
    _refused(second.post(f"{path}/reject", WHY), 409, "already_decided")
    transfer = _done(world["auditor"].get(f"/ledger/transfers/{done['transfer_id']}"))
    assert (transfer["kind"], transfer["original_on"]) == ("adjustment", None)
    assert transfer["reason"] == WHY["reason"]
    undo = f"/ledger/transfers/{done['transfer_id']}/reverse"
    made = _done(second.post(undo, {"reason": "not so"}))
    assert _done(world["auditor"].get(path))["reversed_by_id"] == made["id"]
    _refused(second.post(undo, {"reason": "again"}), 409, "already_reversed")
    assert _done(world["auditor"].get("/ledger/check"))["clean"] is True


def test_lists_by_status(world: World, second: Caller) -> None:
    made = [_ask(world, points) for points in (1, 2, 3, 4)]
    paths = [f"/ledger/adjustments/{one['id']}" for one in made]
    _done(second.post(f"{paths[0]}/approve"))
    rejected = _done(second.post(f"{paths[1]}/reject", {"reason": "no such page"}))
    assert rejected["decision_reason"] == "no such page"
    _done(world["treasurer"].post(f"{paths[2]}/withdraw"))
    for status, wanted in zip(("approved", "rejected", "withdrawn", "waiting"), made, strict=True):
        found = _done(world["auditor"].get(f"/ledger/adjustments?status={status}"))
        assert [one["id"] for one in found["items"]] == [wanted["id"]], status
    page = _done(second.get("/ledger/adjustments?limit=3"))
    rest = _done(second.get(f"/ledger/adjustments?limit=3&cursor={page['next']}"))
    told = [one["id"] for one in page["items"] + rest["items"]]
    assert told == [one["id"] for one in reversed(made)]


def test_the_same_key_asks_and_approves_once(world: World, second: Caller) -> None:
    body = {"person_id": str(world["li"].id), "points": 7, **WHY}
    key = {"headers": {"Idempotency-Key": "page-3"}}
    first = world["treasurer"].post("/ledger/adjustments", body, **key)
    again = world["treasurer"].post("/ledger/adjustments", body, **key)
    assert (first.status_code, first.json) == (201, again.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = world["treasurer"].post("/ledger/adjustments", body | {"points": 8}, **key)
    _refused(other, 422, "idempotency_mismatch")
    asked = _done(first, 201)
    path = f"/ledger/adjustments/{asked['id']}/approve"
    done = [second.post(path, **key) for _ in range(2)]
    assert done[0].json == done[1].json
    assert _wallet(world)["available"] == 7


def test_months_are_closed_and_say_which_is_next(world: World, second: Caller) -> None:
    close = world["treasurer"].post
    made = _done(close("/ledger/periods", {"ends_on": "2026-09-30"}), 201)
    assert (made["ends_on"], made["closed_by"]) == ("2026-09-30", str(world["treasurer"].id))
    _refused(close("/ledger/periods", {"ends_on": "2026-09-30"}), 409, "period_closed")
    for day in ("2026-10-30", "2026-11-30", "2027-01-31"):
        _refused(close("/ledger/periods", {"ends_on": day}), 422, "validation")
    late = {"person_id": str(world["li"].id), "points": 7, "effective_on": "2026-09-30", **WHY}
    found = _refused(close("/ledger/adjustments", late), 409, "period_closed")
    assert found["facts"]["closed_through"] == "2026-09-30"
    _done(close("/ledger/periods", {"ends_on": "2026-10-31"}), 201)
    listed = _done(world["auditor"].get("/ledger/periods"))["items"]
    assert [one["ends_on"] for one in listed] == ["2026-10-31", "2026-09-30"]
    assert _done(world["auditor"].get("/ledger/check"))["clean"] is True


def test_a_wrong_body_is_refused_by_field(world: World, second: Caller) -> None:
    good = {"person_id": str(world["li"].id), "points": 7, **WHY}
    for field, value in (
        ("points", 0), ("points", "7"), ("points", 7.5), ("kind", "gift"), ("reason", ""),
        ("effective_on", "2026-11-23"), ("effective_on", "today"), ("person_id", "li"),
    ):  # fmt: skip
        answer = world["treasurer"].post("/ledger/adjustments", good | {field: value})
        assert field in _refused(answer, 422, "validation")["errors"], field
    opening = good | {"kind": "opening", "points": -1}
    answer = world["treasurer"].post("/ledger/adjustments", opening)
    assert "points" in _refused(answer, 422, "validation")["errors"]
