"""The way in for every call: who asks, what they send, one unit of work, the answer.

Invariant: only a bearer token signs a call in, never a cookie, so a browser cannot be made to send
one for somebody else; the answer is made inside the unit, and nothing is sent before it committed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Request, Response

from api import answers, bodies, fields, kept_answers, problems, queries
from api.calls import Ask, Call
from audit import units
from audit.actor import Actor
from kit import ids
from kit.errors import NotAllowed, NotFound, NotSignedIn
from kit.program import Program
from people import sign_in

_BEARER = re.compile(r"bearer +([A-Za-z0-9._:~+/=-]{1,256})", re.ASCII | re.IGNORECASE)
#: status, body, and whether it is an answer given before
Answer = tuple[int, Any, bool]
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


@dataclass(frozen=True)
class Given:
    """A request before its unit: checked, and not yet judged."""

    request: Request
    call: Call
    request_id: UUID
    at: datetime
    token: str | None
    actor: Actor
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    ids: Mapping[str, UUID]
    key: kept_answers.Key | None

    def ask(self, program: Program, session: Session) -> Ask:
        """What the call's function gets."""
        return Ask(
            program=program,
            session=session,
            actor=self.actor,
            at=self.at,
            body=self.body,
            query=self.query,
            ids=self.ids,
            token=self.token,
            address=self.request.remote_addr or "",
            agent=self.request.headers.get("User-Agent", "")[:300],
            language=problems.language_of(self.request),
        )


def answer(program: Program, call: Call, request: Request, path: Mapping[str, str]) -> Response:
    """Serve one request; every refusal and every mistake of ours becomes a problem."""
    request_id = ids.new()
    language = problems.language_of(request)
    try:
        made = _served(program, call, request, path, request_id)
    # Whatever goes wrong, a program gets problem+json with the request's id (contract), never the
    # server's page; what is no refusal of ours is in the log under that id, with its trace.
    except Exception as problem:
        refusal = problems.refusal_of(problem, request_id)
        made = problems.response(refusal, language=language, request_id=request_id)
    return guarded(made, request_id)


def guarded(made: Response, request_id: UUID) -> Response:
    """The headers that every answer of the API carries."""
    made.headers["X-Request-Id"] = str(request_id)
    made.headers["Cache-Control"] = "no-store"
    made.headers["X-Content-Type-Options"] = "nosniff"
    made.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    made.headers["Referrer-Policy"] = "no-referrer"
    return made


def _served(
    program: Program, call: Call, request: Request, path: Mapping[str, str], request_id: UUID
) -> Response:
    at = program.clock.now()
    token, actor = None, Actor(ids.NIL, None, "api", request_id)
    if not call.anyone:
        token = _token(request)
        actor = _actor(program, call, token, at, request_id)
    given = _given(call, request, path, request_id=request_id, at=at, token=token, actor=actor)
    if not call.writes:
        return _read(program, given)
    if call.anyone:
        return _before_sign_in(program, given)
    if call.own_units:
        status, body, replayed = _own_units(program, given)
    else:
        status, body, replayed = _one_unit(program, given)
    made = answers.response(status, body)
    if replayed:
        made.headers["Idempotent-Replayed"] = "true"
    return made


def _given(
    call: Call,
    request: Request,
    path: Mapping[str, str],
    *,
    request_id: UUID,
    at: datetime,
    token: str | None,
    actor: Actor,
) -> Given:
    """Read everything the request holds; raises in the order: path, size, JSON, fields, key."""
    found = {name: _id(text, actor) for name, text in path.items()}
    raw: dict[str, Any] = {}
    if call.method != "GET":
        schema = answers.schema_of(call.body or fields.In)
        optional = not any(one.required for one in schema.fields.values())
        raw = bodies.read(request, most=call.body_most, may_be_empty=optional)
    try:
        body = schema.load(raw) if call.method != "GET" else {}
        query = queries.read(request.args, call.query)
    except ValidationError as problem:
        raise problems.invalid(problem) from None
    key = None
    if call.takes_key:
        told = request.headers.get(kept_answers.HEADER)
        key = kept_answers.of(told, call=f"{call.method} {request.path}", body=raw)
    return Given(request, call, request_id, at, token, actor, body, query, found, key)


def _one_unit(program: Program, given: Given) -> Answer:
    """A call of one unit, after what it does before that."""
    call, made = given.call, None
    if call.before is not None and not _answered(program, given):
        ahead, ask = call.before, given.ask(program, Session())
        made = units.traced(
            program.database,
            lambda: ahead(ask),
            actor=given.actor,
            at=given.at,
            call=f"{call.method} {call.path}",
        )
    return _perform(
        program,
        given,
        lambda session: _unit(given, replace(given.ask(program, session), made=made)),
    )


def _answered(program: Program, given: Given) -> bool:
    """Whether the key was used before; the unit then answers again, or refuses it."""
    key = given.key
    if key is None:
        return False
    return program.database.read(
        lambda session: kept_answers.used(given.ask(program, session), key),
        community_id=given.actor.community_id,
    )


def _unit(given: Given, ask: Ask) -> Answer:
    """The work of one writing call."""
    call, key = given.call, given.key
    if key is not None:
        kept = kept_answers.take(ask, key)
        if kept is not None:
            return kept[0], kept_answers.again(ask, call, kept[1]), True
    body = answers.dumped(ask, call, call.run(ask))
    if key is not None:
        kept_answers.keep(ask, call, key, body)
    return call.status, body, False


def _own_units(program: Program, given: Given) -> Answer:
    """A call of many units: it runs outside of one, and its answer is kept after them.

    Two at once with the same key both run; its parts have nonces, so they answer alike.
    """
    call, key = given.call, given.key
    if key is not None:
        kept = program.database.read(
            lambda session: kept_answers.find(given.ask(program, session), key),
            community_id=given.actor.community_id,
        )
        if kept is not None:
            return kept[0], kept[1], True
    ask = given.ask(program, Session())
    body = answers.dumped(ask, call, call.run(ask))
    if key is None:
        return call.status, body, False

    def keep(session: Session) -> Answer:
        inside = given.ask(program, session)
        first = kept_answers.take(inside, key)
        if first is not None:
            return first[0], first[1], True
        kept_answers.keep(inside, call, key, body)
        return call.status, body, False

    return _perform(program, given, keep)


def _perform(program: Program, given: Given, work: Callable[[Session], Answer]) -> Answer:
    name = f"{given.call.method} {given.call.path}"
    return units.perform(program.database, work, actor=given.actor, at=given.at, call=name)


def _read(program: Program, given: Given) -> Response:
    """A call that only reads; a refusal by right is kept in the trail all the same."""
    call = given.call

    def work(session: Session) -> Any:
        ask = given.ask(program, session)
        return answers.dumped(ask, call, call.run(ask))

    try:
        body = program.database.read(work, community_id=given.actor.community_id)
    except NotAllowed as refusal:
        name = f"{call.method} {call.path}"
        units.keep_refusal(program.database, refusal, actor=given.actor, at=given.at, call=name)
        raise
    return answers.response(call.status, body)


def _before_sign_in(program: Program, given: Given) -> Response:
    """The call that signs in: no community is known yet, and it opens its own short units."""
    ask = given.ask(program, Session())
    return answers.response(given.call.status, answers.dumped(ask, given.call, given.call.run(ask)))


def _token(request: Request) -> str:
    told = _BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if told is None:
        raise NotSignedIn
    return told.group(1)


def _actor(program: Program, call: Call, token: str, at: datetime, request_id: UUID) -> Actor:
    """Who the token stands for, now; sign-out and changes of roles count at once."""
    signed = program.database.read(lambda session: sign_in.caller(session, token, at))
    if signed is None:
        raise NotSignedIn
    if signed.must_set_password_since is not None and not call.before_password:
        raise NotAllowed(must_set_password=True)
    return Actor(signed.community_id, signed.person_id, "api", request_id)


def _id(text: str, actor: Actor) -> UUID:
    """An id of the path; ``me`` is the caller."""
    if text == "me" and actor.person_id is not None:
        return actor.person_id
    if not _UUID.fullmatch(text):
        raise NotFound("path")
    return UUID(text)
