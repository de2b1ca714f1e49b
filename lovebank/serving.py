"""The production server: waitress, one process, threads over one pool of connections.

Invariant: on SQLite one process serves a file (a lock beside it says so), because its writers stand
in a queue of that process (design D11).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from waitress import wasyncore
from waitress.server import create_server

from kit import engines
from kit.errors import SettingsError
from kit.program import Program
from lovebank.app import create_app
from lovebank.ticks import Ticker

#: fewer than the pool's connections, so that no request waits for one
THREADS = engines.POOL_SIZE - 2
CONNECTIONS_MAX = 1_000
#: far above what the application accepts: up to here its own refusal says why (a body is kept in a
#: file, not in memory, while it comes); beyond, the server's plain one
BODY_MAX = 64 << 20
#: rounds of the loop, a tenth of a second each, for the last answers to leave
LAST_ROUNDS = 5


@dataclass(frozen=True)
class Listening:
    """A server that accepts already, and what its loop looks after."""

    server: Any
    handlers: dict[int, Any]

    def run(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt; what runs is answered first."""
        self.server.run()
        wasyncore.loop(timeout=0.1, map=self.handlers, count=LAST_ROUNDS)

    def stop(self) -> None:
        """End it from another thread than the one that runs it; what runs is answered first."""
        self.server.task_dispatcher.shutdown()
        self.server.trigger.pull_trigger(lambda: wasyncore.close_all(self.handlers))

    def close(self) -> None:
        """End the threads, close the sockets."""
        self.server.task_dispatcher.shutdown()
        wasyncore.close_all(self.handlers)


def listen(program: Program, *, proxy: str | None = None, **where: Any) -> Listening:
    """Accept at ``host`` and ``port``, or on ``sockets`` that listen already.

    ``proxy`` is the one address whose X-Forwarded-For is believed. Raises SettingsError where the
    address is taken or is not ours.
    """
    trusted = {"trusted_proxy": proxy, "trusted_proxy_headers": "x-forwarded-for"} if proxy else {}
    handlers: dict[int, Any] = {}
    try:
        server = create_server(
            create_app(program),
            map=handlers,
            threads=THREADS,
            connection_limit=CONNECTIONS_MAX,
            max_request_body_size=BODY_MAX,
            ident="lovebank",
            clear_untrusted_proxy_headers=True,
            **trusted,
            **where,
        )
    except OSError as problem:
        told = f"{where.get('host')}:{where.get('port')}: {problem.strerror}"
        raise SettingsError(f"cannot listen on {told}") from problem
    return Listening(server, handlers)


def until_stopped(listening: Listening, program: Program, *, ticks: bool) -> None:
    """Serve until SIGTERM or Ctrl-C, with due work once a minute beside it."""
    with _stoppable(program, ticks=ticks):
        try:
            listening.run()
        finally:
            listening.close()


@contextmanager
def in_background(listening: Listening) -> Iterator[threading.Thread]:
    """Serve from a thread of its own, to the end of the block."""
    thread = threading.Thread(target=listening.run, name="server")
    thread.start()
    try:
        yield thread
    finally:
        listening.stop()
        thread.join()


def wait_beside(thread: threading.Thread, program: Program) -> None:
    """Do due work beside a serving thread until SIGTERM or Ctrl-C."""
    with suppress(SystemExit, KeyboardInterrupt), _stoppable(program, ticks=True):
        while thread.is_alive():
            thread.join(timeout=1)


@contextmanager
def _stoppable(program: Program, *, ticks: bool) -> Iterator[None]:
    signal.signal(signal.SIGTERM, _stop)
    ticker = Ticker(program) if ticks else None
    if ticker:
        ticker.start()
    try:
        yield
    finally:
        if ticker:
            ticker.end()


@contextmanager
def alone(database_url: str) -> Iterator[None]:
    """Hold an SQLite file's place as its one server; SettingsError where another holds it."""
    url = engines.parse(database_url)
    if url.drivername != "sqlite" or os.name != "posix":
        yield
        return
    import fcntl  # exists on POSIX alone

    with Path(f"{url.database}.serving").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise SettingsError(
                f"another process serves {url.database}; on SQLite there is one, "
                "on PostgreSQL there may be many"
            ) from problem
        yield


def _stop(_number: int, _frame: Any) -> NoReturn:
    raise SystemExit(0)
