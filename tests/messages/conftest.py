"""A session that is given up at the end of each test, and a town at work in it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from kit.db import Database
from tests.shifts.factories import Town, make_town


@pytest.fixture
def session(shared_database: Database) -> Iterator[Session]:
    """One unit of work, given up in the end."""
    with Session(shared_database.engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def town(session: Session) -> Town:
    """A community at work."""
    return make_town(session)
