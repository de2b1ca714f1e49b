"""The API put together: a blueprint with every call that is declared (api.calls).

Invariant: every path under /api answers as the API does, also one that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from api import documents, door, problems, routes
from api.calls import CALLS, Call, methods_of
from kit import ids
from kit.errors import DomainError, NotFound
from kit.program import Program

PREFIX = "/api/v1"
_NOWHERE = "api.nowhere"


def blueprint(program: Program) -> Blueprint:
    """The API and its page, to be registered at the root: /api/v1 and /api/docs."""
    routes.load()
    made = Blueprint("api", __name__)
    for call in CALLS:
        made.add_url_rule(
            PREFIX + call.path.replace("{", "<").replace("}", ">"),
            endpoint=f"{call.name.replace('.', ':')}:{call.method}",
            view_func=_view(program, call),
            methods=[call.method],
            provide_automatic_options=False,
        )
    documents.add(made, PREFIX)
    made.record(_add_nowhere)
    return made


def _add_nowhere(state: BlueprintSetupState) -> None:
    """Every other path, and every other method: also one that HTTP does not know."""
    state.app.view_functions[_NOWHERE] = _nowhere
    for path in ("/api", "/api/", "/api/<path:rest>"):
        # Flask's own way in takes a list of methods; a rule without one takes them all.
        state.app.url_map.add(Rule(path, endpoint=_NOWHERE, methods=None))


def _view(program: Program, call: Call) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        return door.answer(program, call, request, path)

    return view


def _nowhere(rest: str = "") -> Response:
    """No such path, or not with this method."""
    request_id = ids.new()
    allowed = methods_of(f"/api/{rest}".removeprefix(PREFIX))
    refusal = DomainError("method_not_allowed", allowed=allowed) if allowed else NotFound("path")
    language = problems.language_of(request)
    made = problems.response(refusal, language=language, request_id=request_id)
    if allowed:
        made.headers["Allow"] = ", ".join(allowed)
    return door.guarded(made, request_id)
