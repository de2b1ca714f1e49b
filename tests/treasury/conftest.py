"""One database of each engine for a module; each test opens a community of its own in it.

Invariant: nothing here looks across communities; a test that plays the vandal asks for
``database``, its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.db import Database
from tests.conftest import ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def town_hall(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A migrated database that the tests of a module share."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("treasury") / "shared.db"
        template: Path = request.getfixturevalue("sqlite_template")
        shutil.copyfile(template, path)
        opened = Database(f"sqlite:///{path}")
        yield opened
        opened.dispose()
        return
    with request.getfixturevalue("postgresql_databases")(template=True) as url:
        opened = Database(url)
        yield opened
        opened.dispose()
