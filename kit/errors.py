"""Refusals as named facts with a stable code; sentences and HTTP numbers are added at the edge.

Invariant: every refusal a caller can meet is a DomainError, and its code never changes meaning
(contract, "Statuses").
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

_GUARD = re.compile(r"lovebank:([a-z_]+)")


class DomainError(Exception):
    """A refusal: a stable snake_case ``code`` and the facts that explain it."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        #: what must be written although the unit is rolled back (a counted failure, a kept scan);
        #: audit.units runs it in a short unit of its own
        self.aftermath: list[Callable[[Session], None]] = []

    def leaving(self, *deeds: Callable[[Session], None]) -> DomainError:
        """This refusal, with what must be kept of it."""
        self.aftermath.extend(deeds)
        return self

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in sorted(self.facts.items()))
        return f"{self.code} ({told})" if told else self.code


class NotSignedIn(DomainError):
    """Who is asking is not known: 401."""

    def __init__(self, code: str = "not_signed_in", **facts: Any) -> None:
        super().__init__(code, **facts)


class NotAllowed(DomainError):
    """Known, and not the one who may: 403."""

    def __init__(self, code: str = "not_allowed", **facts: Any) -> None:
        super().__init__(code, **facts)


class NotFound(DomainError):
    """No such thing in this community, or one the caller may not see: 404."""

    def __init__(self, subject: str, **facts: Any) -> None:
        super().__init__("not_found", subject=subject, **facts)


class Conflict(DomainError):
    """The state of the world refuses it: 409."""


class Invalid(DomainError):
    """The input itself is wrong: 422, with the reason per field."""

    def __init__(self, **errors: str) -> None:
        super().__init__("validation", errors=errors)
        self.errors = errors


class TooMany(DomainError):
    """Too many failures in the window: 429 after ``retry_after_seconds``."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("too_many_requests", retry_after_seconds=retry_after_seconds)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(DomainError):
    """Busy, full or cut off: 503; nothing is known to have been written."""

    def __init__(self, cause: str) -> None:
        super().__init__("unavailable", cause=cause)


class Again(Exception):
    """The unit left nothing behind and may be run again from its start; never seen by a caller."""


class SettingsError(Exception):
    """A setting is missing or wrong; the text is the one clear line the operator reads."""


def refusal_in(text: str) -> DomainError | None:
    """The refusal that one of our database guards raised, read from the driver's message."""
    found = _GUARD.search(text)
    if found is None:
        return None
    code = found.group(1)
    return NotAllowed(code) if code in {"own_approval", "not_allowed"} else Conflict(code)
