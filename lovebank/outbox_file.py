"""The carrier for development: each message is a line of JSON in one file.

Invariant: a message stands in the file once. The unit that marks it as sent commits after the line
was written; if it does not, the next one finds the id in the file and only marks it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kit.clock import Clock
from kit.db import Database
from kit.types import canonical
from messages import outbox, sending, wording
from messages.models import Message
from reports import told


def send(path: Path | None, session: Session, community_id: UUID, at: datetime) -> int:
    """Write some messages that have not left yet and mark them; returns how many.

    Without a file they are only marked: the list that a person reads has them anyhow.
    """
    found = sending.unsent(session, community_id)
    if not found:
        return 0
    if path is not None:
        _add(path, _lines(session, community_id, found))
    sending.mark_sent(session, community_id, found, at)
    return len(found)


def after_commits(database: Database, clock: Clock, path: Path | None) -> None:
    """From now on, have each message leave right after the commit of the unit that caused it."""

    def leave(community_id: UUID) -> None:
        def some(session: Session) -> int:
            return send(path, session, community_id, clock.now())

        while database.write(some, community_id=community_id) == sending.BATCH:
            pass

    database.afterwards.add(outbox.SENDING, leave)


def _lines(
    session: Session, community_id: UUID, messages: Sequence[Message]
) -> dict[str, dict[str, Any]]:
    lines = {
        str(one.id): {
            "id": str(one.id),
            "community_id": str(community_id),
            "person_id": str(one.person_id),
            "kind": one.kind,
            "facts": one.facts,
        }
        for one in messages
    }
    for language in wording.LANGUAGES:
        for one in told.told(session, community_id, messages, language):
            lines[str(one.id)][language] = one.text
    return lines


def _add(path: Path, lines: dict[str, dict[str, Any]]) -> None:
    """Add those whose id the file does not have, and have them on the disk."""
    import fcntl  # exists on POSIX alone

    with path.open("a+b") as file:
        # Two tickers at once take turns; the lock goes with the file.
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        there = file.read()
        known = {found for line in there.splitlines() if (found := _id_of(line))}
        new = [canonical(line) for name, line in lines.items() if name not in known]
        # A line that a crash tore ends here; what follows begins on a line of its own.
        opening = "\n" if there and not there.endswith(b"\n") else ""
        file.write((opening + "".join(f"{line}\n" for line in new)).encode())
        file.flush()
        os.fsync(file.fileno())


def _id_of(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, KeyError, TypeError):
        return None
