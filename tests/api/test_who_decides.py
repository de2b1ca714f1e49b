"""Who decides, over HTTP: every pair of roles × {self, household, recorded, unrelated}.

Of a pair the first is the decider's role, the second that of whose attendance it is; for *self* one
person holds both. Only the unrelated may succeed, the last, and only for one who leads or manages.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests import factories, quick
from tests.api.world import Caller, World

ROLES = ("volunteer", "captain", "manager", "clerk", "treasurer", "auditor", "admin")
DECIDE = {"captain", "manager"}
RELATIONS = ("self", "household", "recorded", "unrelated")
HOURS = ("2026-11-22T11:00:00+08:00", "2026-11-22T14:00:00+08:00")


def test_only_the_unrelated_approve_and_only_with_the_right(world: World, engine_name: str) -> None:
    pairs = list(itertools.product(ROLES, ROLES))
    assert len(pairs) == 49
    if engine_name == "postgresql" and not quick.LONG:
        # Who may is asked by the program, for every pair on the other engine; what the database
        # itself refuses is tried on both for each role (tests/shifts/test_deciders.py).
        pairs = [pair for pair in pairs if "volunteer" in pair or pair == ("captain", "manager")]
    assert _wrong(world, "approve", pairs) == []


@pytest.mark.parametrize("deed", ["reject", "together"])
def test_only_the_unrelated_decide_in_every_way_there_is(world: World, deed: str) -> None:
    assert _wrong(world, deed, [(role, "volunteer") for role in ROLES]) == []


def _wrong(world: World, deed: str, pairs: list[tuple[str, str]]) -> list[str]:
    wrong = []
    for pair in pairs:
        name = "-".join(pair)
        decider = world.join(f"{name} decides", *_held(pair[0]))
        able = pair[0] in DECIDE
        shift = _shift(world, decider, leads=able)
        for relation in RELATIONS:
            if relation == "recorded" and not able:
                continue  # who may not enter a stay by hand has recorded none
            if relation == "self":
                wrong += _alone(world, deed, pair)
                continue
            attendance = _attendance(world, decider, pair[1], shift, relation)
            wrong += _decided(world, decider, deed, attendance, able=able, relation=relation)
    return wrong


def _alone(world: World, deed: str, pair: tuple[str, str]) -> list[str]:
    """One person of both roles, on their own attendance."""
    both = world.join(f"{'-'.join(pair)} alone", *_held(*pair))
    able = bool(DECIDE & set(pair))
    shift = _shift(world, both, leads=able)
    attendance = _attendance(world, both, pair[1], shift, "self")
    return _decided(world, both, deed, attendance, able=able, relation="self")


def _held(*roles: str) -> list[str]:
    return [role for role in dict.fromkeys(roles) if role != "volunteer"]


def _decided(
    world: World, who: Caller, deed: str, attendance: str, *, able: bool, relation: str
) -> list[str]:
    """What was not as it must be, when this person tried to decide."""
    expected: tuple[int, str | None] = (200, None)
    if not able:
        expected = (403, "not_allowed")
    elif relation != "unrelated":
        expected = (403, "own_approval")
    found = _decide(who, deed, attendance)
    after = world["manager"].get(f"/attendances/{attendance}").json
    assert after is not None
    decided = after["status"] != "submitted"
    if found == expected and decided == (expected[0] == 200):
        return []
    return [f"{deed}, {relation}: {found}, not {expected}; now {after['status']}"]


def _shift(world: World, decider: Caller, *, leads: bool) -> str:
    captain = decider if leads else world["captain"]
    body = {
        "red_post_id": str(world.things["red_post"]),
        "title": "Round",
        "starts_at": HOURS[0],
        "ends_at": HOURS[1],
        "captain_id": str(captain.id),
    }
    return str(_made(world["manager"].post("/shifts", body))["id"])


def _attendance(world: World, decider: Caller, role: str, shift: str, relation: str) -> str:
    """A submitted stay of somebody of that role who stands so to the decider."""
    person = decider
    if relation != "self":
        person = world.join(f"served for {decider.id} {relation}", *_held(role))
    if relation == "household":
        people = [one for one in (decider.id, person.id) if one is not None]
        world.write(
            lambda session: factories.make_household(
                session, community_id=world.community_id, person_ids=people
            )
        )
    by = decider if relation == "recorded" else world["manager"]
    body = {
        "shift_id": shift,
        "person_id": str(person.id),
        "checked_in_at": HOURS[0],
        "checked_out_at": HOURS[1],
        "reason": "entered for the test",
    }
    return str(_made(by.post("/attendances", body))["id"])


def _decide(decider: Caller, deed: str, attendance: str) -> tuple[int, str | None]:
    if deed == "together":
        body = {"attendance_ids": [attendance], "mode": "all_or_nothing"}
        answer = decider.post("/approvals", body)
        told = answer.json or {}
        if answer.status_code == 409:
            # The call is a conflict as a whole; each line says what its own refusal is.
            return 403, told["facts"]["results"][0]["code"]
        return answer.status_code, told.get("code")
    body = {"reason": "not seen there"} if deed == "reject" else {}
    answer = decider.post(f"/attendances/{attendance}/{deed}", body)
    return answer.status_code, (answer.json or {}).get("code")


def _made(answer: Any) -> Any:
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.json


def test_nobody_hands_over_to_themself_or_their_household(world: World) -> None:
    manager, clerk, family = world["manager"], world["clerk"], world["volunteer"]
    rule = {"name": "Rule", "points_per_hour": 60, "effective_from": "2026-11-22"}
    _made(manager.post("/award-rules", rule))
    shift = str(world.things["shift"])
    orders = {}
    for caller in (clerk, family, world["treasurer"]):
        body = {
            "shift_id": shift,
            "person_id": str(caller.id),
            "checked_in_at": HOURS[0],
            "checked_out_at": HOURS[1],
            "reason": "entered for the test",
        }
        entered = _made(world["captain"].post("/attendances", body))
        assert manager.post(f"/attendances/{entered['id']}/approve").status_code == 200
        line = {"goods_id": str(world.things["goods"]), "quantity": 1}
        orders[caller.id] = _made(caller.post("/orders", line))
    home = {"person_ids": [str(clerk.id), str(family.id)]}
    assert manager.post("/households", home).status_code == 201
    for caller, expected in ((clerk, 403), (family, 403), (world["treasurer"], 200)):
        order = orders[caller.id]
        path = f"/orders/{order['id']}/collect"
        answer = clerk.post(path, {"code": order["voucher"]["code"]})
        assert answer.status_code == expected
        if expected == 403:
            assert answer.json is not None
            assert answer.json["code"] == "own_approval"


def test_two_managers_sign_above_the_second_tier(world: World) -> None:
    manager = world["manager"]
    body = {
        "red_post_id": str(world.things["red_post"]),
        "title": "A long day",
        "starts_at": "2026-11-21T08:00:00+08:00",
        "ends_at": "2026-11-21T22:00:00+08:00",
        "captain_id": str(world["captain"].id),
    }
    shift = _made(manager.post("/shifts", body))
    entry = {
        "shift_id": shift["id"],
        "person_id": str(world["volunteer"].id),
        "checked_in_at": body["starts_at"],
        "checked_out_at": body["ends_at"],
        "reason": "the flood",
    }
    deputy = world.join("recorder", "manager")
    made = _made(deputy.post("/attendances", entry))
    path = f"/attendances/{made['id']}/approve"
    captain = world["captain"].post(path)
    assert (captain.status_code, (captain.json or {})["code"]) == (403, "not_allowed")
    first = manager.post(path)
    assert (first.status_code, (first.json or {})["status"]) == (200, "approved")
    again = manager.post(path)
    assert (again.status_code, (again.json or {})["code"]) == (403, "own_approval")
    second = world["first"].post(path)
    assert (second.status_code, (second.json or {})["status"]) == (200, "credited")
