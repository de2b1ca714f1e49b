"""Serve the OpenAPI document and its page, both without the internet.

Invariant: the page runs only files of this program (flask-swagger-ui's packaged copy of Swagger UI
and our own init.js); its policy lets nothing else in.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint
from werkzeug.wrappers import Response

from api import door, openapi
from kit import ids

DOCS = "/api/docs"
#: of the API, not of the program: it changes when a call changes its meaning
VERSION = "1.0"
_DIST = Path(flask_swagger_ui.__file__).parent / "dist"
_FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-16x16.png": "image/png",
    "favicon-32x32.png": "image/png",
}
_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Love Bank API 爱心银行</title>
<link rel="icon" href="{docs}/favicon-32x32.png">
<link rel="stylesheet" href="{docs}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-document="{document}"></div>
<noscript>This page needs scripts; the document itself is at {document}.</noscript>
<script src="{docs}/swagger-ui-bundle.js"></script>
<script src="{docs}/init.js"></script>
</body>
</html>
"""
_INIT = """"use strict";
const root = document.getElementById("swagger-ui");
SwaggerUIBundle({
  url: root.dataset.document,
  domNode: root,
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
});
"""


def add(blueprint: Blueprint, prefix: str) -> None:
    """Add /api/v1/openapi.json, /api/docs and its files."""
    address = f"{prefix}/openapi.json"

    @functools.cache
    def document() -> str:
        return json.dumps(openapi.document(prefix, VERSION))

    def serve_document() -> Response:
        made = Response(document(), mimetype="application/json")
        return door.guarded(made, ids.new())

    def serve_page() -> Response:
        return _file(_PAGE.format(docs=DOCS, document=address).encode(), "text/html")

    def serve_file(name: str) -> Response:
        if name == "init.js":
            return _file(_INIT.encode(), "text/javascript")
        return _file((_DIST / name).read_bytes(), _FILES[name])

    blueprint.add_url_rule(address, view_func=serve_document)
    blueprint.add_url_rule(DOCS, view_func=serve_page)
    blueprint.add_url_rule(f"{DOCS}/", endpoint="serve_page_slash", view_func=serve_page)
    for name in ("init.js", *_FILES):
        blueprint.add_url_rule(
            f"{DOCS}/{name}",
            endpoint=f"docs:{name.replace('.', '_')}",
            view_func=functools.partial(serve_file, name),
        )


def _file(content: bytes, media_type: str) -> Response:
    made = door.guarded(Response(content, mimetype=media_type), ids.new())
    made.headers["Content-Security-Policy"] = _POLICY
    if media_type != "text/html":
        made.headers["Cache-Control"] = "public, max-age=3600"
    return made
