"""The rota's calls as they are meant: templates, and what a change of one answers."""

from typing import Any

from tests.api import asking
from tests.api.world import World


def _done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def test_a_template_is_set_changed_and_ended(world: World) -> None:
    captain, volunteer = world["captain"], world["volunteer"]
    nightly = asking.template(world) | {"title": "Every night", "weekdays": [*range(1, 8)]}
    nightly["weeks"] = []
    made = _done(captain.post("/shift-templates", nightly), 201)
    assert made["outcome"] == {"added": 36, "changed": 0, "cancelled": 0, "kept": []}
    nights = _done(volunteer.get("/shifts?limit=100&from=2026-11-22"))["items"]
    nights = [one for one in nights if one["template_id"] == made["id"]]
    assert len({one["slot_on"] for one in nights}) == 36
    first = min(nights, key=lambda one: str(one["slot_on"]))
    assert (first["starts_at"], first["seats_min"]) == ("2026-11-22T12:00:00Z", 2)
    _done(volunteer.post(f"/shifts/{first['id']}/sign-ups"), 201)
    path = f"/shift-templates/{made['id']}"
    moved = _done(captain.send("PATCH", path, {"starts": "21:00"}))
    kept = [{"shift_id": first["id"], "slot_on": "2026-11-22", "why": "signed_up"}]
    assert moved["outcome"] == {"added": 0, "changed": 35, "cancelled": 0, "kept": kept}
    assert (moved["starts"], moved["revision"]) == ("21:00", 2)
    ended = _done(captain.post(f"{path}/end", {"last_on": "2026-11-23"}))
    assert ended["outcome"]["cancelled"] == 34
    assert _done(volunteer.get(path))["valid_until"] == "2026-11-23"
    page = _done(volunteer.get("/shift-templates?limit=1"))
    assert [one["id"] for one in page["items"]] == [made["id"]]


def test_a_festival_is_made_in_one_call_or_not_at_all(world: World) -> None:
    captain = world["captain"]
    activity = _done(world["manager"].post("/activities", {"name": "Neighbours' day"}), 201)
    path = f"/activities/{activity['id']}/shifts"
    stalls = [
        asking.stall(world)
        | {"title": f"Stall {number}", "starts_at": f"2026-12-01T09:{number:02}:00+08:00"}
        for number in range(10)
    ]
    made = _done(captain.post(path, {"shifts": stalls}), 201)["items"]
    assert [one["title"] for one in made] == [f"Stall {number}" for number in range(10)]
    assert {one["activity_id"] for one in made} == {activity["id"]}
    wrong = [*stalls, stalls[0] | {"ends_at": stalls[0]["starts_at"]}]
    assert captain.post(path, {"shifts": wrong}).status_code == 422
    there = _done(captain.get("/shifts?limit=100&from=2026-12-01"))["items"]
    assert len(there) == 10


def test_a_place_is_handed_over(world: World) -> None:
    volunteer, clerk = world["volunteer"], world["clerk"]
    shift = _done(world["captain"].post("/shifts", asking.shift(world)), 201)
    row = _done(volunteer.post(f"/shifts/{shift['id']}/sign-ups"), 201)
    path = f"/sign-ups/{row['id']}/stand-in"
    _done(volunteer.post(path, {"person_id": str(clerk.id)}))
    asked = _done(clerk.get("/me/stand-ins"))["items"]
    assert [one["id"] for one in asked] == [row["id"]]
    taken = _done(clerk.post(f"{path}/accept"))
    assert (taken["person_id"], taken["status"]) == (str(clerk.id), "confirmed")
    again = volunteer.post(f"/shifts/{shift['id']}/sign-ups")
    assert _done(again, 201)["status"] == "confirmed"


def test_a_risky_duty_and_its_insurance(world: World) -> None:
    manager, volunteer = world["manager"], world["volunteer"]
    quota = {"unit_kind": "party_branch", "seats": 1, "hours_before": 24}
    body = {"name": "Rescue", "kind": "other", "risk": "high", "quota": quota}
    duty = _done(manager.post("/red-posts", body), 201)["id"]
    shift = _done(manager.post("/shifts", asking.shift(world) | {"red_post_id": duty}), 201)
    path = f"/shifts/{shift['id']}/sign-ups"
    refused = volunteer.post(path, headers={"Accept-Language": "zh"})
    assert refused.json is not None
    assert (refused.status_code, refused.json["code"]) == (409, "insurance_missing")
    note = {"until": "2026-12-31", "note": "policy 7"}
    told = _done(manager.send("PUT", f"/red-posts/{duty}/insurance", note))
    assert (told["risk"], told["insured_until"], told["quota_seats"]) == ("high", "2026-12-31", 1)
    assert _done(volunteer.post(path), 201)["status"] == "confirmed"
