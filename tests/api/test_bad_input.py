"""Bad input over every call: each a 4xx problem with a stable code, and nothing is written.

The cases are made from the registry: each field of each schema, wrong in each way that its kind
can be. So a call that is added is tried without a line here.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from marshmallow import Schema
from sqlalchemy import text
from werkzeug.test import TestResponse

from api import fields, routes, wording
from api.calls import CALLS, Call
from kit.tables import Base
from tests import factories, statement_lint
from tests.api import asking
from tests.api.world import Caller, World

#: what a refusal may leave: its trace in the trail, counted failures, the scan that was refused
MAY_GROW = {
    "limits",
    "audit_entries",
    "audit_texts",
    "audit_unsealed",
    "scans",
    "scan_traces",
    "unknown_scans",
}
#: what a good body of these is answered with: nobody's password or code is in it, and an adjustment
#: is withdrawn by who asked for it
REFUSED_ALL_THE_SAME = {
    ("POST", "/ledger/adjustments/{adjustment_id}/withdraw"): 403,
    # Somebody else's line that is not on notice, and an objection that somebody else raised.
    ("POST", "/attendances/{attendance_id}/objections"): 403,
    ("POST", "/objections/{objection_id}/withdraw"): 403,
    # Nobody is there any more: they stand for somebody whose place is taken already.
    ("POST", "/sign-ups/{sign_up_id}/stand-in/accept"): 409,
    ("POST", "/sign-ups/{sign_up_id}/withdraw"): 409,
    # It was entered by hand, so nobody may take a scan back, and it is over: nobody is there.
    ("POST", "/attendances/{attendance_id}/undo"): 403,
    ("POST", "/attendances/{attendance_id}/go-on"): 409,
    ("POST", "/attendances/{attendance_id}/breaks"): 409,
    ("POST", "/attendances/{attendance_id}/breaks/end"): 409,
    # Nothing was credited on that day.
    ("POST", "/samples"): 409,
    ("POST", "/tokens"): 401,
    ("PUT", "/me/password"): 401,
    ("POST", "/scans"): 409,
}
NOT_INTEGERS = [True, "5", 5.0, 0.6, "５", [], {}, 2**63, -(2**63), 10**30, -1]
NOT_TEXTS = [5, True, "", " ", "x" * 100_000, "a\x00b", "a\u202eb", [], {}]
NOT_IDS = ["", "5", 5, "not-an-id", "{12345678-1234-1234-1234-123456789012}", [], True]
NOT_INSTANTS = [
    "2026-11-22",
    "2026-11-22T10:00:00",
    "2026-13-22T10:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "２026-11-22T10:00:00Z",
    1764000000,
    True,
    [],
]
NOT_DAYS = ["2026-02-30", "22.11.2026", "2026-11-22T10:00:00Z", 20261122, True, ""]
NOT_LISTS = [{}, "x", 5, [[]], [None]]


@pytest.fixture
def busy(world: World) -> World:
    """The world with one of each thing, and somebody who holds every role."""
    asking.furnish(world)
    world.join("everything", "captain", "manager", "clerk", "treasurer", "admin")
    return world


def test_every_call_has_its_request(busy: World) -> None:
    routes.load()
    writing = {(call.method, call.path) for call in CALLS if call.method != "GET"}
    assert set(asking.bodies(busy)) == writing


def test_each_bad_body_is_a_problem_and_writes_nothing(
    busy: World, record_property: Callable[[str, object], None]
) -> None:
    bodies = asking.bodies(busy)
    by_name = {(call.method, call.path): call for call in CALLS}
    # What is refused before the database is reached is tried whole on one engine only.
    thinned = 1 if busy.database.dialect == "sqlite" else 4
    tried, wrong = 0, []
    for name, good in bodies.items():
        call, path = by_name[name], asking.path_of(busy, name[1])
        before = _rows(busy)
        for case, body in itertools.islice(_bad_bodies(call, good), 0, None, thinned):
            answer = _send(busy["everything"], call, path, body)
            tried += 1
            wrong += [f"{name} {case}: {why}" for why in _faults(answer, before, _rows(busy))]
        answer = busy["everything"].send(call.method, path, good)
        expected = REFUSED_ALL_THE_SAME.get(name, call.status)
        if answer.status_code != expected:
            wrong.append(f"{name}: the good body {answer.status_code} {answer.data!r}")
    assert wrong == []
    assert tried > 300
    record_property("cases", tried)


def test_each_bad_query_is_a_problem(
    busy: World, record_property: Callable[[str, object], None]
) -> None:
    tried, wrong = 0, []
    for call in CALLS:
        if call.method != "GET":
            continue
        path = asking.path_of(busy, call.path)
        for query in _bad_queries(call):
            answer = busy["everything"].get(f"{path}?{query}")
            tried += 1
            wrong += [f"{call.path}?{query}: {why}" for why in _faults(answer, {}, {})]
    assert wrong == []
    assert tried > 150
    record_property("cases", tried)


def test_another_communitys_ids_are_not_found(busy: World) -> None:
    foreign = _foreign_id(busy)
    wrong = []
    bodies = asking.bodies(busy)
    caller = busy.join("seer", *("captain", "manager", "clerk", "treasurer", "admin", "auditor"))
    for call in CALLS:
        good = bodies.get((call.method, call.path))
        for name in (
            "person", "shift", "sign_up", "red_post", "attendance", "order", "goods", "transfer",
            "adjustment",
        ):  # fmt: skip
            if f"{{{name}_id}}" in call.path:
                other = call.path.replace(f"{{{name}_id}}", foreign)
                before = _rows(busy)
                answer = caller.send(call.method, asking.path_of(busy, other), good)
                if (answer.status_code, before) != (404, _rows(busy)):
                    wrong.append(f"{call.method} {other}: {answer.status_code} {answer.data!r}")
    assert wrong == []


def _bad_bodies(call: Call, good: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Named bodies that must be refused; bytes go as they are."""
    yield "unknown field", {**good, "colour": "red"}
    for raw in (b"{", b"[]", b"null", b'"x"', b'{"a": NaN}', b'{"a": 1, "a": 2}', b"\xff"):
        yield repr(raw), raw
    yield "oversize", json.dumps({**good, "colour": "x" * call.body_most}).encode()
    if call.body is not None:
        for place, value in _bad_values(call.body(), ()):
            body = copy.deepcopy(good)
            _set(body, place, value)
            yield f"{'.'.join(map(str, place))} = {value!r:.40}", body
        for name, one in call.body().fields.items():
            if one.required:
                left = {key: part for key, part in good.items() if key != (one.data_key or name)}
                yield f"without {name}", left


def _bad_values(schema: Schema, outer: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each field of a schema, wrong in each way that its kind can be."""
    for name, one in schema.fields.items():
        place = (*outer, one.data_key or name)
        for value in _wrong_for(one):
            yield place, value
        if not one.allow_none:
            yield place, None
        if isinstance(one, fields.Part):
            yield from _bad_values(one.schema, place)
        elif isinstance(one, fields.Many) and isinstance(one.inner, fields.Part):
            yield from _bad_values(one.inner.schema, (*place, 0))


def _wrong_for(one: Any) -> list[Any]:
    if isinstance(one, fields.Whole):
        over = [one.most + 1] if one.most < 2**53 - 1 else [2**53]
        signed = [value for value in NOT_INTEGERS if value != -1]
        never = signed if one.least < 0 else NOT_INTEGERS
        return never + over + ([0] if one.least == 1 else [])
    if isinstance(one, fields.Choice | fields.Match):
        return [*NOT_TEXTS, "something else", "１２３４５６"]
    if isinstance(one, fields.Text):
        # A password may be spaces, and a field that may be left empty is no fault.
        return [value for value in NOT_TEXTS if not (one.raw and value == " ")]
    for kind, values in (
        (fields.Ref, NOT_IDS),
        (fields.Instant, NOT_INSTANTS),
        (fields.Day, NOT_DAYS),
        (fields.Flag, [1, 0, "true", "yes", []]),
        (fields.Part, [5, "x", []]),
        (fields.Many, NOT_LISTS + ([[]] if getattr(one, "least", 0) else [])),
    ):
        if isinstance(one, kind):
            return list(values)
    return [0.5, float("nan"), "nonsense", [1]]


def _set(body: Any, place: tuple[Any, ...], value: Any) -> None:
    for step in place[:-1]:
        body = body.setdefault(step, {}) if isinstance(body, dict) else body[step]
    body[place[-1]] = value


def _bad_queries(call: Call) -> Iterator[str]:
    yield "colour=red"
    if call.query is None:
        return
    known = call.query().fields
    if "limit" in known:
        for value in ("0", "101", "-1", "5.0", "x", "", "%EF%BC%95", "1e1", "9" * 30):
            yield f"limit={value}"
        for value in ("x", "", "A" * 30, "A" * 65, "%00"):
            yield f"cursor={value}"
        yield "limit=1&limit=2"
    for name, one in known.items():
        if isinstance(one, fields.Ref | fields.Instant | fields.Choice | fields.Match | fields.Day):
            for value in ("nonsense", "5", "", "%00"):
                yield f"{one.data_key or name}={value}"


def _send(caller: Caller, call: Call, path: str, body: Any) -> TestResponse:
    if isinstance(body, bytes):
        return caller.send(call.method, path, data=body)
    raw = json.dumps(body).encode()
    return caller.send(call.method, path, data=raw, content_type="application/json")


def _faults(answer: TestResponse, before: Any, after: Any) -> Iterator[str]:
    if not 400 <= answer.status_code < 500:
        yield f"{answer.status_code} {answer.data[:200]!r}"
        return
    told = answer.json or {}
    if answer.mimetype != "application/problem+json" or told.get("status") != answer.status_code:
        yield f"no problem: {answer.data[:200]!r}"
    if told.get("code") not in wording.table()["codes"]:
        yield f"an unknown code {told.get('code')}"
    if before != after:
        grown = [name for name in after if after[name] != before[name]]
        yield f"it wrote to {grown}"


def _rows(world: World) -> dict[str, int]:
    """How many rows each table has."""
    names = sorted(set(Base.metadata.tables) - MAY_GROW)
    schema = "" if world.database.dialect == "sqlite" else "lovebank."
    counts = ", ".join(f"(SELECT count(*) FROM {schema}{name})" for name in names)
    with statement_lint.off(), world.database.reader.connect() as connection:
        return dict(zip(names, connection.execute(text(f"SELECT {counts}")).one(), strict=True))


def _foreign_id(world: World) -> str:
    """The id of somebody in another community of the same database."""
    _community, first = world.write(lambda session: factories.make_community(session))
    return str(first.id)


def test_a_nonce_is_kept_as_it_came_or_refused(world: World) -> None:
    for nonce, status in ((" n1 ", 422), ("n1\u00a0", 422), ("e\u0301", 200)):
        scan = {"token": "X", "nonce": nonce, "captured_at": "2026-11-22T11:00:00+08:00"}
        answer = world["captain"].post("/scans/batch", {"scans": [scan]})
        assert answer.status_code == status, (nonce, answer.text)
        if status == 200:
            assert answer.json is not None
            assert answer.json["results"][0]["nonce"] == nonce
