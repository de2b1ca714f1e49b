"""A session that is given up at the end of each test, and a town at work in it.

Invariant: nothing that goes through ``session`` is ever committed, so the tests of a module share
one database of each engine; a test that commits asks for ``database``, its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from kit.db import Database
from tests.shifts.factories import Town, make_town


@pytest.fixture
def session(shared_database: Database) -> Iterator[Session]:
    """One unit of work, given up in the end; refusals that reach the database want a savepoint."""
    with Session(shared_database.engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def town(session: Session) -> Town:
    """A community at work."""
    return make_town(session)
