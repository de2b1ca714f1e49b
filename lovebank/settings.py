"""What the operator decides: read once from the environment or ``.env``, checked, then fixed.

Invariant: a bad or missing setting stops the program with one line that names it (contract).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from sqlalchemy.exc import ArgumentError

from kit import engines
from kit.clock import Clock, FileClock, SystemClock
from kit.errors import SettingsError
from kit.keys import KeyRing

DATABASE_URL = "sqlite:///lovebank.db"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\-]+(:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True)
class Settings:
    """The settings of one run of the program."""

    database_url: str
    #: none where no secret was given: some commands need none
    keys: KeyRing | None
    #: scheme and host that codes point to; none: where the server listens
    base_url: str | None
    #: the file that tells the time, on a test database
    test_clock: Path | None
    #: each message is also written there, a line of JSON; for development
    outbox_file: Path | None = None

    def clock(self) -> Clock:
        """The clock that every business time comes from."""
        return FileClock(self.test_clock) if self.test_clock else SystemClock()

    def need_keys(self) -> KeyRing:
        """The secrets; SettingsError where none was given."""
        if self.keys is None:
            raise SettingsError(
                "LOVEBANK_SECRET_KEY is missing; make one with: "
                "python3 -c 'import secrets; print(secrets.token_hex(32))' and keep it safe"
            )
        return self.keys


def read(environment: Mapping[str, str] | None = None, folder: Path | None = None) -> Settings:
    """The settings; the environment stands above ``.env`` in the folder that one works in.

    Raises SettingsError for the first setting that is wrong.
    """
    environment = os.environ if environment is None else environment
    found = {**_from_file((folder or Path.cwd()) / ".env"), **environment}
    secrets = [part.strip() for part in found.get("LOVEBANK_SECRET_KEY", "").split(",")]
    secrets = [part for part in secrets if part]
    clock = found.get("LOVEBANK_TEST_CLOCK", "").strip()
    outbox = found.get("LOVEBANK_OUTBOX_FILE", "").strip()
    return Settings(
        database_url=_database(found.get("LOVEBANK_DATABASE_URL", "").strip() or DATABASE_URL),
        keys=KeyRing(tuple(secrets)) if secrets else None,
        base_url=_address(found.get("LOVEBANK_BASE_URL", "").strip()),
        test_clock=_clock(Path(clock)) if clock else None,
        outbox_file=_outbox(Path(outbox)) if outbox else None,
    )


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _database(url: str) -> str:
    try:
        engines.parse(url)
    except ArgumentError:
        # The address may hold a password: it is not repeated.
        raise SettingsError(
            "LOVEBANK_DATABASE_URL: not an address; want sqlite:///FILE or postgresql+psycopg://…"
        ) from None
    return url


def _address(text: str) -> str | None:
    if not text:
        return None
    bare = text.rstrip("/")
    if not _ADDRESS.fullmatch(bare):
        raise SettingsError(
            f"LOVEBANK_BASE_URL: want https://HOST or http://HOST:PORT without a path, not {text!r}"
        )
    return bare


def _clock(path: Path) -> Path:
    FileClock(path).now()
    return path


def _outbox(path: Path) -> Path:
    if path.is_dir() or not path.parent.is_dir():
        raise SettingsError(f"LOVEBANK_OUTBOX_FILE: no file can be written at {path}")
    return path
