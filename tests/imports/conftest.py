"""Each test opens a community of its own in a database that its module shares."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.clock import StandingClock
from kit.db import Database
from tests.imports.scene import Town, open_town


@pytest.fixture
def town(shared_database: Database, clock: StandingClock, tmp_path: Path) -> Town:
    """A community of the test's own."""
    return open_town(shared_database, clock, tmp_path)
