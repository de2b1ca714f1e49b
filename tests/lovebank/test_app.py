"""The application as a whole: what every answer carries, and what the operator may ask."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kit.clock import FileClock, StandingClock
from kit.program import Program
from lovebank import metrics, opening
from lovebank.app import create_app
from lovebank.settings import Settings
from tests import factories

PATHS = (
    ("/", 200),
    ("/health/live", 200),
    ("/health/ready", 200),
    ("/metrics", 200),
    ("/me", 303),
    ("/nowhere", 404),
    ("/s/NOSUCHTOKEN", 303),
    ("/api/v1/me", 401),
    ("/api/v1/nowhere", 404),
    ("/api/docs", 200),
    ("/api/v1/openapi.json", 200),
)


@pytest.fixture
def program(database_url: str, clock: StandingClock) -> Iterator[Program]:
    found = Settings(database_url, factories.KEYS, None, None)
    with opening.running(found, "https://bank.example") as program:
        yield replace(program, clock=clock)


@pytest.fixture
def client(program: Program) -> FlaskClient:
    return create_app(program).test_client()


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    for path, status in PATHS:
        answer = client.get(path)
        assert answer.status_code == status, path
        for name in (
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "Referrer-Policy",
            "Strict-Transport-Security",
            "Cache-Control",
        ):
            assert name in answer.headers, (path, name)
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].split("style")[0]


def test_ready_says_whether_the_database_is_a_test(program: Program) -> None:
    for is_test in (False, True):
        client = create_app(replace(program, is_test=is_test)).test_client()
        assert client.get("/health/ready").json == {"status": "ready", "test_clock": is_test}


def test_not_ready_while_the_database_is_away(
    client: FlaskClient, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = program.database.reader.url
    away = (
        url.set(database="/nowhere/none.db")
        if url.drivername == "sqlite"
        else url.set(host="127.0.0.1", port=1)
    )
    program.database.dispose()
    monkeypatch.setattr(
        "kit.db.Database.read",
        type(program.database)(away.render_as_string(hide_password=False)).read,
    )
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["status"] == "unavailable"
    assert client.get("/health/live").status_code == 200


def test_a_clock_that_breaks_while_serving_is_unavailable_at_every_door(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-11-22T14:00:00+08:00")
    client = create_app(replace(program, clock=FileClock(file))).test_client()
    assert client.get("/health/ready").status_code == 200
    file.write_text("soon")
    for path in ("/health/ready", "/api/v1/me", "/sign-in", "/nowhere"):
        answer = client.get(path)
        assert answer.status_code == (404 if path == "/nowhere" else 503), path
    problem = client.get("/api/v1/me").json
    assert problem is not None
    assert (problem["code"], problem["facts"]) == ("unavailable", {"cause": "clock"})
    assert client.get("/health/live").status_code == 200


def test_figures_count_requests_by_their_rule_and_the_books_once_a_minute(
    client: FlaskClient, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long this machine takes, the minute is not over.
    monkeypatch.setattr(metrics, "COUNT_SECONDS", math.inf)
    assert "lovebank_transfers 0.0" in client.get("/metrics").text
    program.database.write(lambda session: factories.make_community(session)[0].id)
    client.get("/api/v1/people/01a203df-07a2-7000-ad3f-2bba360c0a4a")
    told = client.get("/metrics").text
    assert 'route="/api/v1/people/<person_id>",status="401"} 1.0' in told
    assert "lovebank_unsealed_leaves 0.0" in told
    assert "01a203df" not in told
    fresh = create_app(program).test_client().get("/metrics").text
    assert "lovebank_unsealed_leaves 0.0" not in fresh


def test_a_body_above_the_largest_is_too_large(client: FlaskClient) -> None:
    answer = client.post("/api/v1/tokens", data=b"x" * (2 << 20), content_type="application/json")
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "too_large"


@pytest.mark.parametrize("method", ["FOO", "TRACE", "PROPFIND"])
def test_a_method_that_nobody_knows_is_a_problem_under_the_api(
    client: FlaskClient, method: str
) -> None:
    answer = client.open("/api/v1/me", method=method)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
    assert answer.headers["Allow"] == "GET"
    assert client.open("/api/v1/nowhere", method=method).status_code == 404
    assert client.open("/sign-in", method=method).status_code == 405
