"""What stands around every page: headers, cookies, and the proof that a form is our own.

Invariant: a POST acts only when it comes from our own origin and carries the token of this sign-in
(or, for a stranger, of this browser); every answer carries the Content-Security-Policy.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Request, Response

from kit import tokens
from kit.keys import KeyRing
from kit.program import Program

FORM_BYTES_MAX = 64 * 1024

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

YEAR_SECONDS = 365 * 24 * 3600


def dress(response: Response) -> None:
    """Put the headers on an answer; what another room has already said stays."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    # same-origin: addresses hold tokens, which no other site may learn from us.
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")


def is_secure(program: Program) -> bool:
    """Whether browsers reach us over https."""
    return program.base_url.lower().startswith("https://")


def cookie_name(program: Program, name: str) -> str:
    """``__Host-`` ties a cookie to this very host and to https; plain http cannot have it."""
    return f"__Host-{name}" if is_secure(program) else name


def set_cookie(
    response: Response, program: Program, name: str, value: str, *, seconds: int | None = None
) -> None:
    """Set one of our cookies; without ``seconds`` it goes with the browser."""
    response.set_cookie(
        cookie_name(program, name),
        value,
        max_age=seconds,
        secure=is_secure(program),
        httponly=True,
        samesite="Lax",
        path="/",
    )


def drop_cookie(response: Response, program: Program, name: str) -> None:
    """Take one of our cookies back."""
    set_cookie(response, program, name, "", seconds=0)


def cookie(request: Request, program: Program, name: str) -> str | None:
    """The value of one of our cookies."""
    return request.cookies.get(cookie_name(program, name)) or None


def own_origin(request: Request, program: Program) -> bool:
    """Whether the browser says that this POST comes from our own pages.

    A browser that says nothing (an old one, inside an app) is judged by the form's token alone.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    return _place(origin) in {_place(program.base_url), _place(request.host_url)}


def form_token(keys: KeyRing, signed_in: str | None, browser: str | None) -> str:
    """The token of each form: of the sign-in where there is one, else of the stranger's browser."""
    if signed_in is not None:
        return keys.mac("csrf", tokens.hashed(signed_in).hex()).hex()
    return keys.mac("csrf-stranger", browser or "").hex()


def is_own_form(given: str, expected: str) -> bool:
    """Whether a form carries the token, compared in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def new_browser_mark() -> str:
    """A random mark for a browser that is not signed in."""
    return secrets.token_urlsafe(24)


def safe_path(path: str | None) -> str:
    """Where to go on: a path of our own, else the home page. Never another site."""
    if path is None or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    if any(ord(character) < 0x21 or character == "\\" for character in path):
        return "/"
    return path


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme.lower(), parts.netloc.lower()
