"""The file of a backup: a zip with one entry per table and a manifest that proves them.

Invariant: the file is there whole or not at all; each entry's count and SHA-256 stand in the
manifest, which is written last. No secret is inside: not in the database, so not in its backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kit.errors import SettingsError

FORMAT = "lovebank-backup-1"
MANIFEST = "manifest.json"
PIECE = 1 << 18


@dataclass(frozen=True)
class Manifest:
    """What the backup holds."""

    revision: str
    made_at: str
    #: the numbers of the secrets that the database was made under
    keys: list[str]
    test_clock: bool
    #: name → rows, sha256, columns
    tables: dict[str, dict[str, Any]]

    def rows(self) -> int:
        """How many rows it holds in all."""
        return sum(int(table["rows"]) for table in self.tables.values())


class Writer:
    """Writes entries into an open backup."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file
        self.tables: dict[str, dict[str, Any]] = {}

    def table(self, name: str, columns: list[str], pieces: Iterable[bytes]) -> None:
        """Write one table's lines, piece by piece."""
        digest, rows = hashlib.sha256(), 0
        with self.file.open(f"{name}.copy", "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
                digest.update(piece)
                rows += piece.count(b"\n")
        self.tables[name] = {"rows": rows, "sha256": digest.hexdigest(), "columns": columns}

    def manifest(self, manifest: Manifest) -> None:
        """Write what the entries are; nothing after it."""
        told = {"format": FORMAT, **asdict(manifest)}
        self.file.writestr(MANIFEST, json.dumps(told, indent=1))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new backup at ``path``; SettingsError where something is there already."""
    if path.exists():
        raise SettingsError(f"{path} is there already; a backup never replaces a file")
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as raw:
            os.chmod(draft, 0o600)
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as file:
                yield Writer(file)
            raw.flush()
            os.fsync(raw.fileno())
        draft.rename(path)
    except OSError as problem:
        raise SettingsError(f"cannot write {path}: {problem.strerror}") from problem
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """An existing backup, every entry compared with its digest first.

    Raises SettingsError: not there, not a backup of ours, damaged.
    """
    try:
        file = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as problem:
        raise SettingsError(f"{path} is no backup that can be read: {problem}") from problem
    with file:
        manifest = _manifest(file, path)
        for name, table in manifest.tables.items():
            _compare(file, path, name, table)
        yield file, manifest


def pieces(file: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """One table's lines, in pieces of no particular length."""
    with file.open(f"{name}.copy") as entry:
        while piece := entry.read(PIECE):
            yield piece


def lines(file: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """One table's lines."""
    with file.open(f"{name}.copy") as entry:
        yield from entry


def _manifest(file: zipfile.ZipFile, path: Path) -> Manifest:
    try:
        told = json.loads(file.read(MANIFEST))
        assert told.pop("format") == FORMAT
        return Manifest(**told)
    except (KeyError, ValueError, TypeError, AssertionError) as problem:
        raise SettingsError(f"{path} is no backup of the format {FORMAT}") from problem


def _compare(file: zipfile.ZipFile, path: Path, name: str, table: dict[str, Any]) -> None:
    digest, rows = hashlib.sha256(), 0
    try:
        for piece in pieces(file, name):
            digest.update(piece)
            rows += piece.count(b"\n")
    except (KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as problem:
        raise SettingsError(f"{path} is damaged: {name} cannot be read") from problem
    if digest.hexdigest() != table["sha256"] or rows != table["rows"]:
        raise SettingsError(f"{path} is damaged: {name} is not what the manifest says")
