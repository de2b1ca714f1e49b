"""Idempotency-Key: the same call again, at once or later, gets the same answer."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.models import KeptAnswer
from ledger import accounts, transfers
from ledger.drafts import Draft, Leg
from redemption.models import Order
from tests.api.world import World
from tests.factories import AT, make_phone


def _give(world: World, name: str, points: int) -> None:
    """Points for somebody, as an award of the general fund would bring them."""
    from audit.actor import system
    from kit import ids
    from people import communities

    def work(session: Session) -> None:
        person = world[name].id
        assert person is not None
        fund = communities.settings_of(session, world.community_id).general_fund_id
        leg = Leg(accounts.fund_points(fund), accounts.wallet(person), points)
        source = ("attendance", ids.new())
        draft = Draft("award", f"attendance:{source[1]}:award", (leg,), AT.date(), source)
        transfers.record(session, actor=system(world.community_id, "cli"), draft=draft, at=AT)

    world.write(work)


def _order(world: World, key: str, quantity: int = 1) -> TestResponse:
    body = {"goods_id": str(world.things["goods"]), "quantity": quantity}
    return world["volunteer"].post("/orders", body, headers={"Idempotency-Key": key})


def _count(world: World, model: Any) -> int:
    def work(session: Session) -> int:
        query = select(func.count()).select_from(model)
        return session.scalar(query.where(model.community_id == world.community_id)) or 0

    return world.database.read(work)


def test_twenty_at_once_make_one_order_and_twenty_identical_answers(world: World) -> None:
    _give(world, "volunteer", 400)
    gate = threading.Barrier(20)

    def send(_number: int) -> tuple[int, bytes, str | None]:
        gate.wait()
        answer = _order(world, "the same key")
        return answer.status_code, answer.data, answer.headers.get("Idempotent-Replayed")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert {status for status, _body, _told in answers} == {201}
    assert len({body for _status, body, _told in answers}) == 1
    assert sorted(told or "first" for _status, _body, told in answers) == ["first"] + ["true"] * 19
    assert _count(world, Order) == 1


def test_another_body_or_call_under_the_same_key_is_refused(world: World) -> None:
    _give(world, "volunteer", 400)
    assert _order(world, "k").status_code == 201
    for answer in (
        _order(world, "k", quantity=2),
        world["volunteer"].post(
            f"/shifts/{world.things['shift']}/sign-ups", headers={"Idempotency-Key": "k"}
        ),
    ):
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["code"] == "idempotency_mismatch"
    assert _count(world, Order) == 1


def test_a_key_belongs_to_its_person(world: World) -> None:
    for name in ("volunteer", "clerk"):
        _give(world, name, 80)
        body = {"goods_id": str(world.things["goods"]), "quantity": 1}
        answer = world[name].post("/orders", body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201
        assert "Idempotent-Replayed" not in answer.headers
    assert _count(world, Order) == 2


def test_a_refusal_is_not_remembered(world: World) -> None:
    assert _order(world, "k").status_code == 409
    assert _count(world, KeptAnswer) == 0
    _give(world, "volunteer", 40)
    assert _order(world, "k").status_code == 201


def test_stored_answers_hold_no_code_token_name_or_phone(world: World) -> None:
    _give(world, "volunteer", 400)
    manager, phone = world["manager"], make_phone()
    key = {"Idempotency-Key": "k"}
    body = {"name": "Ouyang Xiu", "phone": phone, "birth_year": 1950}
    person = manager.post("/people", body, headers=key)
    assert person.status_code == 201
    assert person.json is not None
    path = f"/people/{person.json['id']}/sign-in-code"
    code = manager.post(path, headers={"Idempotency-Key": "k2"})
    card = manager.get(f"/people/{person.json['id']}/card").json
    clerk = world["clerk"]
    scan = {"token": card["token"] if card else ""}
    seen = clerk.post("/scans", scan, headers=key)
    order = _order(world, "k3")
    assert [one.status_code for one in (code, seen, order)] == [201, 200, 201]
    assert order.json is not None
    assert code.json is not None

    def stored(session: Session) -> str:
        query = select(KeptAnswer.answer).where(KeptAnswer.community_id == world.community_id)
        return repr(list(session.scalars(query)))

    kept = world.database.read(stored)
    voucher = order.json["voucher"]
    for secret in (voucher["code"], voucher["token"], code.json["code"], "Ouyang", phone):
        assert secret not in kept
    # As a word of its own: four digits turn up inside an identifier by chance.
    assert "1950" not in re.findall(r"[\w-]+", kept)
    assert manager.post("/people", body, headers=key).data == person.data
    assert manager.post(path, headers={"Idempotency-Key": "k2"}).data == code.data
    assert clerk.post("/scans", scan, headers=key).data == seen.data
    assert _order(world, "k3").data == order.data


def test_a_batch_answers_the_same_again(world: World) -> None:
    body = {"scans": [{"token": "nonsense", "nonce": "b-1"}]}
    key = {"Idempotency-Key": "k"}
    first = world["captain"].post("/scans/batch", body, headers=key)
    again = world["captain"].post("/scans/batch", body, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.data == again.data
    assert again.headers["Idempotent-Replayed"] == "true"
    other = world["captain"].post("/scans/batch", {"scans": body["scans"] * 2}, headers=key)
    assert other.status_code == 422


def test_what_is_no_key_is_refused_and_the_longest_is_taken(world: World) -> None:
    for key in ("", "x" * 256, "schlüssel", "a\tb"):
        answer = _order(world, key)
        assert answer.status_code == 422
        assert answer.json is not None
        assert set(answer.json["errors"]) == {"Idempotency-Key"}
    _give(world, "volunteer", 40)
    assert _order(world, "x" * 255).status_code == 201


def test_a_replay_tries_no_pin_again(world: World) -> None:
    """The first answer comes again, though the PIN is another by now."""
    _give(world, "volunteer", 400)
    volunteer, clerk = world["volunteer"], world["clerk"]
    volunteer.send("PUT", "/people/me/pin", {"pin": "246810"})
    body = {"goods_id": str(world.things["goods"]), "quantity": 1}
    body |= {"person_id": str(volunteer.id), "pin": "246810"}
    key = {"Idempotency-Key": "with a PIN"}
    first = clerk.post("/orders", body, headers=key)
    assert first.status_code == 201
    volunteer.send("PUT", "/people/me/pin", {"pin": "135790"})
    again = clerk.post("/orders", body, headers=key)
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = clerk.post("/orders", body | {"pin": "000000"}, headers=key)
    assert other.json is not None
    assert other.json["code"] == "idempotency_mismatch"
    wrong = clerk.post("/orders", body | {"pin": "000000"})
    assert wrong.json is not None
    assert wrong.json["facts"] == {"tries_left": 4}
