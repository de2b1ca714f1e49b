"""The OpenAPI 3.1 document, made from the registry of calls.

Invariant: nothing is written here that a call's declaration does not say, so the document cannot
fall behind.
"""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema

from api import kept_answers, problems
from api.calls import CALLS, Call

_PROBLEMS = {
    "400": "Not JSON",
    "401": "Not signed in",
    "403": "Not allowed",
    "404": "Not found, also for another community's ids",
    "409": "Refused: the code says why",
    "413": "Too large",
    "422": "Something to correct, or the key was used for something else",
    "429": "Too many failures; see Retry-After",
    "503": "Busy; see Retry-After",
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, snake_case"},
        "detail": {"type": "string", "description": "English, or Chinese (Accept-Language: zh)"},
        "facts": {"type": "object"},
        "instance": {"type": "string", "format": "uri"},
        "errors": {
            "type": "object",
            "description": "what is wrong, by field",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
_INFO = (
    "The API of Love Bank 爱心银行. Sign in with POST /tokens and send `Authorization: Bearer "
    "<token>`; cookies are never accepted here. Refusals are application/problem+json with a "
    "stable `code`. Lists take `limit` and `cursor`, newest first. A body is read as JSON whatever "
    "its Content-Type says."
)


def document(prefix: str, version: str) -> dict[str, Any]:
    """The whole document."""
    made = APISpec(
        title="Love Bank API",
        version=version,
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
        info={"description": _INFO},
        servers=[{"url": prefix}],
        security=[{"bearer": []}],
    )
    made.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    made.components.schema("Problem", _PROBLEM)
    for call in CALLS:
        made.path(path=call.path, operations={call.method.lower(): _operation(call)})
    found: dict[str, Any] = made.to_dict()
    return found


def _name(schema: Any) -> str:
    """A schema's name: its class without the In or Out behind."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__


def _operation(call: Call) -> dict[str, Any]:
    first, _, rest = call.text.partition("\n")
    told = {
        "operationId": f"{call.method.lower()}_{call.name.replace('.', '_')}",
        "tags": [call.name.split(".")[0]],
        "summary": first.rstrip("."),
        "description": f"{rest.strip()}\n\nWho: {call.who}.".strip(),
        "x-who": call.who,
        "parameters": _parameters(call),
        "responses": _responses(call),
    }
    if call.body is not None:
        content = {"application/json": {"schema": call.body}}
        needed = any(one.required for one in call.body().fields.values())
        told["requestBody"] = {"content": content, "required": needed}
    if call.anyone:
        told["security"] = []
    return told


def _parameters(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "in": "path",
            "name": name,
            "required": True,
            "schema": _ids(name),
        }
        for name in re.findall(r"{(\w+)}", call.path)
    ]
    if call.query is not None:
        found.append({"in": "query", "schema": call.query})  # apispec takes it apart
    if call.takes_key:
        found.append(
            {
                "in": "header",
                "name": kept_answers.HEADER,
                "description": "the same key, call and body again: the first answer again",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    return found


def _ids(name: str) -> dict[str, Any]:
    """An id of the path; a person may also be told as `me`."""
    id_schema = {"type": "string", "format": "uuid"}
    return {"anyOf": [id_schema, {"const": "me"}]} if name == "person_id" else id_schema


def _responses(call: Call) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    refused = {
        status: {"description": text, "content": {problems.MEDIA_TYPE: {"schema": schema}}}
        for status, text in _PROBLEMS.items()
        if call.method != "GET" or status not in {"400", "413"}
    }
    return {str(call.status): _done(call), **refused}


def _done(call: Call) -> dict[str, Any]:
    told: dict[str, Any] = {"description": "Done"}
    if call.image:
        told["content"] = {call.image: {"schema": {"type": "string", "format": "binary"}}}
    elif call.answer is not None:
        told["content"] = {"application/json": {"schema": _answer(call, call.answer)}}
    return told


def _answer(call: Call, schema: type[Schema]) -> Any:
    if not call.paged:
        return schema
    properties = {
        "items": {"type": "array", "items": schema},
        "next": {"type": ["string", "null"], "description": "cursor of the next page"},
    }
    page = {"type": "object", "required": ["items", "next"], "properties": properties}
    return {"allOf": [page, call.beside]} if call.beside else page
