"""Too many failures, and a database that is busy: 429 and 503 say when to come again."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.errors import Unavailable
from qr.models import UnknownScan
from tests.api.world import World
from tests.factories import PASSWORD, make_phone


def test_ten_failed_sign_ins_of_a_phone_then_429_even_with_the_right_password(
    world: World,
) -> None:
    phone = make_phone()
    world.join("lin", phone=phone, password=PASSWORD)
    nobody = world.anybody()
    right = {"phone": phone, "password": PASSWORD}
    assert nobody.post("/tokens", right).status_code == 201, "a success is not counted"
    for _time in range(10):
        answer = nobody.post("/tokens", {"phone": phone, "password": "not the one"})
        assert answer.status_code == 401
    answer = nobody.post("/tokens", right)
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["code"] == "too_many_requests"
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    other = {"phone": make_phone(), "password": "not the one"}
    assert nobody.post("/tokens", other).status_code == 401, "another phone is not held up"


def test_thirty_bad_codes_a_minute_then_429_and_no_scan_is_kept(world: World) -> None:
    volunteer = world["volunteer"]
    for number in range(30):
        answer = volunteer.post("/scans", {"token": f"nonsense {number}"})
        assert answer.status_code == 409
    answer = volunteer.post("/scans", {"token": "nonsense again"})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60

    def kept(session: Session) -> int:
        query = select(func.count()).select_from(UnknownScan)
        return session.scalar(query.where(UnknownScan.community_id == world.community_id)) or 0

    assert world.database.read(kept) == 30
    assert world["clerk"].post("/scans", {"token": "nonsense"}).status_code == 409


def test_a_busy_database_is_503_and_says_when_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_args: object, **_facts: object) -> None:
        raise Unavailable("busy")

    monkeypatch.setattr("redemption.goods.add", busy)
    answer = world["manager"].post("/goods", {"name": "Oil", "points": 3})
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["code"] == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def test_a_phone_in_several_communities_must_choose(world: World) -> None:
    from tests import factories

    phone = make_phone()
    world.join("lin", phone=phone, password=PASSWORD)

    def elsewhere(session: Session) -> None:
        factories.make_community(session, phone=phone, password=PASSWORD)

    world.write(elsewhere)
    nobody = world.anybody()
    body = {"phone": phone, "password": PASSWORD}
    answer = nobody.post("/tokens", body)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "choose_community"
    listed = answer.json["facts"]["communities"]
    assert len(listed) == 2
    for one in listed:
        told = nobody.post("/tokens", {**body, "community_id": one["id"]})
        assert told.status_code == 201
        assert told.json is not None
        assert told.json["community_id"] == one["id"]
