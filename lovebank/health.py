"""The operator's questions: does the process live, may it be sent work.

Invariant: ready is said only while the database answers, stands at the head revision, and the clock
tells the time.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kit import schema
from kit.errors import DomainError, SettingsError
from kit.program import Program


def blueprint(program: Program) -> Blueprint:
    """``/health/live`` and ``/health/ready``."""
    found = Blueprint("health", __name__, url_prefix="/health")
    head = schema.head()

    @found.get("/live")
    def live() -> dict[str, Any]:
        return {"status": "live"}

    @found.get("/ready")
    def ready() -> tuple[dict[str, Any], int]:
        told: dict[str, Any] = {"status": "ready", "test_clock": program.is_test}
        try:
            revision = program.database.read(_revision)
        except (DomainError, SQLAlchemyError):
            return told | {"status": "unavailable", "cause": "the database does not answer"}, 503
        try:
            program.clock.now()
        except SettingsError as problem:
            return told | {"status": "unavailable", "cause": str(problem)}, 503
        if revision != head:
            cause = f"the schema is at {revision}, wanted {head}"
            return told | {"status": "unavailable", "cause": cause}, 503
        return told, 200

    return found


def _revision(session: Session) -> str | None:
    revision: str | None = session.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
