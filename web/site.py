"""The blueprint: every page at its address, the headers around all answers, and what is not found.

Invariant: an answer of the program that says no Content-Security-Policy of its own gets ours,
redirects and refusals too.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from kit.errors import DomainError, NotFound
from kit.program import Program
from web import (
    adjustments,
    after_scan,
    altering,
    approvals,
    board,
    books,
    breaks,
    calendars,
    consents,
    counter,
    desk,
    explain,
    home,
    lots,
    me,
    messages,
    moves,
    objections,
    office_goods,
    office_imports,
    office_people,
    office_red_post,
    office_rules,
    office_shifts,
    office_signals,
    office_templates,
    office_units,
    pages,
    periods,
    photos,
    prints,
    rota,
    scan,
    security,
    shop,
    sign_in,
    stand_ins,
    style,
)
from web.visit import greet

AUDIENCES = (
    home,
    sign_in,
    me,
    consents,
    messages,
    board,
    scan,
    photos,
    after_scan,
    breaks,
    rota,
    stand_ins,
    calendars,
    shop,
    desk,
    altering,
    approvals,
    moves,
    objections,
    office_signals,
    explain,
    counter,
    office_people,
    office_imports,
    office_shifts,
    office_red_post,
    office_rules,
    office_templates,
    office_goods,
    office_units,
    prints,
    books,
    lots,
    adjustments,
    periods,
)
#: These speak for themselves.
OTHER_DOORS = ("/api/", "/health", "/metrics")


def blueprint(program: Program) -> Blueprint:
    """Every page, ready to be registered at the root of an application."""
    made = Blueprint("web", __name__, static_folder="static", static_url_path="/assets")
    for audience in AUDIENCES:
        audience.pages.attach(made, program)
    if program.is_test:
        style.pages.attach(made, program)

    def dress(response: Response) -> Response:
        security.dress(response)
        if request.endpoint == "web.static":
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    known = {
        404: NotFound("page"),
        413: DomainError("too_large"),
        500: DomainError("other"),
    }

    def refused(problem: HTTPException) -> Response | HTTPException:
        if request.path.startswith(OTHER_DOORS):
            return problem
        told = known.get(problem.code or 0, DomainError("bad_call"))
        return pages.refuse(greet(program).refused(told), problem.code)

    made.after_app_request(dress)
    for number in (400, 404, 405, 413, 500):
        made.app_errorhandler(number)(refused)
    return made
