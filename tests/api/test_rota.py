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
