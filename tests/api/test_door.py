"""The way in: tokens, JSON, sizes, headers, addresses that do not exist."""

import io
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.world import World


def _refused(answer: TestResponse, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json and answer.json.get("code")) == (status, code), (
        answer.get_data(as_text=True)
    )
    assert answer.mimetype == "application/problem+json"
    return answer.json


def test_a_call_without_a_token_is_not_signed_in(world: World) -> None:
    answer = world.anybody().get("/me")
    _refused(answer, 401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_cookie_never_signs_a_call_in(world: World) -> None:
    caller = world.anybody()
    for name in ("token", "session", "lovebank"):
        caller.client.set_cookie(name, world["manager"].token or "")
    _refused(caller.get("/me"), 401, "not_signed_in")


def test_every_answer_is_guarded(world: World) -> None:
    for answer in (world["volunteer"].get("/me"), world.anybody().get("/nowhere")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert len(answer.headers["X-Request-Id"]) == 36


def test_what_does_not_exist_is_a_problem(world: World) -> None:
    volunteer = world["volunteer"]
    _refused(volunteer.get("/nowhere"), 404, "not_found")
    _refused(volunteer.get("/orders/"), 404, "not_found")
    _refused(volunteer.get("/orders/not-an-id"), 404, "not_found")
    _refused(volunteer.client.get("/api"), 404, "not_found")
    answer = volunteer.send("DELETE", "/orders")
    _refused(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, POST"


NOT_JSON = [
    b"{",
    b"[]",
    b'"text"',
    b"null",
    b"not json",
    b'{"name": NaN}',
    b'{"name": Infinity}',
    b'{"name": -Infinity}',
    b'{"name": "a", "name": "b"}',
    b'{"name": "\xff"}',
    b'{"name": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"a":' * 40 + b"1" + b"}" * 40,
    b"[" * 100_000,
    b'{"name": ' + b"9" * 5000 + b"}",
    b"",
]


def test_what_is_not_one_json_object_is_400(world: World) -> None:
    for raw in NOT_JSON:
        _refused(world["manager"].send("POST", "/red-posts", data=raw), 400, "not_json")


def test_a_body_that_is_too_large_is_413_however_it_comes(world: World) -> None:
    raw = json.dumps({"name": "x" * 300_000}).encode()
    manager = world["manager"]
    _refused(manager.send("POST", "/red-posts", data=raw), 413, "too_large")
    chunked = manager.send(
        "POST",
        "/red-posts",
        input_stream=io.BytesIO(raw),
        environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    _refused(chunked, 413, "too_large")


def test_a_refusal_speaks_the_language_of_the_caller(world: World) -> None:
    wanted = {"zh-CN,zh;q=0.9,en;q=0.5": "zh", "en-GB": "en", "fr": "en", "": "en"}
    for header, language in wanted.items():
        answer = world.anybody().get("/me", headers={"Accept-Language": header})
        told = _refused(answer, 401, "not_signed_in")
        assert ("请" in told["detail"]) == (language == "zh"), header
        assert answer.headers["Content-Language"] == language


def test_a_field_fault_is_told_by_field_in_both_languages(world: World) -> None:
    body = {"name": "Rice", "points": 0, "colour": "red"}
    english = world["manager"].post("/goods", body)
    told = _refused(english, 422, "validation")
    assert told["errors"] == {
        "points": ["Must be at least 1."],
        "colour": ["Is not a field of this call."],
    }
    chinese = world["manager"].post("/goods", body, headers={"Accept-Language": "zh"})
    assert _refused(chinese, 422, "validation")["errors"]["points"] == ["不能小于 1。"]


def test_our_own_mistake_tells_nothing_of_the_inside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any, **_facts: Any) -> None:
        raise RuntimeError("secret path /srv/lovebank and a password")

    monkeypatch.setattr("redemption.goods.listed", broken)
    told = _refused(world["volunteer"].get("/goods"), 500, "internal")
    assert "secret" not in json.dumps(told)


def test_who_must_set_a_password_may_do_nothing_else(world: World) -> None:
    from people import access, register
    from tests.factories import AT

    volunteer = world["volunteer"]

    def limit(session: Any) -> str:
        assert volunteer.id is not None
        person = register.person(session, world.community_id, volunteer.id)
        return access.make(session, person=person, kind="api", limited=True, at=AT)[0]

    volunteer.token = world.write(limit)
    told = _refused(volunteer.get("/goods"), 403, "not_allowed")
    assert told["facts"] == {"must_set_password": True}
    assert volunteer.get("/me").status_code == 200
