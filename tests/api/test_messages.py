"""What one was told, over the API: one's own alone, in one's language, marked when it was seen."""

from uuid import UUID

from kit import ids
from messages import outbox
from messages.kinds import Kind
from tests.api.world import World
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


def test_messages_are_listed_and_marked(world: World) -> None:
    for key in ("one", "two", "three"):
        _tell(world, key)
    me = world["volunteer"]
    first = me.get("/me/messages?limit=2", headers={"Accept-Language": "zh"}).json
    assert first["unread"] == 3
    assert len(first["items"]) == 2
    assert first["items"][0]["text"].startswith("“")
    assert first["items"][0]["facts"]["shift_id"] == str(world.things["shift"])
    rest = me.get(f"/me/messages?cursor={first['next']}").json
    assert len(rest["items"]) == 1
    seen = [rest["items"][0]["id"]]
    assert me.post("/me/messages/read", {"ids": seen}).json == {"unread": 2}
    assert me.post("/me/messages/read", {"ids": seen}).json == {"unread": 2}
    assert me.post("/me/messages/read").json == {"unread": 0}
    assert world["captain"].get("/me/messages").json["unread"] == 3


def test_nobody_marks_what_another_was_told(world: World) -> None:
    _tell(world, "one")
    theirs = world["captain"].get("/me/messages").json["items"][0]["id"]
    world["volunteer"].post("/me/messages/read", {"ids": [theirs]})
    assert world["captain"].get("/me/messages").json["unread"] == 1
