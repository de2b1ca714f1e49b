"""The village that most tests of people play in."""

from __future__ import annotations

import pytest

from kit.clock import StandingClock
from kit.db import Database
from tests import scenes
from tests.people.village import Village, make_village


@pytest.fixture
def village(database: Database, clock: StandingClock) -> Village:
    """One person of each role, on each engine."""
    return scenes.laid_out(
        "village", lambda: make_village(database, clock), database=database, clock=clock
    )
