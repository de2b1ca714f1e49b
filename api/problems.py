"""Refusals as application/problem+json (RFC 9457): the one table of statuses is here.

Invariant: a refusal tells its stable code, its facts and a sentence, and nothing of the database or
of the program's inside.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Request, Response

from api import bodies, fields, wording
from kit.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    SettingsError,
    TooMany,
    Unavailable,
)

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 2
#: the first that fits; what stands nowhere here is 409
STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (bodies.NotJson, 400),
    (bodies.TooLarge, 413),
    (NotSignedIn, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (Invalid, 422),
    (TooMany, 429),
    (Unavailable, 503),
)
#: codes whose status differs from that of their class
BY_CODE = {
    "idempotency_mismatch": 422,
    "wrong_pin": 403,
    "own_approval": 403,
    "method_not_allowed": 405,
    "internal": 500,
}


def status_of(refusal: DomainError) -> int:
    """The HTTP status of a refusal."""
    if refusal.code in BY_CODE:
        return BY_CODE[refusal.code]
    return next((status for kind, status in STATUSES if isinstance(refusal, kind)), 409)


def refusal_of(problem: Exception, request_id: UUID) -> DomainError:
    """What a call is refused with; all that is no refusal of ours is in the log, by its request."""
    if isinstance(problem, DomainError):
        return problem
    if isinstance(problem, SettingsError):
        # The test clock's file was good at the start, and tells no instant now.
        logger.error("request %s: %s", request_id, problem)
        return Unavailable("clock")
    if isinstance(problem, IntegrityError):
        logger.error("request %s met an unnamed constraint", request_id, exc_info=problem)
        return Conflict("conflict")
    logger.error("request %s failed", request_id, exc_info=problem)
    return DomainError("internal")


def response(refusal: DomainError, *, language: str, request_id: UUID) -> Response:
    """The answer to a refused call."""
    status = status_of(refusal)
    facts = {name: plain(value) for name, value in refusal.facts.items() if name != "errors"}
    body: dict[str, Any] = {
        "type": f"urn:lovebank:problem:{refusal.code}",
        "title": wording.title(refusal.code),
        "status": status,
        "code": refusal.code,
        "detail": wording.detail(refusal.code, facts, language),
        "facts": facts,
        "instance": f"urn:uuid:{request_id}",
    }
    if "errors" in refusal.facts:
        body["errors"] = _told(refusal.facts["errors"], language)
    answer = Response(json.dumps(body, ensure_ascii=False), status=status, mimetype=MEDIA_TYPE)
    answer.headers["Content-Language"] = language
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="lovebank"'
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
    if isinstance(refusal, Unavailable):
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def language_of(request: Request) -> str:
    """English, or Chinese where the caller prefers it."""
    return request.accept_languages.best_match(wording.LANGUAGES) or "en"


def invalid(problem: ValidationError) -> Invalid:
    """What the schema found, one line per field: ``lines.0.quantity``."""
    found: dict[str, Any] = {}
    _flatten(problem.messages, "", found)
    return Invalid(**found)


def _flatten(messages: Any, path: str, found: dict[str, Any]) -> None:
    if isinstance(messages, dict):
        for name, part in messages.items():
            inner = path if name == "_schema" else f"{path}.{name}" if path else str(name)
            _flatten(part, inner, found)
        return
    found[path or "body"] = [str(message) for message in messages]


def _told(errors: Mapping[str, Any], language: str) -> dict[str, list[str]]:
    """Each field with its sentences."""
    return {
        name: [wording.fault(one, language) for one in (told if isinstance(told, list) else [told])]
        for name, told in errors.items()
    }


def plain(value: Any) -> Any:
    """A fact as JSON: ids and times as text, records as objects."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(part) for part in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return fields.instant(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, UUID | date):
        return str(value)
    assert value is None or isinstance(value, str | int), f"a fact is plain, not {value!r}"
    return value
