"""What the suite's own process may save: compiling a statement again, and hashing at full cost.

A test opens two engines and closes them; alone, each would ask the server who it is and compile
every statement anew. Invariant: what is kept is what SQLAlchemy makes of a statement's text, and
never a row, a connection or an answer; no program but pytest's own comes past here.
"""

import gc
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, Type
from sqlalchemy import Connection, Engine, create_engine

from kit import engines
from people import passwords

#: a proof at full length asks the suite's longest tests for all their cases; each run of the suite
#: for as many as show a slip
LONG = os.environ.get("LB_LONG", "") == "1"

#: the suite's statements, with room to spare
STATEMENTS = 4_000

MEMORY = Path("/dev/shm")  # noqa: S108 # files of tests, each in a folder of its own
#: several times what a run leaves there
ROOM_BYTES = 4 << 30

#: the program's own, for a test of what it costs to guess
DEAR = passwords.HASHER

_kept: dict[tuple[str, str], Engine] = {}


def install() -> None:
    """From now on, in this process alone: a test that starts the program gets it as it is."""
    patch = pytest.MonkeyPatch()
    patch.setattr(engines, "create_engine", _create_engine)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, type=Type.ID)
    patch.setattr(passwords, "HASHER", cheap)


def keep_files_in_memory() -> None:
    """Let the tests' files lie in memory where there is room: thousands of commits wait for a disk.

    What a disk must keep is asked elsewhere, of a disk (the proof ``kills``, the bench).
    """
    if not MEMORY.is_dir() or "PYTEST_DEBUG_TEMPROOT" in os.environ:
        return
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


def collect_less() -> None:
    """What was imported stays; looking through it for garbage again and again took a twentieth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _create_engine(url: Any, **settings: Any) -> Engine:
    engine = create_engine(url, query_cache_size=STATEMENTS, **settings)
    # Engines of other settings may find other things out about their connections.
    kind = (engine.dialect.name, repr(settings))
    kept = _kept.get(kind)
    if kept is None or kept.dialect.server_version_info is None:
        _kept[kind] = engine
        return engine
    # Its own dialect would still ask; what it asks for is known.
    vars(engine.dialect)["initialize"] = _is_known
    engine.dialect = engine.pool._dialect = kept.dialect
    engine._compiled_cache = kept._compiled_cache
    return engine


def _is_known(_connection: Connection) -> None:
    pass
