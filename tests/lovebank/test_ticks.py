"""The round of due work: every community, each work until nothing is left, and again next time."""

import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from kit.clock import StandingClock
from kit.program import Program
from lovebank import founding, opening, ticks
from lovebank.settings import Settings
from tests import factories


@pytest.fixture
def program(database_url: str, clock: StandingClock) -> Iterator[Program]:
    """A program with two communities."""
    with opening.running(Settings(database_url, factories.KEYS, None, None), "http://x") as found:
        for number in (1, 2):
            founding.found(
                found,
                name=f"社区 {number}",
                admin_name="林岚",
                admin_phone=f"1380000000{number}",
                admin_password="a long password",
            )
        yield Program(found.database, clock, found.keys, found.base_url)


def test_each_work_goes_on_until_it_says_that_nothing_is_left(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: Counter[UUID] = Counter()

    def work(session: Session, community_id: UUID, at: datetime) -> int:
        assert session.info["community_id"] == community_id
        assert at == program.clock.now()
        called[community_id] += 1
        return 50 if called[community_id] < 3 else 0

    monkeypatch.setattr(ticks, "WORKS", (("done", work),))
    assert ticks.everything(program) == {"done": 200, "sent": 0}
    assert list(called.values()) == [3, 3]


def test_a_second_round_finds_nothing(program: Program) -> None:
    ticks.everything(program)
    assert set(ticks.everything(program).values()) == {0}


def test_a_round_that_fails_does_not_end_the_ticker(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds = threading.Semaphore(0)

    def work(session: Session, community_id: UUID, at: datetime) -> int:
        rounds.release()
        raise RuntimeError("planted")

    monkeypatch.setattr(ticks, "PERIOD_SECONDS", 0.01)
    monkeypatch.setattr(ticks, "WORKS", (("failing", work),))
    ticker = ticks.Ticker(program)
    ticker.start()
    for _ in range(2):
        assert rounds.acquire(timeout=20)
    ticker.end()
    assert not ticker.is_alive()
