"""What may still happen to an award, over HTTP: a public notice, an amendment."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.api.world import World


def _done(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def _at(hour: int) -> str:
    return f"2026-11-22T{hour:02}:00:00Z"


def _enter(world: World) -> str:
    """The volunteer's stay from three to six (UTC), entered by the captain; its address."""
    rule = {"name": "Patrol", "points_per_hour": 10, "effective_from": "2026-01-01"}
    _done(world["manager"].post("/award-rules", rule), 201)
    body = {
        "shift_id": world.things["shift"],
        "person_id": world["volunteer"].id,
        "checked_in_at": _at(3),
        "checked_out_at": _at(6),
        "reason": "forgot",
    }
    return f"/attendances/{_done(world['captain'].post('/attendances', body), 201)['id']}"


def test_the_settings_of_notice_and_expiry(world: World) -> None:
    admin = world["admin"]
    lasting: dict[str, Any] = {"notice_days": 3, "points_expiry": {"months": 24}}
    changed = _done(admin.send("PATCH", "/community", lasting))
    assert {name: changed[name] for name in lasting} == lasting
    wrong: list[dict[str, Any]] = [
        {"notice_days": 61},
        {"notice_days": True},
        {"points_expiry": {"months": 0}},
        {"points_expiry": ["none"]},
        {"grade_caps_hours": {"a": 8, "b": 8, "c": 8, "d": 9}},
    ]
    for body in wrong:
        _done(admin.send("PATCH", "/community", body), 422)
    assert _done(world["volunteer"].get("/community"))["points_expiry"] == {"months": 24}


def test_an_amendment_after_credit_waits_for_a_second_person(world: World) -> None:
    path = _enter(world)
    captain, manager = world["captain"], world["manager"]
    assert _done(manager.post(f"{path}/approve"))["status"] == "credited"
    asked = _done(captain.post(f"{path}/amend", {"checked_out_at": _at(5), "reason": "left"}))
    assert (asked["status"], asked["minutes"], asked["revision"]) == ("credited", 180, 1)
    assert asked["amendment"] == {
        "revision": 2,
        "shift_id": asked["shift_id"],
        "checked_in_at": _at(3),
        "checked_out_at": _at(5),
        "minutes": 120,
    }
    assert "amendment_waiting" in asked["flags"]
    waiting = _done(manager.get("/attendances?amendment=waiting"))["items"]
    assert [f"/attendances/{one['id']}" for one in waiting] == [path]
    again = _done(manager.post(f"{path}/amend", {"checked_out_at": _at(4), "reason": "x"}), 409)
    assert again["code"] == "amendment_waiting"
    assert _done(captain.post(f"{path}/approve"), 403)["code"] == "own_approval"
    done = _done(manager.post(f"{path}/approve"))
    assert (done["status"], done["minutes"], done["revision"]) == ("credited", 120, 2)
    assert done["amendment"] is None
    told = _done(manager.get(f"{path}/explanation"))
    assert [award["revision"] for award in told["chain"]["awards"]] == [1, 2]
    assert any("asked to correct the times" in one for one in told["sentences"])
    wallet = _done(world["volunteer"].get("/people/me/wallet"))
    assert (wallet["minutes"], wallet["available"]) == (120, done["points"])
    assert _done(world["auditor"].get("/ledger/check"))["clean"]


def test_an_amendment_is_declined_and_everything_stands(world: World) -> None:
    path = _enter(world)
    captain, manager = world["captain"], world["manager"]
    before = _done(manager.post(f"{path}/approve"))
    _done(captain.post(f"{path}/amend", {"checked_out_at": _at(5), "reason": "left"}))
    refused = _done(manager.post(f"{path}/reject", {"reason": "stayed"}))
    assert {**refused, "flags": []} == {**before, "flags": []}
    assert _done(manager.post(f"{path}/approve"), 409)["code"] == "already_decided"


def test_points_wait_on_notice(world: World) -> None:
    _done(world["admin"].send("PATCH", "/community", {"notice_days": 7}))
    path = _enter(world)
    done = _done(world["manager"].post(f"{path}/approve"))
    assert (done["status"], done["available_on"]) == ("approved", "2026-11-29")
    wallet = _done(world["volunteer"].get("/people/me/wallet"))
    told = (wallet["available"], wallet["pending"], wallet["minutes"])
    assert told == (0, done["points"], done["minutes"])
    found = _done(world["manager"].get("/attendances?status=approved"))["items"]
    assert [one["id"] for one in found] == [done["id"]]
    said = _done(world["manager"].get(f"{path}/explanation"))["sentences"]
    assert any("2026-11-29" in one for one in said)
