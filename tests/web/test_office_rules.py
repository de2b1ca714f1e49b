"""A draft rule is tried, adopted and signed in the office."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from people import communities
from shifts.tables.rota import AwardRule
from tests import factories
from tests.factories import AT
from tests.web import browser
from tests.web import world as worlds
from tests.web.world import World

DRAFT = {"name": "新规则", "points_per_hour": "20", "effective_from": "2026-12-01"}


def _count(world: World) -> int:
    query = select(func.count()).where(AwardRule.community_id == world.community_id)
    return world.database.read(lambda session: session.execute(query).scalar_one())


def test_a_draft_is_tried_and_then_adopted(world: World) -> None:
    worlds.furnish(world)
    before = _count(world)
    office = world["manager"]
    office.open("/office/rules?lang=en")
    form = office.page.form("/office/rules")
    fields = dict(form.fields) | DRAFT | {"captain_coefficient": "120"}
    answer = office.client.post("/office/rules/replay", data=fields, headers=office.headers)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "This is only a trial" in page
    assert _count(world) == before
    office.page = browser.read(answer)
    office.send("/office/rules")
    assert _count(world) == before + 1
    assert "captain 120%" in office.get("/office/rules?lang=en").get_data(as_text=True)


def test_a_version_waits_for_a_second_manager(world: World) -> None:
    def wanted(session: Session) -> None:
        communities.change(
            session,
            actor=factories.actor_of(world.people["admin"]),
            at=AT,
            second_signature={"award_rules": True, "write_offs": False},
        )

    world.database.write(wanted)
    office = world["manager"]
    office.open("/office/rules?lang=en")
    office.send("/office/rules", **DRAFT)
    mine = office.get("/office/rules?lang=en").get_data(as_text=True)
    assert "Waits for a second manager" in mine
    assert "Sign it" not in mine
