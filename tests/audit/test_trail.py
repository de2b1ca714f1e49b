"""The trail: an entry for each deed, its fingerprint, its erasable text, what refusals leave."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import actor as actors
from audit import checks, leaves, queries, trail, units
from audit.actions import Action
from audit.actor import Actor
from audit.models import Entry, Unsealed
from kit import ids
from kit.db import Database
from kit.errors import Conflict, Invalid, NotAllowed

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.fixture
def who() -> Actor:
    return Actor(ids.new(), ids.new())


def _add(database: Database, who: Actor, **facts: object) -> UUID:
    told: dict[str, object] = {"action": Action.PERSON_ADDED, "subject": ("person", ids.new())}
    return database.write(
        lambda session: trail.record(session, actor=who, at=AT, **(told | facts))  # type: ignore[arg-type] # facts by name
    )


def _entries(database: Database, who: Actor, *about: object) -> list[queries.EntryView]:
    kind, subject = about or (None, None)
    return database.read(
        lambda s: queries.entries(s, who.community_id, kind, subject, 50, None)  # type: ignore[arg-type] # a subject or none
    )


def test_an_entry_tells_who_what_why_and_when(database: Database, who: Actor) -> None:
    subject = ("person", ids.new())
    made = _add(
        database, who, subject=subject, text="moved away", reason_code="stated",
        before={"active": 1}, after={"active": 0},
    )  # fmt: skip
    _add(database, who)
    (found,) = _entries(database, who, *subject)
    assert (found.id, found.actor_id, found.at, found.via) == (made, who.person_id, AT, "api")
    assert (found.action, found.subject_type, found.subject_id) == ("people:person:added", *subject)
    assert (found.reason_code, found.text, found.refused) == ("stated", "moved away", None)
    assert (found.before, found.after) == ({"active": 1}, {"active": 0})
    assert found.request_id == who.request_id


def test_pages_go_from_the_newest_to_the_oldest(database: Database, who: Actor) -> None:
    made = [_add(database, who) for _ in range(5)]
    page = database.read(lambda s: queries.entries(s, who.community_id, None, None, 2, made[3]))
    assert [found.id for found in page] == [made[2], made[1]]


def test_another_communitys_entries_are_not_shown(database: Database, who: Actor) -> None:
    _add(database, who)
    assert _entries(database, Actor(ids.new(), None)) == []


def test_each_entry_has_its_leaf_at_once(database: Database, who: Actor) -> None:
    made = _add(database, who, row={"id": ids.new()})
    leaf = database.read(
        lambda s: s.scalar(
            select(Unsealed.leaf).where(
                Unsealed.community_id == who.community_id, Unsealed.subject_id == made
            )
        )
    )
    entry = database.read(lambda s: s.get(Entry, (who.community_id, made)))
    assert entry is not None
    assert leaf == entry.leaf
    assert len(entry.leaf) == 32
    assert database.read(lambda s: list(checks.problems(s, who.community_id))) == []


def test_the_encoding_of_a_leaf_is_fixed() -> None:
    facts = {"id": UUID(int=7), "at": AT, "what": ["一", 2, None], "raw": b"\x01"}
    text = (
        'lovebank:1:entry:{"at":"2026-11-22T06:00:00.000000Z",'
        '"id":"00000000-0000-0000-0000-000000000007","raw":"01","what":["一",2,null]}'
    )
    assert leaves.leaf("entry", facts) == hashlib.sha256(b"\x00" + text.encode()).digest()


def test_different_rows_have_different_leaves() -> None:
    base: dict[str, object] = {"a": "1", "b": None}
    others: list[dict[str, object]] = [
        {"a": 1, "b": None},
        {"a": "1"},
        {"a": "1", "b": ""},
        {"b": "1", "a": None},
    ]
    assert leaves.leaf("entry", base) not in [leaves.leaf("entry", other) for other in others]
    assert leaves.leaf("entry", base) != leaves.leaf("transfer", base)


def test_the_same_text_twice_has_two_digests(database: Database, who: Actor) -> None:
    def twice(session: Session) -> tuple[bytes, bytes]:
        keep = trail.keep_text
        return keep(session, who.community_id, "why"), keep(session, who.community_id, "why")

    first, second = database.write(twice)
    assert first != second
    assert database.read(lambda s: trail.text_of(s, who.community_id, first)) == "why"
    assert database.read(lambda s: trail.text_of(s, who.community_id, None)) is None
    assert database.read(lambda s: trail.text_of(s, ids.new(), first)) is None


def test_a_deed_that_was_given_up_left_no_entry(database: Database, who: Actor) -> None:
    def half(session: Session) -> None:
        trail.record(
            session, actor=who, action=Action.PIN_SET, subject=("person", who.person), at=AT
        )
        raise Invalid(pin="six digits")

    with pytest.raises(Invalid):
        units.perform(database, half, actor=who, at=AT, call="PUT /pin")
    assert _entries(database, who) == []
    assert not database.read(lambda s: trail.landed(s, who))


@pytest.mark.parametrize("refusal", [Conflict("over_budget"), NotAllowed("own_approval")])
def test_a_refusal_is_kept_with_its_code_and_call(
    database: Database, who: Actor, refusal: Conflict | NotAllowed
) -> None:
    def refused(session: Session) -> None:
        trail.record(
            session, actor=who, action=Action.PIN_SET, subject=("person", who.person), at=AT
        )
        raise refusal

    with pytest.raises(type(refusal)):
        units.perform(database, refused, actor=who, at=AT, call="POST /api/v1/orders")
    (kept,) = _entries(database, who)
    assert (kept.action, kept.refused) == ("api:call:refused", refusal.code)
    assert (kept.subject_type, kept.subject_id) == ("call", who.request_id)
    assert kept.after == {"call": "POST /api/v1/orders"}


def test_what_a_refusal_leaves_is_written_though_the_unit_was_not(
    database: Database, who: Actor
) -> None:
    def counted(session: Session) -> None:
        trail.record(
            session, actor=who, action=Action.PIN_REFUSED, subject=("person", who.person), at=AT
        )

    def refused(session: Session) -> None:
        raise Invalid(pin="wrong").leaving(counted)

    with pytest.raises(Invalid):
        units.perform(database, refused, actor=who, at=AT, call="POST /orders")
    assert [entry.action for entry in _entries(database, who)] == ["people:pin:refused"]


def test_a_request_that_landed_is_found_by_its_id(database: Database, who: Actor) -> None:
    assert not database.read(lambda s: trail.landed(s, who))
    _add(database, who)
    assert database.read(lambda s: trail.landed(s, who))
    assert not database.read(lambda s: trail.landed(s, Actor(who.community_id, who.person_id)))


def test_the_program_itself_is_nobody(database: Database) -> None:
    tick = actors.system(ids.new(), "tick")
    _add(database, tick)
    (found,) = _entries(database, tick)
    assert (found.actor_id, found.via) == (None, "tick")
    with pytest.raises(AssertionError, match="a person must act"):
        str(tick.person)


def test_every_action_is_room_subject_deed() -> None:
    rooms = {
        "people",
        "shifts",
        "qr",
        "redemption",
        "treasury",
        "messages",
        "imports",
        "ledger",
        "api",
        "audit",
    }
    for action in Action:
        room, subject, deed = action.value.split(":")
        assert room in rooms
        assert subject
        assert deed
