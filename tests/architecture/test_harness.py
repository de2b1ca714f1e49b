"""The ground that the tests stand on: fresh databases, a server that keeps its word, no way out."""

import contextlib
import socket
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from kit import engines, marks, schema
from kit.clock import StandingClock
from kit.db import Database
from tests import pgserver


@pytest.mark.parametrize("run", ["first", "second"])
def test_each_test_has_a_database_of_its_own(
    database: Database, clock: StandingClock, run: str
) -> None:
    assert database.read(marks.names) == set()
    database.write(lambda session: marks.make(session, run, at=clock.now()))
    assert database.read(marks.names) == {run}


def test_both_engines_are_real(database: Database, engine_name: str) -> None:
    assert database.engine.dialect.name == engine_name == database.dialect
    schema.require_head(database.url)


def test_an_empty_database_is_empty(empty_database_url: str) -> None:
    engines.parse(empty_database_url)
    assert schema.current(empty_database_url) is None


def test_no_test_leaves_this_machine() -> None:
    with socket.socket() as sock, pytest.raises(AssertionError, match="leave this machine"):
        sock.connect(("192.0.2.1", 80))


def test_a_killed_server_keeps_what_it_committed() -> None:
    with pgserver.postgres_server(fsync=True, max_connections=20) as server:
        url = make_url(server.url()).set(drivername="postgresql").render_as_string()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
            connection.commit()
            connection.execute("INSERT INTO kept VALUES (2)")
            server.kill()
            with contextlib.suppress(psycopg.OperationalError):
                connection.close()
        server.start()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]
            shown = connection.execute("SHOW max_connections").fetchone()
            assert shown == ("20",)


def test_an_absent_postgresql_is_a_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LB_TEST_PG_BIN", str(tmp_path))
    monkeypatch.delenv("LB_TEST_PG_URL", raising=False)
    with pytest.raises(pgserver.PostgresUnavailable), pgserver.postgres_server():
        pass
