"""Telling: once for each cause, in the unit of the cause, read by the person alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import Again
from messages import inbox, outbox, sending, wording
from messages.kinds import FACTS, Kind
from messages.models import Message
from people.models import Person
from tests import factories

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
KEY = "shift:1:cancelled"


@pytest.fixture
def people(session: Session) -> list[Person]:
    """Three people of one community."""
    community, first = factories.make_community(session)
    more = [
        factories.make_person(session, community_id=community.id, name=name)
        for name in ("Zhou Ying", "He Yun")
    ]
    return [first, *more]


def _tell(session: Session, people: list[Person], key: str = KEY) -> int:
    return outbox.tell(
        session,
        community_id=people[0].community_id,
        at=AT,
        person_ids=[one.id for one in people],
        kind=Kind.SHIFT_CANCELLED,
        facts={"shift_id": ids.NIL, "starts_at": AT},
        key=key,
    )


def _list(session: Session, person: Person) -> list[Message]:
    return inbox.of(session, person.community_id, person.id, limit=10)


def test_the_same_cause_tells_each_person_once(session: Session, people: list[Person]) -> None:
    assert _tell(session, people[:2]) == 2
    assert _tell(session, people) == 1
    assert _tell(session, people) == 0
    assert [len(_list(session, one)) for one in people] == [1, 1, 1]
    assert _tell(session, people, "shift:2:cancelled") == 3


def test_a_key_that_another_unit_took_meanwhile_runs_the_unit_again(
    session: Session, people: list[Person]
) -> None:
    """Nobody looked: the database is what says that it was told."""
    note = outbox.Note(
        people[1].id, Kind.SHIFT_CANCELLED, {"shift_id": ids.NIL, "starts_at": AT}, KEY
    )
    community_id = people[1].community_id
    outbox.tell_new(session, community_id=community_id, at=AT, notes=[note])
    with pytest.raises(Again):
        outbox.tell_new(session, community_id=community_id, at=AT, notes=[note])


def test_a_text_is_no_fact(session: Session, people: list[Person]) -> None:
    facts: Any = {"shift_id": "Zhou Ying", "starts_at": AT}
    note = outbox.Note(people[1].id, Kind.MOVED_UP, facts, "k")
    with pytest.raises(AssertionError):
        outbox.tell_new(session, community_id=people[1].community_id, at=AT, notes=[note])


def test_reading_is_ones_own_and_once(session: Session, people: list[Person]) -> None:
    _tell(session, people)
    _tell(session, people, "shift:2:cancelled")
    person, other = people[1], people[2]
    newest, oldest = _list(session, person)
    actor = factories.actor_of(person)
    theirs = _list(session, other)[0]
    assert inbox.mark_read(session, actor=actor, at=AT, ids=[oldest.id, theirs.id]) == 1
    later = AT + timedelta(hours=1)
    assert inbox.mark_read(session, actor=actor, at=later) == 0
    session.expire_all()
    assert [one.read_at for one in _list(session, person)] == [later, AT]
    assert inbox.unread(session, other.community_id, other.id) == 2
    assert newest.id > oldest.id


def test_a_message_never_changes(session: Session, people: list[Person]) -> None:
    _tell(session, people)
    with pytest.raises(DBAPIError, match=r"append_only|permission denied"):
        session.execute(
            update(Message)
            .where(Message.community_id == people[0].community_id)
            .values(natural_key="another")
        )


def test_what_was_sent_is_not_offered_again(session: Session, people: list[Person]) -> None:
    _tell(session, people)
    community_id = people[0].community_id
    found = sending.unsent(session, community_id)
    assert len(found) == 3
    sending.mark_sent(session, community_id, found[:2], AT)
    assert [one.id for one in sending.unsent(session, community_id)] == [found[2].id]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_words_for_its_facts(kind: Kind) -> None:
    shift_id = str(UUID(int=7))
    facts = {
        name: "2026-11-22T06:00:00.000000Z" if name.endswith("_at") else shift_id
        for name in FACTS[kind]
    }
    for language in wording.LANGUAGES:
        told = wording.said(
            kind, facts, language, zone="Asia/Shanghai", titles={shift_id: "Patrol"}
        )
        assert ("Patrol" in told) == ("shift_id" in facts)
        assert "{" not in told


def test_every_text_belongs_to_a_kind() -> None:
    assert set(wording.texts()) == set(Kind)
