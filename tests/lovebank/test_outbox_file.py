"""The file that development reads messages from: each stands there once, after its commit."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.clock import StandingClock
from kit.db import Database
from kit.errors import Conflict
from kit.program import Program
from lovebank import outbox_file, ticks
from messages import outbox, sending
from messages.kinds import Kind
from people.models import Person
from tests import factories


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where messages go."""
    return tmp_path / "outbox.jsonl"


@pytest.fixture
def person(database: Database) -> Person:
    """Somebody to be told."""
    return database.write(lambda session: factories.make_community(session)[1])


@pytest.fixture
def program(database: Database, clock: StandingClock, path: Path) -> Program:
    """A program with that file."""
    return Program(database, clock, factories.KEYS, "http://x", outbox_file=path)


def _tell(session: Session, person: Person, key: str) -> None:
    outbox.tell(
        session,
        community_id=person.community_id,
        at=factories.AT,
        person_ids=[person.id],
        kind=Kind.SHIFT_CANCELLED,
        facts={"shift_id": ids.NIL, "starts_at": factories.AT},
        key=key,
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_is_committed_is_written_once(program: Program, person: Person, path: Path) -> None:
    def refused(session: Session) -> None:
        _tell(session, person, "given up")
        raise Conflict("already_decided")

    with pytest.raises(Conflict):
        program.database.write(refused)
    program.database.write(lambda session: _tell(session, person, "one"))
    assert ticks.everything(program)["sent"] == 1
    program.database.write(lambda session: _tell(session, person, "two"))
    assert ticks.everything(program)["sent"] == 1
    assert ticks.everything(program)["sent"] == 0
    first, second = _lines(path)
    assert first["id"] < second["id"]
    assert first["person_id"] == str(person.id)
    assert first["zh"].endswith("已取消")
    assert first["en"].endswith("is cancelled")
    assert person.name not in path.read_text(encoding="utf-8")


def test_a_crash_between_the_line_and_its_mark_writes_no_second_line(
    program: Program, person: Person, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.database.write(lambda session: _tell(session, person, "one"))
    with monkeypatch.context() as broken:
        broken.setattr(sending, "mark_sent", _crash)
        with pytest.raises(RuntimeError):
            ticks.everything(program)
    assert len(_lines(path)) == 1
    # The crash may also have torn a line.
    with path.open("a", encoding="utf-8") as file:
        file.write('{"id": "torn')
    program.database.write(lambda session: _tell(session, person, "two"))
    assert ticks.everything(program)["sent"] == 2
    found = path.read_text(encoding="utf-8").splitlines()
    assert len(found) == 3
    assert len({json.loads(line)["id"] for line in (found[0], found[2])}) == 2


def test_without_a_file_they_are_only_marked(database: Database, person: Person) -> None:
    database.write(lambda session: _tell(session, person, "one"))

    def send(session: Session) -> int:
        return outbox_file.send(None, session, person.community_id, factories.AT)

    assert [database.write(send), database.write(send)] == [1, 0]


def test_a_message_leaves_right_after_its_commit(
    program: Program, person: Person, path: Path
) -> None:
    outbox_file.after_commits(program.database, program.clock, path)

    def refused(session: Session) -> None:
        _tell(session, person, "given up")
        raise Conflict("already_decided")

    with pytest.raises(Conflict):
        program.database.write(refused)
    assert not path.exists()
    program.database.write(lambda session: _tell(session, person, "one"))
    assert len(_lines(path)) == 1
    program.database.write(lambda session: _tell(session, person, "one"))
    assert ticks.everything(program)["sent"] == 0
    assert len(_lines(path)) == 1


def test_a_file_that_cannot_be_written_refuses_nobody(
    program: Program, person: Person, path: Path
) -> None:
    outbox_file.after_commits(program.database, program.clock, path.parent / "not there" / "x")
    program.database.write(lambda session: _tell(session, person, "one"))
    assert ticks.everything(program)["sent"] == 1
    assert len(_lines(path)) == 1


def _crash(*_args: Any) -> None:
    raise RuntimeError("the power went")
