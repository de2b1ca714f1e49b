"""What every door of the program needs: database, clock, keys and the address codes point to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kit.clock import Clock
from kit.db import Database
from kit.keys import KeyRing


@dataclass(frozen=True)
class Program:
    """The running program, made once by ``lovebank`` and given to the doors (api, web)."""

    database: Database
    clock: Clock
    keys: KeyRing
    #: scheme and host, without a slash at the end, e.g. ``https://lovebank.example``
    base_url: str
    #: the database is marked *test* for ever
    is_test: bool = False
    #: where messages are written to as well, for development
    outbox_file: Path | None = None
