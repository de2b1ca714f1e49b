"""What 2,000,000 postings cost that 10,000 do not: the same accounts, the same deeds, both engines.

Invariant: both databases of an engine hold the same 1,000 wallets and hours accounts over the same
two years; each deed is done in both to the same people, by turns.
"""

from __future__ import annotations

import random
import statistics as numbers
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from sqlalchemy.orm import Session

from audit.actor import Actor
from bench import credits, databases, figures, heap
from bench.credits import AT, ON, Stage
from bench.figures import Asked, Figure
from bench.history import DAYS, HELD_TOGETHER, Past
from kit.db import Database
from ledger import accounts, checkpoints, statements
from ledger.accounts import Place, contra
from ledger.kinds import MINUTES, POINTS

PEOPLE = 500
SMALL, LARGE, QUICK = 10, 2_000, 200
"""Awards of each person; one is two postings, and some more come of spending them."""
LINES = 10
RATIO, FUND_MILLISECONDS = 1.5, 10.0
FUND = "fund"
#: deeds of one round
TIMES = {
    "post": 80, "balance": 150, "statement page": 150, "balance as of a day": 150, FUND: 100,
}  # fmt: skip

Deed = Callable[[int], None]


def measure(asked: Asked) -> list[Figure]:
    """Build both sizes on both engines at once, then time them one after the other."""
    large = QUICK if asked.quick else LARGE
    with ExitStack() as stack:
        base = stack.enter_context(databases.server(asked))
        urls = {
            "PostgreSQL": [
                stack.enter_context(databases.fresh_postgresql(base, asked)) for _ in range(2)
            ],
            "SQLite": [stack.enter_context(databases.fresh_sqlite()) for _ in range(2)],
        }
        sizes = (SMALL, large)
        jobs = [
            (url, size) for pair in urls.values() for url, size in zip(pair, sizes, strict=True)
        ]
        stages = _built(jobs)
        found = []
        for engine, (small, big) in urls.items():
            found += _compared(engine, stages[small], stages[big], asked)
    return found


def _built(jobs: list[tuple[str, int]]) -> dict[str, Stage]:
    """Two at once, the large ones first."""
    jobs = sorted(jobs, key=lambda job: -job[1])
    context = get_context("spawn")
    done = context.Value("q", 0)
    total = sum(_postings(size) for _, size in jobs) // 1000
    with (
        ProcessPoolExecutor(2, mp_context=context, initializer=_share, initargs=(done,)) as pool,
        figures.progress("filling, thousands of postings", total) as step,
    ):
        waiting = [pool.submit(build, *job) for job in jobs]
        shown = 0
        while not all(one.done() for one in waiting):
            # Counted in shared memory, which wakes nobody; a bar need not be quicker than the eye.
            time.sleep(0.5)
            for _ in range(done.value // 1000 - shown):
                step()
            shown = done.value // 1000
        return {url: one.result() for (url, _), one in zip(jobs, waiting, strict=True)}


def _postings(awards: int) -> int:
    """An award has two; those that are held together are then spent, one posting each."""
    return PEOPLE * (2 * awards + 2 * (awards // HELD_TOGETHER))


_done: Any = None


def _share(done: Any) -> None:
    global _done
    _done = done


def build(url: str, awards: int) -> Stage:
    """One community whose people had so many awards each; the same rows on either engine."""
    stage = credits.stage(url, PEOPLE, history=0)
    past = Past(stage, awards, _opened(stage))

    def told(postings: int) -> None:
        if _done is not None:
            with _done.get_lock():
                _done.value += postings

    heap.pour(url, past.told(), told)
    heap.set_balances(url, stage.community_id, past.balances)
    return stage


def _opened(stage: Stage) -> dict[Place, Any]:
    """Every account of the past."""
    kinds = (accounts.wallet, accounts.hours, accounts.held, accounts.owed)
    places = [kind(person_id) for person_id in stage.person_ids for kind in kinds]
    places += [contra("served", MINUTES), contra("redeemed", POINTS)]
    places += [accounts.fund_points(stage.fund_id)]
    database = Database(stage.url)
    known: dict[Place, Any] = {}
    for start in range(0, len(places), 400):
        some = places[start : start + 400]

        def opened(session: Session, some: list[Place] = some) -> None:
            found = accounts.open_all(session, community_id=stage.community_id, places=some, at=AT)
            known.update({place: account.id for place, account in found.items()})

        database.write(opened, community_id=stage.community_id)
    database.dispose()
    return known


@dataclass(frozen=True)
class Bench:
    """One of the two databases: each deed, done to person number ``n``."""

    stage: Stage
    database: Database

    def deed(self, name: str) -> Deed:
        """The deed of this name."""
        return {
            "post": self.post,
            "balance": self.balance,
            "statement page": self.statement,
            "balance as of a day": self.as_of,
            FUND: self.fund,
        }[name]

    def post(self, n: int) -> None:
        """One credit, durable."""
        stage = self.stage
        actor = Actor(stage.community_id, stage.manager_id)
        person_id = stage.person_ids[n]
        self.database.write(
            lambda session: credits.record(session, actor, stage.fund_id, person_id),
            community_id=stage.community_id,
        )

    def balance(self, n: int) -> None:
        """The wallet as the page shows it."""
        person_id, community_id = self.stage.person_ids[n], self.stage.community_id
        self._read(lambda session: statements.wallet(session, community_id, person_id, AT))

    def statement(self, n: int) -> None:
        """The first page."""
        person_id, community_id = self.stage.person_ids[n], self.stage.community_id
        found = self._read(
            lambda session: statements.statement(session, community_id, person_id, LINES, None)
        )
        assert len(found) == LINES

    def as_of(self, n: int) -> None:
        """A wallet's balance as of some day of the two years."""
        self._balance(accounts.wallet(self.stage.person_ids[n]), n)

    def fund(self, n: int) -> None:
        """The same of the account that everybody was paid from."""
        self._balance(accounts.fund_points(self.stage.fund_id), n)

    def fold(self) -> None:
        """What ``tick`` does once a minute."""
        stage = self.stage

        def some(session: Session) -> int:
            return checkpoints.fold(session, stage.community_id, AT)

        while self.database.write(some, community_id=stage.community_id):
            pass

    def _balance(self, place: Place, n: int) -> None:
        on = ON - timedelta(days=n * 7919 % DAYS)
        community_id = self.stage.community_id
        self._read(
            lambda session: statements.balance_of(session, community_id, place, effective_on=on)
        )

    def _read(self, work: Callable[[Session], Any]) -> Any:
        return self.database.read(work, community_id=self.stage.community_id)


@contextmanager
def _opened_bench(stage: Stage) -> Iterator[Bench]:
    database = Database(stage.url)
    yield Bench(stage, database)
    database.dispose()


def _compared(engine: str, small: Stage, large: Stage, asked: Asked) -> list[Figure]:
    """Each deed is done to one and the same person in both, one right after the other: whatever
    else the machine does meets both alike."""
    shorter = 3 if asked.quick else 1
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in TIMES}
    chance = random.Random(7)
    with (
        _opened_bench(small) as first,
        _opened_bench(large) as second,
        figures.progress(engine, (asked.rounds + 1) * len(TIMES)) as step,
    ):
        for number in range(asked.rounds + 1):
            for name, times in TIMES.items():
                people = chance.sample(range(PEOPLE), times // shorter)
                pair = _alternately(first.deed(name), second.deed(name), people)
                # The first round is there to warm up.
                taken[name] += [pair] if number else []
                first.fold()
                second.fold()
                step()
    awards = QUICK if asked.quick else LARGE
    return _figures(engine, taken, len(large.person_ids) * awards)


def _figures(
    engine: str, taken: dict[str, list[tuple[float, float]]], postings: int
) -> list[Figure]:
    found = []
    for name, pairs in taken.items():
        large = numbers.median(pair[1] for pair in pairs)
        if name == FUND:
            says = f"{engine}: balance as of any day, account with {postings:,} postings, ms"
            found.append(figures.at_most(says, large, FUND_MILLISECONDS))
            continue
        ratio = numbers.median(pair[1] / pair[0] for pair in pairs)
        found.append(figures.at_most(f"{engine}: {name}, large / small", ratio, RATIO))
        found.append(figures.shown(f"{engine}: {name}, large, ms", large))
    return found


def _alternately(first: Deed, second: Deed, people: list[int]) -> tuple[float, float]:
    """The median of each in milliseconds."""
    found: tuple[list[float], list[float]] = ([], [])
    for n in people:
        for deed, times in zip((first, second), found, strict=True):
            started = time.perf_counter()
            deed(n)
            times.append(time.perf_counter() - started)
    return numbers.median(found[0]) * 1000, numbers.median(found[1]) * 1000
