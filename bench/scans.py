"""What is scanned in the measurement of the scan call: a town where everybody comes at once.

Invariant: a pair of person and shift is scanned once, so every call checks somebody in; those of
one shift come together, as they do at a door.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from kit import ids
from kit.clock import SystemClock
from kit.db import Database
from kit.keys import KeyRing
from kit.program import Program
from lovebank import opening
from lovebank.app import create_app
from people import access
from qr import codes
from shifts.rota import making, red_posts
from tests import factories

#: what the keys of its throw-away databases are made of
PHRASE = "words that only this measurement knows"
KEYS = KeyRing((PHRASE,))
PATH = "/api/v1/scans"

Sent = tuple[bool, str, Any]
"""Whether it goes to the engine that writes, the statement, its values; COMMIT and ROLLBACK too."""


@dataclass(frozen=True)
class Door:
    """A shift that one scans in to: what its code is made of."""

    id: UUID
    code_ref: str


@dataclass(frozen=True)
class Stage:
    """Everybody's token, every shift; the pairs are the calls."""

    tokens: list[str]
    doors: list[Door]

    def calls(self) -> Iterator[tuple[str, Door]]:
        """Each pair once, the people of one shift one after the other."""
        return ((token, door) for door in self.doors for token in self.tokens)


def stage(url: str, *, people: int, shifts: int) -> Stage:
    """Fill a fresh database under this measurement's secret."""
    database = Database(url)
    at = datetime.now(UTC)
    opening.claim(database, KEYS, at)
    made = database.write(lambda session: _filled(session, people, shifts, at))
    database.dispose()
    return made


def _filled(session: Session, people: int, shifts: int, at: datetime) -> Stage:
    community, manager = factories.make_community(session, at=at)
    boss = factories.actor_of(manager)
    captain = factories.make_person(
        session, community_id=community.id, name="Li Guo", held=("captain",), at=at
    )
    gate = red_posts.add(session, actor=boss, at=at, name="East gate", kind="patrol")
    doors = [
        making.add(
            session,
            actor=boss,
            at=at,
            title=f"Patrol {number}",
            starts_at=at - timedelta(minutes=10),
            ends_at=at + timedelta(hours=5),
            captain_id=captain.id,
            red_post_id=gate.id,
        )
        for number in range(shifts)
    ]
    tokens = []
    for number in range(people):
        person = factories.make_person(
            session, community_id=community.id, name=f"Volunteer {number}", at=at
        )
        tokens.append(access.make(session, person=person, kind="api", limited=False, at=at)[0])
    return Stage(tokens, [Door(door.id, door.code_ref) for door in doors])


def body(door: Door) -> bytes:
    """What a phone sends that has just read the code at the door."""
    token = codes.shift_code(KEYS, door, datetime.now(UTC)).token
    told = {"token": token, "nonce": str(ids.new()), "device": {"id": "phone", "seq": 1}}
    return json.dumps(told).encode()


def recorded(url: str, made: Stage, count: int) -> list[list[Sent]]:
    """Make so many calls on a copy, and keep what each sends to the database."""
    database = Database(url)
    app = create_app(Program(database, SystemClock(), KEYS, "http://127.0.0.1"))
    sent: list[Sent] = []
    _listen(database, sent)
    calls = []
    pairs = made.calls()
    for _ in range(count):
        sent.clear()
        _scan(app, *next(pairs))
        calls.append(list(sent))
    database.dispose()
    return calls


def _scan(app: Flask, token: str, door: Door) -> None:
    answer = app.test_client().post(
        PATH,
        data=body(door),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)


def _listen(database: Database, sent: list[Sent]) -> None:
    for engine, writes in ((database.engine, True), (database.reader, False)):

        def keep(
            _connection: Any,
            _cursor: Any,
            text: str,
            values: Any,
            _context: Any,
            many: bool,
            writes: bool = writes,
        ) -> None:
            assert not many, "the scan call sends no statement for several rows"
            sent.append((writes, text, _plain(values)))

        def commit(_connection: Any, writes: bool = writes) -> None:
            sent.append((writes, "COMMIT", ()))

        def rollback(_connection: Any, writes: bool = writes) -> None:
            sent.append((writes, "ROLLBACK", ()))

        event.listen(engine, "before_cursor_execute", keep)
        event.listen(engine, "commit", commit)
        event.listen(engine, "rollback", rollback)


def _plain(values: Any) -> Any:
    """The values as another process can be given them."""
    if isinstance(values, dict):
        return {name: _plain(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return tuple(_plain(value) for value in values)
    return bytes(values) if isinstance(values, memoryview) else values
