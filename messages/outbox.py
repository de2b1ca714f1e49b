"""Telling people: a message is written in the unit that causes it, and leaves after the commit.

Invariant: one row for a person and a natural key, for ever: the same cause tells once. What is
rolled back tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from audit import leaves
from kit import afterwards, ids, stroke
from kit.parts import Added
from messages.kinds import FACTS, Kind
from messages.models import Message

Fact = UUID | int | date | datetime
_MESSAGES = cast("Table", Message.__table__)
#: what follows the commit of a unit that told somebody something
SENDING = "messages"
#: keys that one question names
_AT_ONCE = 200


@dataclass(frozen=True)
class Note:
    """What one person is to be told; ``key`` names its cause, e.g. ``shift:<id>:cancelled``."""

    person_id: UUID
    kind: Kind
    facts: Mapping[str, Fact]
    key: str


def tell(
    session: Session,
    *,
    community_id: UUID,
    at: datetime,
    person_ids: Iterable[UUID],
    kind: Kind,
    facts: Mapping[str, Fact],
    key: str,
) -> int:
    """Tell each of these people one thing; returns how many had not been told under this key."""
    notes = [Note(person_id, kind, facts, key) for person_id in dict.fromkeys(person_ids)]
    return tell_all(session, community_id=community_id, at=at, notes=notes)


def tell_all(session: Session, *, community_id: UUID, at: datetime, notes: Sequence[Note]) -> int:
    """The same for different things; who was told under a key already is left out."""
    known: set[tuple[UUID, str]] = set()
    keys = sorted({note.key for note in notes})
    for start in range(0, len(keys), _AT_ONCE):
        known |= _known(session, community_id, notes, keys[start : start + _AT_ONCE])
    new = [note for note in notes if (note.person_id, note.key) not in known]
    tell_new(session, community_id=community_id, at=at, notes=new)
    return len(new)


def tell_new(session: Session, *, community_id: UUID, at: datetime, notes: Sequence[Note]) -> None:
    """The same without a look, where what causes them is itself written once: the rows go with the
    unit's stroke, and a key that is taken runs the unit again."""
    rows = [_row(community_id, at, note) for note in notes]
    if rows:
        stroke.write(session, community_id, [Added(_MESSAGES, rows, once=True)])
        afterwards.ask(session, SENDING, community_id)


def _known(
    session: Session, community_id: UUID, notes: Sequence[Note], keys: Sequence[str]
) -> set[tuple[UUID, str]]:
    query = select(Message.person_id, Message.natural_key).where(
        Message.community_id == community_id, Message.natural_key.in_(keys)
    )
    people = {note.person_id for note in notes}
    if len(people) <= _AT_ONCE:
        query = query.where(Message.person_id.in_(sorted(people)))
    return {(row.person_id, row.natural_key) for row in session.execute(query)}


def _row(community_id: UUID, at: datetime, note: Note) -> dict[str, Any]:
    assert set(note.facts) == set(FACTS[note.kind]), f"{note.kind} has other facts"
    for name, fact in note.facts.items():
        # A text could hold a name; ids, numbers and times cannot (D12).
        assert isinstance(fact, Fact), f"{name} is no id, number, day or instant"
    return {
        "community_id": community_id,
        "id": ids.new(),
        "person_id": note.person_id,
        "kind": str(note.kind),
        "facts": leaves.plain(dict(note.facts)),
        "natural_key": note.key,
        "told_at": at,
        "read_at": None,
        "sent_at": None,
    }
