"""Read a request's body: strict JSON, one object, within its size.

Invariant: what parses here parses the same everywhere: no NaN, no key twice, no lone surrogate, no
depth that breaks a reader.
"""

from __future__ import annotations

import json
from typing import Any

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request

from kit.errors import DomainError

BODY_MAX = 256 * 1024
BATCH_BODY_MAX = 1024 * 1024
DEPTH_MAX = 16


class NotJson(DomainError):
    """The body is not one JSON object: 400."""

    def __init__(self, why: str) -> None:
        super().__init__("not_json", why=why)


class TooLarge(DomainError):
    """The body is larger than this call takes: 413."""

    def __init__(self, most: int) -> None:
        super().__init__("too_large", most_bytes=most)


def read(request: Request, *, most: int, may_be_empty: bool) -> dict[str, Any]:
    """The body as an object; ``{}`` for an empty one where every field may be left out.

    Raises TooLarge, then NotJson.
    """
    raw = _raw(request, most)
    if not raw.strip() and may_be_empty:
        return {}
    try:
        found = json.loads(
            raw.decode("utf-8"), parse_constant=_refuse_constant, object_pairs_hook=_once
        )
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    except (ValueError, RecursionError) as problem:
        raise NotJson(str(problem)[:120]) from None
    if not isinstance(found, dict):
        raise NotJson("not an object")
    _walk(found)
    return found


def _raw(request: Request, most: int) -> bytes:
    if request.content_length is not None and request.content_length > most:
        raise TooLarge(most)
    # One octet more than may be: a body of unknown length is cut there, and must not pass as whole
    request.max_content_length = most + 1
    try:
        raw = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(most) from None
    except ClientDisconnected:
        raise NotJson("cut off") from None
    if len(raw) > most:
        raise TooLarge(most)
    return raw


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _walk(found: dict[str, Any]) -> None:
    """Refuse depth and lone surrogates, without recursion of our own."""
    waiting: list[tuple[Any, int]] = [(found, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > DEPTH_MAX:
            raise NotJson("nested too deeply")
        if isinstance(value, dict):
            waiting.extend((key, depth) for key in value)
            waiting.extend((part, depth + 1) for part in value.values())
        elif isinstance(value, list):
            waiting.extend((part, depth + 1) for part in value)
        elif isinstance(value, str) and not _is_whole(value):
            raise NotJson("half of a surrogate pair")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
