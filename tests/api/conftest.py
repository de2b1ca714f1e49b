"""The world of the API's tests, fresh for each test, on each engine."""

from typing import cast

import pytest
from flask import Flask

from kit.clock import Clock, StandingClock
from kit.db import Database
from kit.program import Program
from tests import scenes
from tests.api import world as worlds
from tests.api.world import World
from tests.factories import KEYS


@pytest.fixture(scope="session")
def program() -> Program:
    """The one that each test moves before its own database and clock."""
    return Program(cast(Database, None), cast(Clock, None), KEYS, worlds.BASE)


@pytest.fixture(scope="session")
def api_app(program: Program) -> Flask:
    """Its doors, built once: that takes as long as twenty calls."""
    return worlds.app_of(program)


@pytest.fixture
def world(database: Database, clock: StandingClock, program: Program, api_app: Flask) -> World:
    """A community with a caller for each role."""
    scenes.move(program, database, clock)
    return scenes.laid_out(
        "calls",
        lambda: worlds.make(database, clock, api_app),
        database=database,
        clock=clock,
        app=api_app,
    )
