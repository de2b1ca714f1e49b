"""The stage of a proof: a real database of either engine and the real server as a process.

Invariant: the server is started with the program's own command, talks to loopback only, and is
ended by the stage that started it, by its process id.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from tests.pgserver import PostgresServer, postgres_server
from tests.prove.table import ROOT

ENGINES = ("sqlite", "postgresql")
PROGRAM = [sys.executable, "-m", "lovebank"]
PASSWORD = "proof-of-the-books"  # of throw-away people
ADMIN = "13900000000"
#: what the keys of its throw-away databases are made of
SECRET = "a-secret-of-the-proofs-only"
START_SECONDS = 40


@dataclass
class Stage:
    """One database, the settings of the program for it, and its server while one runs."""

    url: str
    folder: Path
    port: int
    server: subprocess.Popen[bytes] | None = None
    postgres: PostgresServer | None = None
    more: dict[str, str] = field(default_factory=dict)
    #: whether the server does due work by itself, as it does in use
    ticking: bool = False

    @property
    def env(self) -> dict[str, str]:
        """The program's environment."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LOVEBANK_")}
        # Compiled once, every later start of the server is three times as fast.
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return kept | {
            "LOVEBANK_DATABASE_URL": self.url,
            "LOVEBANK_SECRET_KEY": SECRET,
            "LOVEBANK_BASE_URL": f"http://127.0.0.1:{self.port}",
            "LOVEBANK_ADMIN_PASSWORD": PASSWORD,
            **self.more,
        }

    def run(self, *words: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
        """One command of the program."""
        env = self.env | ({"LOVEBANK_DATABASE_URL": url} if url else {})
        return subprocess.run(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=env | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def must(self, *words: str, url: str | None = None) -> str:
        """One command that must succeed; what it printed."""
        done = self.run(*words, url=url)
        assert done.returncode == 0, f"{words}: {done.stdout[-1500:]} {done.stderr[-1500:]}"
        return done.stdout

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        log = (self.folder / "server.log").open("ab")
        self.server = subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(self.port), *([] if self.ticking else ["--no-tick"])],
            cwd=self.folder,
            env=self.env | {"PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
        log.close()
        until = time.monotonic() + START_SECONDS
        while not self._ready():
            assert self.server.poll() is None, f"the server ended: {self.log()}"
            assert time.monotonic() < until, f"the server is not ready: {self.log()}"
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL to the server's process."""
        assert self.server is not None
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()

    def stop(self) -> None:
        """End the server politely."""
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                self.server.kill()

    def log(self) -> str:
        """The end of what the server printed."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""

    def fresh_url(self) -> str:
        """The address of another, empty database of the same engine."""
        if self.postgres is None:
            return f"sqlite:///{self.folder}/{secrets.token_hex(6)}.db"
        return _create(self.postgres)

    def drop(self, url: str) -> None:
        """Forget a database of ``fresh_url``."""
        if self.postgres is not None:
            _drop(self.postgres, url)
            return
        for path in self.folder.glob(Path(url).name + "*"):
            path.unlink()

    def _ready(self) -> bool:
        address = f"http://127.0.0.1:{self.port}/health/ready"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:  # loopback
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def stage(
    engine: str, *, initialised: bool = True, serving: bool = True, ticking: bool = False
) -> Iterator[Stage]:
    """A stage on ``engine``, with the community 幸福里 and its admin, and the server running."""
    with tempfile.TemporaryDirectory(prefix="lb-proof-") as name, _database(engine, name) as made:
        url, postgres = made
        one = Stage(url, Path(name), _free_port(), postgres=postgres, ticking=ticking)
        try:
            if initialised:
                one.must(
                    "init",
                    "--community",
                    "幸福里",
                    "--admin-name",
                    "陈主任",
                    "--admin-phone",
                    ADMIN,
                )
            if serving:
                one.start()
            yield one
        finally:
            one.stop()


@contextmanager
def _database(engine: str, folder: str) -> Iterator[tuple[str, PostgresServer | None]]:
    if engine == "sqlite":
        yield f"sqlite:///{folder}/lovebank.db", None
        return
    with postgres_server(fsync=True) as server:
        yield _create(server), server


def _create(server: PostgresServer) -> str:
    name = f"lb_proof_{secrets.token_hex(6)}"
    with _admin(server) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    return server.url(name)


def _drop(server: PostgresServer, url: str) -> None:
    name = make_url(url).database
    assert name is not None
    with _admin(server) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _admin(server: PostgresServer) -> "psycopg.Connection[tuple[object, ...]]":
    parts = make_url(server.url()).set(drivername="postgresql")
    return psycopg.connect(parts.render_as_string(hide_password=False), autocommit=True)


def _free_port() -> int:
    """A port below the range that the kernel gives to outgoing connections."""
    for _ in range(200):
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port between 20000 and 30000")
