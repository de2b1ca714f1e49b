"""The world of the pages' tests, fresh for each test, on each engine."""

from typing import cast

import pytest
from flask import Flask

from kit.clock import Clock, StandingClock
from kit.db import Database
from kit.program import Program
from tests import scenes
from tests.factories import KEYS
from tests.web import world as worlds
from tests.web.world import World


@pytest.fixture(scope="session")
def program() -> Program:
    """The one that each test moves before its own database and clock."""
    return Program(cast(Database, None), cast(Clock, None), KEYS, worlds.BASE)


@pytest.fixture(scope="session")
def web_app(program: Program) -> Flask:
    """Its doors, built once: that takes as long as twenty calls."""
    return worlds.app_of(program)


@pytest.fixture
def world(database: Database, clock: StandingClock, program: Program, web_app: Flask) -> World:
    """A community with a browser for each role."""
    scenes.move(program, database, clock)
    return scenes.laid_out(
        "pages",
        lambda: worlds.make(database, clock, web_app),
        database=database,
        clock=clock,
        app=web_app,
    )
