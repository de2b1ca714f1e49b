"""What one was told, over the API: one's own alone, in one's language, marked when it was seen."""

from typing import Any
from uuid import UUID

from kit import ids
from messages import outbox
from messages.kinds import Kind
from tests.api.world import Caller, World
from tests.factories import AT


def _tell(world: World, key: str) -> None:
    people: list[UUID] = [world[name].id or ids.NIL for name in ("volunteer", "captain")]
    facts: dict[str, outbox.Fact] = {"shift_id": world.things["shift"], "starts_at": AT}
    world.write(
        lambda session: outbox.tell(
            session,
            community_id=world.community_id,
            at=AT,
            person_ids=people,
            kind=Kind.MOVED_UP,
            facts=facts,
            key=key,
        )
    )


def _get(caller: Caller, path: str, **more: Any) -> Any:
    """What the list answers."""
    return caller.get(path, **more).json


def test_messages_are_listed_and_marked(world: World) -> None:
    for key in ("one", "two", "three"):
        _tell(world, key)
    me = world["volunteer"]
    first = _get(me, "/me/messages?limit=2", headers={"Accept-Language": "zh"})
    assert first["unread"] == 3
    assert len(first["items"]) == 2
    assert first["items"][0]["text"].startswith("“")
    assert first["items"][0]["facts"]["shift_id"] == str(world.things["shift"])
    rest = _get(me, f"/me/messages?cursor={first['next']}")
    assert len(rest["items"]) == 1
    seen = [rest["items"][0]["id"]]
    assert me.post("/me/messages/read", {"ids": seen}).json == {"unread": 2}
    assert me.post("/me/messages/read", {"ids": seen}).json == {"unread": 2}
    assert me.post("/me/messages/read").json == {"unread": 0}
    assert _get(world["captain"], "/me/messages")["unread"] == 3


def test_nobody_marks_what_another_was_told(world: World) -> None:
    _tell(world, "one")
    theirs = _get(world["captain"], "/me/messages")["items"][0]["id"]
    world["volunteer"].post("/me/messages/read", {"ids": [theirs]})
    assert _get(world["captain"], "/me/messages")["unread"] == 1
