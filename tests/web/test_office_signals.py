"""The page of questions: what raises one stands first, and nobody is judged there."""

from datetime import timedelta

from tests.factories import AT
from tests.web import world as worlds
from tests.web.browser import token_of
from tests.web.world import World


def test_a_row_that_raises_a_question_is_asked_about(world: World) -> None:
    captain, volunteer = world["captain"], world["volunteer"]
    desk = f"/desk/shifts/{world.things['shift']}"
    token = token_of(captain.open(f"{desk}/code"))
    volunteer.open(f"/s/{token}")
    volunteer.send(f"/s/{token}")
    captain.open(desk)
    captain.send(f"{desk}/heads", counted="0")
    world.clock.at = AT + timedelta(hours=1)
    token = token_of(captain.open(f"{desk}/code"))
    volunteer.open(f"/s/{token}")
    volunteer.send(f"/s/{token}")
    page = world["manager"].open("/office/signals")
    assert "现场数到的人比记录少" in page.text
    assert "王〇" in page.text
    assert {form.action for form in page.forms} == {"/view"}
    link = next(link for link in page.links if "/attendances/" in link)
    assert world["manager"].open(link).status == 200
    page = world["auditor"].open("/office/signals?lang=en")
    assert "Fewer people were counted than recorded" in page.text
    link = next(link for link in page.links if "/attendances/" in link)
    assert world["auditor"].open(link).status == 200


def test_who_enters_by_hand_is_listed_and_not_judged(world: World) -> None:
    worlds.serve(world)
    page = world["manager"].open("/office/signals")
    assert "没有要问的" in page.text
    assert "王小captain" in page.text
    assert "1 / 1" in page.text
    assert "扫码不方便吗" not in page.text
