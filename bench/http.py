"""How fast the scan call is over HTTP: many phones at one door, against a floor in the same run.

Invariant: ours is `lovebank serve` as it is, in a process of its own; the floor is the same server
with a plain view (bench.scan_floor); the same client takes turns between them.
"""

from __future__ import annotations

import http.client
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import scans
from bench.databases import copies_of_postgresql, copies_of_sqlite, server
from bench.figures import Asked, Figure, at_least, shown, taken_in_turns
from bench.scans import PHRASE, Stage

PHONES = 8
PEOPLE = 100
CALLS, QUICK_CALLS = 400, 150
WARM_UP = 80
READY_SECONDS = 60
Shot = Callable[[http.client.HTTPConnection], None]


def measure(asked: Asked) -> list[Figure]:
    """Scans a second on each engine, and what part of the floor that is."""
    calls = QUICK_CALLS if asked.quick else CALLS
    shifts = (calls * asked.rounds + WARM_UP) // PEOPLE + 2
    stages = partial(scans.stage, people=PEOPLE, shifts=shifts)
    figures = []
    with copies_of_sqlite(stages) as (made, urls):
        rates = _rates(asked, made, urls, calls, "SQLite")
        figures += _figures("SQLite", rates, 200)
    with server(asked) as base, copies_of_postgresql(base, asked, stages) as (made, urls):
        rates = _rates(asked, made, urls, calls, "PostgreSQL")
        figures += _figures("PostgreSQL", rates, None)
    return figures


def _figures(engine: str, rates: dict[str, float], wanted: float | None) -> list[Figure]:
    name = f"scans/s on {engine}"
    ours = at_least(name, rates["ours"], wanted) if wanted else shown(name, rates["ours"])
    return [
        ours,
        shown(f"{name}, floor", rates["floor"]),
        at_least(f"scan on {engine}, of its floor", rates["ours"] / rates["floor"], 0.3),
    ]


def _rates(
    asked: Asked, made: Stage, urls: dict[str, str], calls: int, engine: str
) -> dict[str, float]:
    total = calls * asked.rounds + WARM_UP
    sent = scans.recorded(urls["recorded"], made, total)
    asked.machine[f"statements of a scan, {engine}"] = str(len(sent[-1]))
    with ExitStack() as open_now:
        folder = Path(open_now.enter_context(tempfile.TemporaryDirectory(prefix="lb-bench-")))
        file = folder / "calls"
        file.write_bytes(pickle.dumps(sent))
        ours = open_now.enter_context(_ours(urls["ours"]))
        floor = open_now.enter_context(_floor(urls["floor"], file))
        doors = {"ours": Phones(ours, _scans(made)), "floor": Phones(floor, _replays(made))}
        for phones in doors.values():
            phones.rate(WARM_UP)
        turns = {name: partial(phones.rate, calls) for name, phones in doors.items()}
        return taken_in_turns(turns, asked.rounds, f"scans, {engine}")


@dataclass
class Phones:
    """Several phones with kept connections, which share the calls to be made."""

    port: int
    shots: Iterator[Shot]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def rate(self, count: int) -> float:
        """Make so many calls; how many a second that is."""
        with self._lock:
            todo = [next(self.shots) for _ in range(count)]
        failures: list[BaseException] = []
        phones = [
            threading.Thread(target=self._phone, args=(todo[number::PHONES], failures))
            for number in range(PHONES)
        ]
        started = time.perf_counter()
        for phone in phones:
            phone.start()
        for phone in phones:
            phone.join()
        taken = time.perf_counter() - started
        if failures:
            raise failures[0]
        return count / taken

    def _phone(self, shots: list[Shot], failures: list[BaseException]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            for shot in shots:
                shot(connection)
        except BaseException as problem:
            failures.append(problem)
        finally:
            connection.close()


def _scans(made: Stage) -> Iterator[Shot]:
    for token, door in made.calls():

        def shot(
            connection: http.client.HTTPConnection, token: str = token, door: scans.Door = door
        ) -> None:
            _post(connection, scans.PATH, scans.body(door), {"Authorization": f"Bearer {token}"})

        yield shot


def _replays(made: Stage) -> Iterator[Shot]:
    for _token, door in made.calls():

        def shot(connection: http.client.HTTPConnection, door: scans.Door = door) -> None:
            _post(connection, "/scan", scans.body(door), {})

        yield shot


def _post(
    connection: http.client.HTTPConnection, path: str, body: bytes, more: dict[str, str]
) -> None:
    connection.request("POST", path, body, {"Content-Type": "application/json"} | more)
    answer = connection.getresponse()
    told = answer.read()
    assert answer.status == 200, told.decode()
    assert b'"checked_in"' in told, told.decode()


@contextmanager
def _ours(url: str) -> Iterator[int]:
    port = _free_port()
    command = ["-m", "lovebank", "serve", "--no-tick", "--port", str(port)]
    settings = {"LOVEBANK_DATABASE_URL": url, "LOVEBANK_SECRET_KEY": PHRASE}
    with _running(command, settings, port):
        yield port


@contextmanager
def _floor(url: str, calls: Path) -> Iterator[int]:
    port = _free_port()
    with _running(["-m", "bench.scan_floor", url, str(calls), str(port)], {}, port):
        yield port


@contextmanager
def _running(arguments: list[str], settings: dict[str, str], port: int) -> Iterator[None]:
    kept = {name: told for name, told in os.environ.items() if not name.startswith("LOVEBANK_")}
    process = subprocess.Popen(  # our own program with arguments of ours
        [sys.executable, *arguments], env=kept | settings, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(process, port)
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        assert process.poll() is None, "the server ended at its start"
        assert time.monotonic() < deadline, "the server does not accept"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        # Nothing tells another process that a port accepts: it is asked; nothing is measured yet.
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
