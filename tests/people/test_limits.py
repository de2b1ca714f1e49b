"""Limits: exact windows, shared by processes, counted once each under any race."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from kit import ids
from kit.clock import StandingClock
from kit.db import Database
from kit.errors import TooMany
from people import due, limits
from people.credential_models import Limit

BUCKET = "code:somebody"


def test_the_window_slides(database: Database, clock: StandingClock) -> None:
    start = clock.now()
    for seconds in (0, 20, 40):
        _fail(database, start, seconds)
    assert _wait(database, start, 50) == 10
    assert _wait(database, start, 59) == 1
    # The first weighs no more after exactly a minute; a fourth then fills the count again.
    assert _wait(database, start, 60) is None
    _fail(database, start, 61)
    assert _wait(database, start, 62) == 18


def test_the_wait_is_never_nothing(database: Database, clock: StandingClock) -> None:
    start = clock.now()
    for _ in range(3):
        _fail(database, start, 0)
    almost = timedelta(seconds=60, microseconds=-1)
    with pytest.raises(TooMany) as refused:
        database.read(lambda s: limits.refuse_if_over(s, BUCKET, start + almost, 3, 1))
    assert refused.value.retry_after_seconds == 1


def test_buckets_and_communities_are_apart(database: Database, clock: StandingClock) -> None:
    start, here = clock.now(), ids.new()
    for _ in range(5):
        database.write(lambda s: limits.count_failure(s, BUCKET, start, 1, here))
    assert _wait(database, start, 0) is None
    with pytest.raises(TooMany):
        database.read(lambda s: limits.refuse_if_over(s, BUCKET, start, 5, 1, here))
    database.read(lambda s: limits.refuse_if_over(s, "code:other", start, 5, 1, here))


def test_failures_at_one_instant_are_all_counted(database: Database, clock: StandingClock) -> None:
    threads = [threading.Thread(target=_fail, args=(database, clock.now(), 0)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.failures for row in _rows(database)] == [10]


def test_what_weighs_no_more_is_forgotten(database: Database, clock: StandingClock) -> None:
    start = clock.now()
    _fail(database, start, 0)
    _fail(database, start, 61)
    assert len(_rows(database)) == 1
    here = ids.new()
    database.write(lambda s: limits.count_failure(s, BUCKET, start, 1, here))
    later = start + timedelta(days=1, minutes=2)
    assert database.write(lambda s: due.tick(s, here, start)) == 0
    assert database.write(lambda s: due.tick(s, here, later)) == 2
    assert database.write(lambda s: due.tick(s, here, later)) == 0
    assert not _rows(database)


def _fail(database: Database, start: datetime, seconds: int) -> None:
    at = start + timedelta(seconds=seconds)
    database.write(lambda s: limits.count_failure(s, BUCKET, at, 1))


def _wait(database: Database, start: datetime, seconds: int) -> int | None:
    at = start + timedelta(seconds=seconds)
    try:
        database.read(lambda s: limits.refuse_if_over(s, BUCKET, at, 3, 1))
    except TooMany as refusal:
        return refusal.retry_after_seconds
    return None


def _rows(database: Database) -> list[Limit]:
    return database.read(
        lambda s: list(s.scalars(select(Limit).where(Limit.community_id == ids.NIL)))
    )
