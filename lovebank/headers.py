"""What every answer carries so that a browser does nothing that the page did not ask for.

Invariant: no answer leaves without a Content-Security-Policy, refusals and redirects too.
A door may set a stricter or wider one of its own; these fill in what it left open.
"""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer of the app; ``https``: codes point to an https address."""

    @app.after_request
    def _add(answer: Response) -> Response:
        for name, value in ALWAYS.items():
            answer.headers.setdefault(name, value)
        if https:
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if not _is_file():
            # Names, points and codes: no cache between us and the person keeps them.
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer


def _is_file() -> bool:
    return request.endpoint is not None and request.endpoint.endswith("static")
