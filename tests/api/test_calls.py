"""Each call once, as it is meant: the shapes and statuses of the contract."""

from datetime import UTC, datetime
from typing import Any

from werkzeug.test import TestResponse

from tests.api.world import World
from tests.factories import PASSWORD, make_phone


def _done(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.json


def test_signing_in_and_out(world: World) -> None:
    phone = make_phone()
    joined = world.join("lin", phone=phone, password=PASSWORD)
    nobody = world.anybody()
    wrong = nobody.post("/tokens", {"phone": phone, "password": "not the one"})
    assert wrong.status_code == 401
    assert wrong.json is not None
    assert wrong.json["code"] == "wrong_credentials"
    told = _done(nobody.post("/tokens", {"phone": phone, "password": PASSWORD}), 201)
    assert told["person_id"] == str(joined.id)
    assert told["roles"] == []
    assert told["must_set_password"] is False
    nobody.token = told["token"]
    assert _done(nobody.get("/me"))["phone"].endswith(phone)
    body = {"old": PASSWORD, "new": "another long pass phrase"}
    assert _done(nobody.send("PUT", "/me/password", body), 204) is None
    assert joined.get("/me").status_code == 401, "every other sign-in ends"
    assert _done(nobody.send("DELETE", "/tokens/current"), 204) is None
    assert nobody.get("/me").status_code == 401


def test_a_sign_in_code_works_once_and_wants_a_password(world: World) -> None:
    phone = make_phone()
    joined = world.join("lin", phone=phone)
    told = _done(world["manager"].post(f"/people/{joined.id}/sign-in-code"), 201)
    nobody = world.anybody()
    entered = _done(nobody.post("/tokens", {"phone": phone, "password": told["code"]}), 201)
    assert entered["must_set_password"] is True
    assert nobody.post("/tokens", {"phone": phone, "password": told["code"]}).status_code == 401
    nobody.token = entered["token"]
    assert nobody.get("/goods").status_code == 403
    _done(nobody.send("PUT", "/me/password", {"old": "", "new": PASSWORD}), 422)
    body = {"old": told["code"], "new": PASSWORD}
    _done(nobody.send("PUT", "/me/password", body), 204)
    assert nobody.get("/goods").status_code == 200


def test_the_community_and_its_settings(world: World) -> None:
    told = _done(world["volunteer"].get("/community"))
    assert told["approval_tiers_hours"] == [8, 12]
    assert (told["pickup_days"], told["points_expiry"], told["notice_days"]) == (14, "none", 0)
    changed = _done(world["admin"].send("PATCH", "/community", {"pickup_days": 7}))
    assert changed["pickup_days"] == 7
    changed = _done(world["admin"].send("PATCH", "/community", {"order_approval_above": 30}))
    assert changed["order_approval_above"] == 30


def test_people_households_units_and_cards(world: World) -> None:
    manager = world["manager"]
    unit = _done(manager.post("/units", {"name": "Grid 3", "kind": "grid"}), 201)
    body = {"name": "Zhao An", "unit_id": unit["id"], "birth_year": 1950}
    made = _done(manager.post("/people", body), 201)
    assert (made["roles"], made["active"], made["phone"]) == ([], True, None)
    found = _done(manager.get("/people?q=Zhao"))
    assert [one["id"] for one in found["items"]] == [made["id"]]
    assert found["next"] is None
    path = f"/people/{made['id']}"
    changed = _done(manager.send("PATCH", path, {"name": "Zhao An An", "roles": ["captain"]}))
    assert (changed["name"], changed["roles"]) == ("Zhao An An", ["captain"])
    assert _done(manager.send("PUT", f"{path}/pin", {"pin": "123456"}), 204) is None
    card = _done(manager.get(f"{path}/card"))
    assert card["url"].startswith("HTTPS://LOVEBANK.TEST/S/C")
    again = _done(manager.post(f"{path}/cards", {"reason": "lost it"}), 201)
    assert again["id"]
    assert _done(manager.get(f"{path}/card"))["token"] != card["token"]
    svg = manager.get(f"{path}/card.svg")
    assert (svg.status_code, svg.mimetype) == (200, "image/svg+xml")
    png = manager.get(f"{path}/card.png")
    assert png.data.startswith(b"\x89PNG")
    people = {"person_ids": [made["id"], str(world["volunteer"].id)]}
    home = _done(manager.post("/households", people), 201)
    assert _done(manager.get(path))["household_id"] == home["id"]


def test_from_a_hand_entry_to_goods_and_the_whole_chain(world: World) -> None:
    volunteer, captain = world["volunteer"], world["captain"]
    award = _credit(world)
    assert (award["status"], award["minutes"], award["points"]) == ("credited", 180, 180)
    wallet = _done(volunteer.get("/people/me/wallet"))
    assert wallet == {
        "available": 180,
        "held": 0,
        "pending": 0,
        "owed": 0,
        "minutes": 180,
        "next_expiry": None,
    }
    goods = str(world.things["goods"])
    order = _done(volunteer.post("/orders", {"goods_id": goods, "quantity": 2}), 201)
    assert (order["status"], order["points"], len(order["lines"])) == ("ready", 80, 1)
    assert order["voucher"]["url"].endswith(order["voucher"]["token"])
    seen = _done(world["auditor"].get(f"/orders/{order['id']}"))
    assert seen["voucher"] is None
    assert volunteer.get(f"/orders/{order['id']}/voucher.png").status_code == 200
    assert volunteer.get(f"/orders/{order['id']}/voucher.svg").status_code == 200
    assert world["auditor"].get(f"/orders/{order['id']}/voucher.svg").status_code == 403
    body = {"code": order["voucher"]["code"]}
    collected = _done(world["clerk"].post(f"/orders/{order['id']}/collect", body))
    assert collected["status"] == "collected"
    lines = _done(volunteer.get("/people/me/statement"))["items"]
    assert [(line["kind"], line["points"], line["balance"]) for line in lines] == [
        ("hold", -80, 100),
        ("award", 180, 180),
    ]
    assert lines[0]["explanation"] == "Set aside for an order: Rice × 2"
    assert "180 minutes → 3.0 h × 60 = 180 points" in lines[1]["explanation"]
    told = _done(volunteer.get(f"/attendances/{award['id']}/explanation"))
    assert told["chain"]["awards"][0]["lots"][0]["orders"][0]["order_id"] == order["id"]
    assert "80 of them went on Rice × 2 (collected)" in told["sentences"]
    chinese = volunteer.get(
        f"/attendances/{award['id']}/explanation", headers={"Accept-Language": "zh-CN"}
    )
    assert "180 分钟 → 3.0 小时 × 60 = 180 分" in _done(chinese)["sentences"]
    back = _done(world["clerk"].post(f"/orders/{order['id']}/return", {"reason": "torn"}))
    assert back["status"] == "returned"
    assert captain.get("/people/me/wallet").status_code == 200


def test_orders_are_listed_and_cancelled(world: World) -> None:
    _credit(world)
    volunteer = world["volunteer"]
    goods = str(world.things["goods"])
    lines = {"lines": [{"goods_id": goods, "quantity": 1}]}
    made = [_done(volunteer.post("/orders", lines), 201)["id"] for _ in range(3)]
    first = _done(volunteer.get("/orders?limit=2"))
    assert [one["id"] for one in first["items"]] == made[:0:-1]
    rest = _done(volunteer.get(f"/orders?limit=2&cursor={first['next']}"))
    assert [one["id"] for one in rest["items"]] == made[:1]
    assert rest["next"] is None
    done = _done(volunteer.post(f"/orders/{made[0]}/cancel", {"reason": "changed my mind"}))
    assert done["status"] == "cancelled"
    cancelled = _done(world["clerk"].get("/orders?status=cancelled"))
    assert [one["id"] for one in cancelled["items"]] == [made[0]]


def test_an_order_for_somebody_else_by_pin(world: World) -> None:
    _credit(world)
    person = world["volunteer"].id
    world["volunteer"].send("PUT", "/people/me/pin", {"pin": "246810"})
    body = {"goods_id": str(world.things["goods"]), "quantity": 1, "person_id": str(person)}
    wrong = world["clerk"].post("/orders", {**body, "pin": "000000"})
    assert wrong.status_code == 403
    assert wrong.json is not None
    assert (wrong.json["code"], wrong.json["facts"]) == ("wrong_pin", {"tries_left": 4})
    assert "4 tries left" in wrong.json["detail"]
    made = _done(world["clerk"].post("/orders", {**body, "pin": "246810"}), 201)
    assert made["person_id"] == str(person)


def test_funds_goods_and_deliveries(world: World) -> None:
    treasurer = world["treasurer"]
    fund = _done(treasurer.post("/funds", {"name": "Grant 2026", "fen": 1000}), 201)
    goods = _done(treasurer.post("/goods", {"name": "Oil", "points": 90}), 201)
    body = {"quantity": 4, "fund_id": fund["id"], "unit_cost_fen": 200}
    path = f"/goods/{goods['id']}/receipts"
    _done(treasurer.post(path, body), 201)
    over = treasurer.post(path, body)
    assert over.status_code == 409
    assert over.json is not None
    assert over.json["code"] == "over_budget"
    listed = _done(world["volunteer"].get("/goods"))["items"]
    assert {one["name"]: one["available"] for one in listed} == {"Oil": 4, "Rice": 50}


def test_red_posts_activities_rules_and_shifts(world: World) -> None:
    manager, captain = world["manager"], world["captain"]
    activity = _done(manager.post("/activities", {"name": "Clean day"}), 201)
    night = {"from": "22:00", "to": "06:00", "points_per_hour": 90}
    body = {"name": "General", "points_per_hour": 60, "night": night}
    body["effective_from"] = "2026-11-22"
    assert _done(manager.post("/award-rules", body), 201)["version"] == 1
    assert _done(manager.post("/award-rules", body), 201)["version"] == 2
    rules = _done(captain.get("/award-rules"))["items"]
    assert [rule["version"] for rule in rules] == [2, 1]
    assert rules[0]["night"] == night
    assert len(_done(captain.get("/red-posts"))["items"]) == 1
    body = {
        "activity_id": activity["id"],
        "title": "Sweeping",
        "starts_at": "2026-11-23T09:00:00+08:00",
        "ends_at": "2026-11-23T11:00:00+08:00",
        "seats": 1,
        "captain_id": str(captain.id),
        "draft": True,
    }
    draft = _done(captain.post("/shifts", body), 201)
    assert (draft["status"], draft["starts_at"]) == ("draft", "2026-11-23T01:00:00Z")
    path = f"/shifts/{draft['id']}"
    assert world["volunteer"].get(path).status_code == 404
    assert _done(captain.post(f"{path}/publish"))["status"] == "published"
    found = _done(world["volunteer"].get("/shifts?from=2026-11-23&to=2026-11-24"))
    assert [one["id"] for one in found["items"]] == [draft["id"]]
    instant = "/shifts?from=2026-11-23T09:00:00+08:00"
    assert len(_done(world["volunteer"].get(instant))["items"]) == 1
    first = _done(world["volunteer"].post(f"{path}/sign-ups"), 201)
    assert first["status"] == "confirmed"
    body = {"person_id": str(world["clerk"].id)}
    second = _done(captain.post(f"{path}/sign-ups", body), 201)
    assert second["status"] == "waitlisted"
    roster = _done(captain.get(f"{path}/roster"))["items"]
    assert {line["standing"] for line in roster} == {"expected", "waitlisted"}
    gone = _done(world["volunteer"].post(f"/sign-ups/{first['id']}/withdraw"))
    assert gone["status"] == "withdrawn"
    assert _done(manager.post(f"{path}/cancel", {"reason": "rain"}))["status"] == "cancelled"


def test_codes_of_presence(world: World) -> None:
    path = f"/shifts/{world.things['shift']}/code"
    code = _done(world["captain"].get(path))
    assert code["url"].endswith(code["token"])
    assert code["expires_at"] == "2026-11-22T06:01:00Z"
    assert world["captain"].get(f"{path}.svg").data.startswith(b"<svg")
    assert world["manager"].get(f"{path}.png").data.startswith(b"\x89PNG")
    poster = f"/red-posts/{world.things['red_post']}/poster"
    assert world["captain"].get(f"{poster}.svg").status_code == 200
    assert world["manager"].get(f"{poster}.png").status_code == 200


def test_decisions_on_attendance(world: World) -> None:
    captain, manager = world["captain"], world["manager"]
    entered = [_enter(world, world[name].id) for name in ("volunteer", "clerk", "auditor")]
    found = _done(manager.get(f"/attendances?status=submitted&shift_id={world.things['shift']}"))
    assert [one["id"] for one in found["items"]] == [one["id"] for one in entered[::-1]]
    path = f"/attendances/{entered[0]['id']}"
    amended = _done(manager.post(f"{path}/amend", {"checked_out_at": _at(5), "reason": "left"}))
    assert (amended["minutes"], amended["revision"]) == (120, 2)
    own = captain.post(f"{path}/approve")
    assert own.status_code == 403, "who entered it may not approve it"
    assert _done(world["first"].post(f"{path}/approve"))["status"] == "credited"
    refused = {"attendance_ids": [one["id"] for one in entered], "mode": "all_or_nothing"}
    answer = world["first"].post("/approvals", refused)
    assert answer.status_code == 409
    assert answer.json is not None
    assert [line["code"] for line in answer.json["facts"]["results"]] == [
        "already_decided",
        None,
        None,
    ]
    each = {"attendance_ids": [entered[0]["id"], entered[1]["id"]], "mode": "each"}
    results = _done(world["first"].post("/approvals", each))["results"]
    assert [line["outcome"] for line in results] == ["refused", "credited"]
    path = f"/attendances/{entered[2]['id']}"
    rejected = _done(world["first"].post(f"{path}/reject", {"reason": "was not there"}))
    assert rejected["status"] == "rejected"
    assert _done(world["auditor"].get(path))["status"] == "rejected"


def test_the_books_and_the_trail(world: World) -> None:
    award = _credit(world)
    treasurer, auditor = world["treasurer"], world["auditor"]
    assert _done(auditor.get("/ledger/accounts?kind=wallet"))["items"][0]["balance"] == 180
    found = _done(auditor.get(f"/ledger/transfers?source=attendance:{award['id']}"))["items"]
    transfer = _done(auditor.get(f"/ledger/transfers/{found[0]['id']}"))
    assert (transfer["kind"], len(transfer["postings"])) == ("award", 2)
    trial = _done(treasurer.get("/ledger/trial-balance?commodity=points"))
    assert (trial["total"], trial["provisional"], len(trial["rows"])) == (0, True, 2)
    path = f"/ledger/transfers/{transfer['id']}/reverse"
    made = _done(treasurer.post(path, {"reason": "it was another person"}))
    assert (made["kind"], made["reverses_id"]) == ("reversal", transfer["id"])
    assert made["reason"] == "it was another person"
    assert _done(auditor.get("/ledger/check")) == {"clean": True, "problems": []}
    entries = _done(auditor.get(f"/audit?subject=attendance:{award['id']}"))["items"]
    assert entries[0]["action"] == "shifts:attendance:voided"
    assert {one["actor_id"] for one in entries} >= {str(world["manager"].id)}


def _at(hour: int) -> str:
    return f"2026-11-22T{hour:02}:00:00Z"


def _enter(world: World, person_id: Any) -> Any:
    body = {
        "shift_id": str(world.things["shift"]),
        "person_id": str(person_id),
        "checked_in_at": _at(3),
        "checked_out_at": _at(6),
        "reason": "the phone was flat",
    }
    return _done(world["captain"].post("/attendances", body), 201)


def _credit(world: World) -> Any:
    """The volunteer's three hours, entered by the captain and approved by the manager."""
    rule = {"name": "Rule", "points_per_hour": 60, "effective_from": "2026-11-22"}
    _done(world["manager"].post("/award-rules", rule), 201)
    made = _enter(world, world["volunteer"].id)
    return _done(world["manager"].post(f"/attendances/{made['id']}/approve"))


def test_a_day_of_the_books_is_the_communitys_day(world: World) -> None:
    world.clock.at = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    _credit(world)
    path = "/ledger/trial-balance?commodity=points&known_at=2026-11-"
    for day, rows in ((22, 0), (23, 2)):
        assert len(_done(world["auditor"].get(f"{path}{day}"))["rows"]) == rows


def test_scans_in_out_and_at_the_counter(world: World) -> None:
    volunteer, captain, clerk = world["volunteer"], world["captain"], world["clerk"]
    token = _done(captain.get(f"/shifts/{world.things['shift']}/code"))["url"]
    told = _done(volunteer.post("/scans", {"token": token.lower(), "nonce": "n-1"}))
    assert (told["outcome"], told["attendance"]["status"]) == ("checked_in", "open")
    assert told["order"] is None
    again = _done(volunteer.post("/scans", {"token": token, "nonce": "n-1"}))
    assert again["outcome"] == "checked_in"
    assert _done(volunteer.post("/scans", {"token": token}))["outcome"] == "duplicate"
    card = _done(world["manager"].get(f"/people/{world['auditor'].id}/card"))["token"]
    seen = _done(clerk.post("/scans", {"token": card, "device": {"id": "till", "seq": 4}}))
    assert seen["outcome"] == "identified"
    assert seen["person"]["available"] == 0
    refused = volunteer.post("/scans", {"token": card})
    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["facts"] == {}
    bad = volunteer.post("/scans", {"token": "C0000"})
    assert bad.status_code == 409
    assert bad.json is not None
    assert bad.json["code"] == "bad_code"
    scans = [{"token": card, "nonce": "b-1"}, {"token": "nonsense", "nonce": "b-2"}]
    results = _done(captain.post("/scans/batch", {"scans": scans}))["results"]
    assert results == [
        {"nonce": "b-1", "outcome": "checked_in"},
        {"nonce": "b-2", "code": "bad_code"},
    ]


def test_a_voucher_is_scanned_once(world: World) -> None:
    _credit(world)
    body = {"goods_id": str(world.things["goods"]), "quantity": 1}
    order = _done(world["volunteer"].post("/orders", body), 201)
    token = order["voucher"]["url"]
    told = _done(world["clerk"].post("/scans", {"token": token}))
    assert (told["outcome"], told["order"]["status"]) == ("collected", "collected")
    assert "voucher" not in told["order"]
    used = world["clerk"].post("/scans", {"token": token})
    assert used.status_code == 409
    assert used.json is not None
    assert used.json["code"] == "voucher_used"
