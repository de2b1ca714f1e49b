"""The program put together: one WSGI application with its two doors, health and figures.

Invariant: nothing here decides anything; every rule is in a room below.
"""

from __future__ import annotations

from flask import Flask

import api.site
import web
from kit.program import Program
from lovebank import headers, health, metrics

#: the largest body of any call (``/scans/batch``); the doors set smaller ones per call
BODY_MAX = 1 << 20


def create_app(program: Program) -> Flask:
    """The application of a program whose database is opened and at the head revision."""
    app = Flask("lovebank", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's own provider has it
    headers.install(app, https=program.base_url.lower().startswith("https://"))
    metrics.install(app, program)
    app.register_blueprint(health.blueprint(program))
    app.register_blueprint(api.site.blueprint(program))
    app.register_blueprint(web.blueprint(program))
    return app
