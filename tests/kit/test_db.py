"""The unit of work: all or nothing, run again where it lost a race, looked up where a commit is
unknown, and served in turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from audit.models import FreeText
from kit import ids
from kit.db import TRIES, Database, Turn
from kit.errors import Conflict, Unavailable
from people.credential_models import Limit
from tests import statement_lint

C = ids.new()


def _add(session: Session, name: str = "x") -> str:
    row = {"community_id": C, "digest": name.encode(), "salt": b"", "text": name}
    session.execute(insert(FreeText), [row])
    return name


def _count(session: Session) -> int:
    query = select(func.count()).select_from(FreeText).where(FreeText.community_id == C)
    return session.scalar(query) or 0


def _landed(session: Session) -> bool:
    return _count(session) > 0


def _lost_race(state: str) -> OperationalError:
    class Lost(psycopg.OperationalError):
        sqlstate = state

    return OperationalError("UPDATE", {}, Lost())


def test_a_unit_is_kept_whole_or_not_at_all(database: Database) -> None:
    def half(session: Session) -> None:
        _add(session)
        raise Conflict("over_budget")

    with pytest.raises(Conflict):
        database.write(half)
    assert database.read(_count) == 0
    assert database.write(_add) == "x"
    assert database.read(_count) == 1


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-?only|unavailable"):
        database.read(_add)
    assert database.read(_count) == 0


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_a_unit_that_lost_a_race_runs_again_from_its_start(database: Database, state: str) -> None:
    tries = []

    def work(session: Session) -> str:
        tries.append(1)
        _add(session)
        if len(tries) < 3:
            raise _lost_race(state)
        return "done"

    assert database.write(work) == "done"
    assert (len(tries), database.read(_count)) == (3, 1)


def test_a_unit_that_always_loses_is_given_up(database: Database) -> None:
    tries = []

    def work(_session: Session) -> None:
        tries.append(1)
        raise _lost_race("40P01")

    with pytest.raises(Unavailable) as refused:
        database.write(work)
    assert (refused.value.facts, len(tries)) == ({"cause": "busy"}, TRIES)


def test_a_real_deadlock_is_survived(database: Database) -> None:
    for name in ("a", "b"):
        row = {
            "community_id": C, "bucket": name, "failures": 0,
            "window_starts_at": _midnight(),
        }  # fmt: skip
        database.write(lambda session, row=row: session.execute(insert(Limit), [row]))  # type: ignore[misc] # bound at once
    both = threading.Barrier(2)

    def crossing(order: str) -> None:
        first = [True]

        def work(session: Session) -> None:
            for name in order:
                session.execute(
                    update(Limit)
                    .where(Limit.community_id == C, Limit.bucket == name)
                    .values(failures=Limit.failures + 1)
                )
                if first and database.dialect == "postgresql":
                    first.clear()
                    both.wait(60)

        database.write(work)

    threads = [threading.Thread(target=crossing, args=(order,)) for order in ("ab", "ba")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    query = select(Limit.failures).where(Limit.community_id == C)
    assert database.read(lambda s: list(s.scalars(query))) == [2, 2]


def _midnight() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 22, tzinfo=UTC)


def test_our_own_mistakes_are_not_run_again(database: Database) -> None:
    tries = []

    def twice(session: Session) -> None:
        tries.append(1)
        _add(session)
        _add(session)

    with pytest.raises(IntegrityError):
        database.write(twice)
    assert len(tries) == 1


def test_a_sum_beyond_64_bits_is_a_refusal(database: Database) -> None:
    most = 2**63 - 1
    query = f"SELECT {most}::bigint + 1::bigint"
    if database.dialect == "sqlite":
        query = f"SELECT sum(n) FROM (SELECT {most} AS n UNION ALL SELECT 1)"
    with pytest.raises(Conflict) as refused:
        database.write(lambda session: session.scalar(text(query)))
    assert refused.value.code == "too_much"


def test_a_guard_of_the_database_is_a_refusal_with_its_code(database: Database) -> None:
    def replace(session: Session) -> None:
        session.execute(text("DELETE FROM marks WHERE community_id = :c"), {"c": str(ids.NIL)})

    from kit import marks

    database.write(lambda s: marks.make(s, "m", at=_midnight()))
    with statement_lint.off(), pytest.raises(Exception, match=r"append_only|permission denied"):
        database.write(replace)


def _cut_commits(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, arrives: bool, times: int = 1
) -> list[int]:
    """The connection goes away at COMMIT, before or after the server did it."""
    real: Callable[[Any], None] = database.engine.dialect.do_commit
    cuts: list[int] = []

    def commit(connection: Any) -> None:
        if len(cuts) >= times:
            real(connection)
            return
        cuts.append(1)
        if arrives:
            real(connection)
        connection.dbapi_connection.close()
        raise psycopg.OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(database.engine.dialect, "do_commit", commit)
    return cuts


@pytest.fixture
def postgresql(postgresql_databases: Any) -> Any:
    """PostgreSQL alone: only there is a commit cut off from its answer."""
    with postgresql_databases(template=True) as url:
        opened = Database(url)
        yield opened
        opened.dispose()


def test_an_unknown_commit_that_took_place_is_not_run_again(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    _cut_commits(postgresql, monkeypatch, arrives=True)

    def work(session: Session) -> str:
        tries.append(1)
        return _add(session, f"{len(tries)}")

    assert postgresql.write(work, landed=_landed) == "1"
    assert (len(tries), postgresql.read(_count)) == (1, 1)


def test_an_unknown_commit_that_was_lost_is_run_again(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = _cut_commits(postgresql, monkeypatch, arrives=False, times=2)
    assert postgresql.write(_add, landed=_landed) == "x"
    assert (len(cuts), postgresql.read(_count)) == (2, 1)


@pytest.mark.parametrize("arrives", [True, False])
def test_an_unknown_commit_that_nobody_can_look_up_is_told_as_unknown(
    postgresql: Database, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    _cut_commits(postgresql, monkeypatch, arrives=arrives)
    with pytest.raises(Unavailable) as refused:
        postgresql.write(_add)
    assert refused.value.facts == {"cause": "outcome_unknown"}


def test_a_unit_whose_backend_is_ended_runs_again(postgresql: Database) -> None:
    tries = []

    def work(session: Session) -> str:
        tries.append(1)
        found = _add(session, f"{len(tries)}")
        if len(tries) == 1:
            _end_backend(postgresql, session.scalar(text("SELECT pg_backend_pid()")))
        return found

    assert postgresql.write(work, landed=_landed) == "2"
    assert postgresql.read(_count) == 1


def _end_backend(database: Database, pid: int | None) -> None:
    url = database.url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 2000)", (pid,))


def test_a_server_that_is_not_there_is_unavailable() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    for call in (away.read, away.write):
        with pytest.raises(Unavailable):
            call(_count)


def test_more_callers_than_connections_wait_for_their_turn(database: Database) -> None:
    failures: list[Exception] = []

    def caller(number: int) -> None:
        try:
            database.write(lambda session: _add(session, str(number)))
            database.read(_count)
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=caller, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert database.read(_count) == 50


def test_a_pool_that_stays_empty_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database.reader.pool, "_timeout", 0)
    held = [database.reader.connect() for _ in range(12)]
    with pytest.raises(Unavailable):
        database.read(_count)
    for connection in held:
        connection.close()


def test_the_turn_is_given_in_the_order_of_asking() -> None:
    turn, served = Turn(), []

    def waiting(number: int) -> None:
        with turn.taken():
            served.append(number)

    with turn.taken():
        threads = []
        for number in range(20):
            thread = threading.Thread(target=waiting, args=(number,))
            thread.start()
            while len(turn._waiting) <= number:
                time.sleep(0.001)
            threads.append(thread)
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_who_waits_too_long_for_a_turn_is_refused_and_forgotten() -> None:
    turn = Turn()
    with turn.taken(), pytest.raises(Unavailable), turn.taken(seconds=0):
        pass
    with turn.taken(seconds=0):
        pass
    assert not turn._waiting


def test_a_full_disk_is_unavailable(database: Database) -> None:
    if database.dialect == "sqlite":

        @event.listens_for(database.engine, "before_cursor_execute")
        def _small(connection: Any, *_rest: Any) -> None:
            raw = connection.connection.dbapi_connection
            raw.set_authorizer(None)
            raw.execute("PRAGMA max_page_count = 1")

    def work(session: Session) -> None:
        if database.dialect == "postgresql":
            session.execute(
                text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE='53100'; END $$")
            )
        for _ in range(100):
            _add(session, f"{ids.new()}" * 500)

    with pytest.raises(Unavailable) as refused:
        database.write(work)
    assert refused.value.facts == {"cause": "full_or_slow"}


def test_erasable_rows_may_go(database: Database) -> None:
    database.write(_add)
    database.write(lambda s: s.execute(delete(FreeText).where(FreeText.community_id == C)))
    assert database.read(_count) == 0
