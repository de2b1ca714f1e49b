"""Where the story plays: an empty database, a clock that can be moved, a real server on a port.

Invariant: the story's database is its own and was empty; at its end the clock says ``now``.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy import select

from kit import engines, schema
from kit.errors import SettingsError
from kit.keys import KeyRing
from kit.program import Program
from lovebank import opening, serving, settings
from lovebank.demo import ending, story
from lovebank.demo.telling import Untrue
from lovebank.demo.thread import Told
from lovebank.settings import Settings
from people.models import Community

KEY = "love-bank-demo-key-for-made-up-people"
PORTS_TRIED = 50
HOST = "127.0.0.1"


class Stage:
    """The story's clock, and the way to the server."""

    def __init__(self, clock: Path, base_url: str) -> None:
        self.clock = clock
        self.base_url = base_url

    def at(self, instant: datetime) -> None:
        """Move the clock; it stands there until it is moved again."""
        self._write(instant.isoformat())

    def now(self) -> None:
        """Let the clock run on true time."""
        self._write("now")

    def _write(self, text: str) -> None:
        draft = self.clock.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.clock)


def play(*, serve: bool, database: str | None, port: int) -> None:
    """Tell the story; then serve until stopped, or end.

    Raises SettingsError: the database is not empty or does not answer, no port is free. Exits 1
    where the story finds something untrue.
    """
    with tempfile.TemporaryDirectory() as folder, _claimed(database) as url:
        clock = Path(folder) / "clock"
        clock.write_text("now", encoding="utf-8")
        found = replace(settings.read(), database_url=url, base_url=None, test_clock=clock)
        found = replace(found, keys=found.keys or KeyRing((KEY,)))
        with opening.reached(found):
            schema.upgrade(url)
        sock = _listening(port)
        base_url = f"http://{HOST}:{sock.getsockname()[1]}"
        with opening.running(found, base_url) as program:
            listening = serving.listen(program, sockets=[sock])
            with serving.in_background(listening) as thread:
                told = _told(Stage(clock, base_url), program)
                if serve:
                    ending.show(told, url)
                    serving.wait_beside(thread, program)


def _told(stage: Stage, program: Program) -> Told:
    """The story, told to its end; exits 1 at the first thing untrue."""
    try:
        told = story.tell(stage, program)
        ending.leave_open(told)
    except Untrue as found:
        click.secho(f"不属实 UNTRUE: {found}", fg="red", err=True)
        sys.exit(1)
    click.echo()
    click.secho("故事讲完，句句属实。 The story is told, and all of it held.", bold=True)
    return told


@contextmanager
def _claimed(database: str | None) -> Iterator[str]:
    """The story's empty database: the one that was named, or a demo.db made anew."""
    if database:
        _require_empty(database)
        with serving.alone(database):
            yield database
        return
    for number in range(1, PORTS_TRIED):
        path = Path("demo.db" if number == 1 else f"demo-{number}.db")
        with ExitStack() as stack:
            try:
                stack.enter_context(serving.alone(f"sqlite:///{path}"))
            except SettingsError:
                click.echo(f"{path} 正在使用，换下一个。 {path} is being served; taking the next.")
                continue
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                path.with_name(name).unlink(missing_ok=True)
            yield f"sqlite:///{path}"
            return
    raise SettingsError("every demo database is being served")


def _require_empty(url: str) -> None:
    """SettingsError where the database holds a community or another schema."""
    found = Settings(url, None, None, None)
    with opening.reached(found):
        parsed = engines.parse(url)
        if parsed.drivername == "sqlite" and not Path(str(parsed.database)).exists():
            return
        if schema.current(url) is None:
            return
        schema.require_head(url)
        with engines.make(url, writes=False).connect() as connection:
            if connection.scalar(select(Community.id).limit(1)) is not None:
                raise SettingsError("--database must be empty, and this one holds a community")


def _listening(wanted: int) -> socket.socket:
    """A socket on the wanted port, or on the next that is free; nobody can take it meanwhile."""
    for port in range(wanted, min(wanted + PORTS_TRIED, 65_536)):
        found = socket.socket()
        if os.name == "posix":
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((HOST, port))
            found.listen()
        except OSError:
            found.close()
            continue
        if port != wanted:
            click.echo(f"端口 {wanted} 被占用，改用 {port}。 Port {wanted} is taken; using {port}.")
        return found
    raise SettingsError(f"no port is free from {wanted} on")
