"""What a call's result becomes on the wire.

Invariant: an answer is made inside the unit, from plain JSON values, and nothing is asked of the
database after it.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from marshmallow import Schema
from werkzeug.wrappers import Response

from api import cursors
from api.calls import Ask, Call, Image, Page


def dumped(ask: Ask, call: Call, result: Any) -> Any:
    """The answer as plain JSON values, or the picture itself."""
    if isinstance(result, Image):
        return result
    if call.answer is None:
        return None
    schema = schema_of(call.answer)
    if isinstance(result, Page):
        last = result.last
        cursor = None if last is None else cursors.made(ask.program.keys, last)
        more = call.beside().dump(result.more) if call.beside else {}
        return {"items": schema.dump(result.items, many=True), "next": cursor, **more}
    return schema.dump(result)


@cache
def schema_of(kind: type[Schema]) -> Schema:
    """One of each kind, made once: loading and dumping change nothing in it."""
    return kind()


def response(status: int, body: Any) -> Response:
    """The body with its status: a picture, JSON, or nothing."""
    if isinstance(body, Image):
        return Response(body.content, status=status, mimetype=body.media_type)
    if body is None:
        return Response(status=status)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    return Response(text, status=status, mimetype="application/json")
