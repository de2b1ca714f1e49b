"""One's own messages as a page: opening marks nothing, the button does."""

from sqlalchemy.orm import Session

from kit import ids
from messages import outbox
from messages.kinds import Kind
from tests.factories import AT
from tests.web.world import World


def test_the_page_tells_and_marks(world: World) -> None:
    def tell(session: Session) -> None:
        outbox.tell(
            session,
            community_id=world.community_id,
            at=AT,
            person_ids=[world.people["volunteer"].id],
            kind=Kind.SHIFT_CANCELLED,
            facts={"shift_id": ids.NIL, "starts_at": AT},
            key="one",
        )

    world.database.write(tell)
    me = world["volunteer"]
    assert "1 new messages" in me.get("/me?lang=en").get_data(as_text=True)
    for _ in range(2):
        page = me.get("/me/messages?lang=en").get_data(as_text=True)
        assert "is cancelled" in page
        assert "Mark all as read (1)" in page
    me.open("/me/messages")
    me.send("/me/messages/read")
    page = me.get("/me/messages?lang=en").get_data(as_text=True)
    assert "Mark all as read" not in page
