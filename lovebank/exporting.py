"""What `lovebank export` prints: one community's books, from one snapshot, to one stream.

Invariant: the bytes depend on the books alone, on no locale and no platform; what was cut off by a
lost connection is an error and never printed anew behind the first half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from sqlalchemy.orm import Session

from kit.db import Database
from kit.errors import Invalid, Unavailable
from ledger import export
from lovebank import provers
from people import communities
from reports import attendance_sheet


def chosen(database: Database, wanted: UUID | None) -> UUID:
    """The community that is meant: the one named, or the only one; Invalid otherwise."""
    there = database.read(
        lambda session: {row.id: row.name for row in communities.everything(session)}
    )
    listed = ", ".join(f"{community_id} ({name})" for community_id, name in there.items())
    if wanted is None and len(there) == 1:
        return next(iter(there))
    if wanted in there:
        return wanted
    problem = "is required where there are several" if wanted is None else "is not here"
    raise Invalid(**{"--community": f"{problem}; there are: {listed or 'none'}"})


def journal(database: Database, community_id: UUID, form: str, out: BinaryIO) -> None:
    """Write the whole journal in a format; Unavailable where the connection broke off."""
    _write(database, community_id, lambda s: export.FORMATS[form](s, community_id), out)


def attendance(database: Database, community_id: UUID, at: datetime, out: BinaryIO) -> None:
    """Write every attendance as it stands at an instant; Unavailable as ``journal``."""
    _write(database, community_id, lambda s: attendance_sheet.lines(s, community_id, at), out)


def _write(
    database: Database,
    community_id: UUID,
    lines: Callable[[Session], Iterator[str]],
    out: BinaryIO,
) -> None:
    begun = False

    def work(session: Session) -> None:
        nonlocal begun
        if begun:
            raise Unavailable("cut_off")
        begun = True
        provers.without_limits(session)
        for piece in lines(session):
            out.write(piece.encode())

    database.read(work, community_id=community_id)
