"""Clients at work: processes of threads that do one thing over and over for some seconds.

Invariant: every variant of a measurement is done by the same processes, in turns, each over
connections of its own that are warm before the clock starts.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from types import TracebackType
from typing import Any, Protocol

Deed = Callable[[], None]
WARMING_SECONDS = 1.0


class Variant(Protocol):
    """A way to do the work: opened in the process that does it, one deed for each thread."""

    def opened(self) -> Callable[[], Deed]:
        """A maker of deeds; each thread asks for its own."""


@dataclass(frozen=True)
class Done:
    """What some clients did: deeds a second, and the longest that one of them took."""

    rate: float
    longest: float


class Crew:
    """Processes that wait for orders; a context manager, so that none is left behind."""

    def __init__(self, processes: int, variants: dict[str, Variant]) -> None:
        context = _context()
        self._ends: list[Connection] = []
        self._processes = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, variants), daemon=True)
            process.start()
            theirs.close()
            self._ends.append(ours)
            self._processes.append(process)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, what: BaseException | None, _: TracebackType | None
    ) -> None:
        for end in self._ends:
            end.close()
        for process in self._processes:
            process.join(timeout=10)

    def do(self, name: str, seconds: float, *, processes: int = 0, threads: int = 1) -> Done:
        """Let some of the processes (all, without a number) do it, each in this many threads."""
        chosen = self._ends[: processes or None]
        for end in chosen:
            end.send((name, threads, seconds))
        for end in chosen:
            _answer(end)  # warm
        for end in chosen:
            end.send("go")
        done = [_answer(end) for end in chosen]
        return Done(sum(one.rate for one in done), max(one.longest for one in done))


def together(make: Callable[[], Deed], threads: int, seconds: float) -> Done:
    """Do it in threads of this process; the first error of any of them is raised."""
    deeds = [make() for _ in range(threads)]
    return _timed(deeds, seconds)


def _serve(end: Connection, variants: dict[str, Variant]) -> None:
    """A process of the crew: waits for orders until the other end is closed."""
    made: dict[str, Callable[[], Deed]] = {}
    deeds: dict[str, list[Deed]] = {}
    while True:
        try:
            name, threads, seconds = end.recv()
        except EOFError:
            return
        try:
            if name not in made:
                made[name], deeds[name] = variants[name].opened(), []
            missing = threads - len(deeds[name])
            if missing > 0:
                deeds[name] += [made[name]() for _ in range(missing)]
                _timed(deeds[name][-missing:], WARMING_SECONDS)
            end.send(None)
            end.recv()
            end.send(_timed(deeds[name][:threads], seconds))
        except BaseException as problem:
            end.send(RuntimeError(f"{name}: {type(problem).__name__}: {problem}"))
            raise


def _timed(deeds: list[Deed], seconds: float) -> Done:
    found: list[tuple[int, float, float]] = []
    problems: list[BaseException] = []

    def work(deed: Deed) -> None:
        try:
            found.append(_over_and_over(deed, seconds))
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=work, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    rate = sum(count / taken for count, taken, _ in found)
    return Done(rate, max(longest for _, _, longest in found))


def _over_and_over(deed: Deed, seconds: float) -> tuple[int, float, float]:
    count, longest = 0, 0.0
    started = last = time.perf_counter()
    while last - started < seconds:
        deed()
        now = time.perf_counter()
        longest = max(longest, now - last)
        last = now
        count += 1
    return count, last - started, longest


def _answer(end: Connection) -> Any:
    found = end.recv()
    if isinstance(found, BaseException):
        raise found
    return found


def _context() -> ForkServerContext | SpawnContext:
    """Never a plain fork: it would copy connections and the locks of threads."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.credits"])
    return context
