"""What every test may ask for: a fresh migrated database on each engine, and a clock that stands.

Invariant: a test that wants a database runs on SQLite and on a real PostgreSQL. Where PostgreSQL
cannot be brought up the test fails; it is never skipped. Nothing here leaves the machine.
"""

import ipaddress
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import settings

from kit import schema
from kit.clock import StandingClock
from kit.db import Database
from tests import quick, statement_lint
from tests.pgdatabases import Databases
from tests.pgserver import PostgresServer, postgres_server

ENGINES = ("sqlite", "postgresql")


def pytest_configure() -> None:
    """Before the first import of a test: the statement lint, and no way out to the network."""
    statement_lint.install()
    quick.install()
    quick.keep_files_in_memory()
    # The same cases in every run, however slow the machine is just then.
    settings.register_profile("suite", deadline=None, derandomize=True, database=None)
    settings.load_profile("suite")
    _keep_sockets_at_home()


def pytest_collection_finish() -> None:
    """All that the tests import is there."""
    quick.collect_less()


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Which engine this run of the test is on."""
    return cast(str, request.param)


@pytest.fixture
def database_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a fresh database at the head revision, for a test that opens it by itself."""
    if engine_name == "sqlite":
        path = tmp_path / "lovebank.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    make = request.getfixturevalue("postgresql_databases")
    with make(template=True) as url:
        yield url


@pytest.fixture
def empty_database_url(
    engine_name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """The address of a database without any schema."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    make = request.getfixturevalue("postgresql_databases")
    with make(template=False) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, opened."""
    opened = Database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="module", params=ENGINES)
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One for all tests of a module: none of them commits, or each has a community of its own.

    Nothing there may look across communities; a vandal asks for ``database``.
    """
    with ExitStack() as lent:
        if request.param == "sqlite":
            path = tmp_path_factory.mktemp("shared") / "lovebank.db"
            shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
            url = f"sqlite:///{path}"
        else:
            make = request.getfixturevalue("postgresql_databases")
            url = lent.enter_context(make(template=True))
        opened = Database(url)
        lent.callback(opened.dispose)
        yield opened


@pytest.fixture
def clock() -> StandingClock:
    """A clock that stands at a Sunday afternoon in Shanghai until the test moves it."""
    return StandingClock(datetime(2026, 11, 22, 6, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, made once per worker; each test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    schema.upgrade(f"sqlite:///{path}")
    leftover = [p for p in path.parent.iterdir() if p != path and p.stat().st_size]
    assert not leftover, f"the template is not in one file: {leftover}"
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """This worker's PostgreSQL."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: PostgresServer) -> Iterator[Databases]:
    """A maker of databases on this worker's PostgreSQL: `with make(template=True) as url`."""
    made = Databases(postgresql_server)
    yield made
    made.close()


def _keep_sockets_at_home() -> None:
    """Refuse every connection of this process but to this machine."""
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        _assert_home(self, address)
        return connect(self, address)

    return guarded


def _assert_home(sock: socket.socket, address: Any) -> None:
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    home = host == "localhost" or ipaddress.ip_address(host.split("%")[0]).is_loopback
    assert home, f"a test wants to leave this machine, to {address}"
