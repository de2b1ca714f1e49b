"""The schema's state and its only way forward: Alembic's migrations, called from the program.

Invariant: a database is served only at the head revision.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from kit import engines
from kit.errors import SettingsError
from kit.triggers import SCHEMA


def _config(connection: Connection | None = None) -> Any:
    # Alembic takes long to import, and only commands that touch the schema need it.
    from alembic.config import Config

    found = find_spec("migrations")
    assert found is not None, "migrations are part of the program"
    assert found.origin is not None, "migrations are a package with an __init__"
    config = Config()
    config.set_main_option("script_location", str(Path(found.origin).parent))
    config.attributes["connection"] = connection
    return config


@cache
def load_tables() -> None:
    """Make every table and trigger of the program known, also of rooms nobody asked for yet."""
    import_module("migrations.tables").load()


def head() -> str:
    """The newest revision that this program knows."""
    from alembic.script import ScriptDirectory

    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "there is a baseline"
    return revision


def current(url: str) -> str | None:
    """The revision a database stands at; None for an empty one."""
    engine = engines.make(url, writes=True, owner=True)
    with engine.connect() as connection:
        return current_on(connection)


def current_on(connection: Connection) -> str | None:
    """The revision, read on an open connection."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def upgrade(url: str) -> None:
    """Bring a database to the head revision, in one transaction."""
    engine = engines.make(url, writes=True, owner=True)
    with engine.begin() as connection:
        upgrade_on(connection)


def upgrade_on(connection: Connection) -> None:
    """Bring the database to the head revision within the caller's transaction."""
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    command.upgrade(_config(connection), "head")


def require_head(url: str) -> None:
    """SettingsError with the command to run, where the schema is missing, older or newer."""
    found, wanted = current(url), head()
    if found == wanted:
        return
    if found is None:
        raise SettingsError("the database is empty; run: lovebank init (or lovebank db upgrade)")
    raise SettingsError(f"the schema is at {found}, wanted {wanted}; run: lovebank db upgrade")
