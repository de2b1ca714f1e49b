"""What lapses first, what is on notice, and what has no line yet, on one's own page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kit import ids
from ledger import accounts, transfers
from ledger.accounts import Place
from ledger.drafts import Draft, Leg
from people import communities
from tests import factories
from tests.factories import AT
from tests.web.world import World

ON = date(2026, 11, 22)


def _award(world: World, place: Place, points: int, **lot: Any) -> None:
    def work(session: Session) -> None:
        fund_id = communities.settings_of(session, world.community_id).general_fund_id
        key, legs = ids.new(), (Leg(accounts.fund_points(fund_id), place, points, **lot),)
        draft = Draft("award", f"test:{key}:award", legs, ON, ("test", key), fund_id)
        actor = factories.actor_of(world.people["manager"])
        transfers.record(session, actor=actor, draft=draft, at=AT)

    world.database.write(work)


def test_the_passbook_tells_what_time_brings(world: World) -> None:
    person_id = world.people["volunteer"].id
    _award(world, accounts.wallet(person_id), 30, expires_on=ON + timedelta(days=2))
    _award(world, accounts.pending(person_id), 5, available_on=ON + timedelta(days=1))
    page = world["volunteer"].get("/me?lang=en").get_data(as_text=True)
    assert "30 points, through 2026-11-24" in page
    assert "5 points on notice" in page
    assert "in a moment" not in page
    world.clock.at = AT + timedelta(days=3)
    page = world["volunteer"].get("/me?lang=en").get_data(as_text=True)
    assert "−25 points will be in the passbook in a moment" in page
    assert "through" not in page
