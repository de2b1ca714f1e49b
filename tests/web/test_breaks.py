"""Breaks by forms: one's own from the home page, a member's from the desk."""

from datetime import timedelta

from tests.factories import AT
from tests.web.browser import token_of
from tests.web.world import World


def _check_in(world: World) -> str:
    """The volunteer scans the wall; the address of the row."""
    captain, volunteer = world["captain"], world["volunteer"]
    desk = f"/desk/shifts/{world.things['shift']}"
    token = token_of(captain.open(f"{desk}/code"))
    volunteer.open(f"/s/{token}")
    volunteer.send(f"/s/{token}")
    link = next(link for link in captain.open(desk).links if "/attendances/" in link)
    return link.removeprefix("/desk")


def test_a_volunteer_takes_a_break_and_comes_back(world: World) -> None:
    row, volunteer = _check_in(world), world["volunteer"]
    world.clock.at = AT + timedelta(minutes=10)
    volunteer.open("/")
    page = volunteer.send(f"{row}/break/begin")
    assert "14:10 起在休息" in page.text
    assert not page.has_form(f"{row}/break/begin")
    world.clock.at = AT + timedelta(minutes=25)
    assert "欢迎回来" in volunteer.send(f"{row}/break/end").text
    assert "上次休息 14:10 – 14:25" in volunteer.page.text
    assert "Last break 14:10 – 14:25" in volunteer.open("/?lang=en").text
    assert "14:10 – 14:25" in world["captain"].open(f"/desk{row}").text


def test_a_captain_notes_the_break_of_a_member(world: World) -> None:
    row, captain = _check_in(world), world["captain"]
    desk = f"/desk/shifts/{world.things['shift']}"
    captain.open(desk)
    page = captain.send(f"{row}/break/begin")
    assert page.response.request.path == desk
    assert "休息中" in page.text
    assert "休息中" not in captain.send(f"{row}/break/end").text


def test_a_break_is_nobody_elses_and_only_while_there(world: World) -> None:
    row = _check_in(world)
    other = world.join("另一位岗长", "captain")
    token = other.open("/shifts").form("/shifts/calendar").fields["csrf"]
    answer = other.client.post(f"{row}/break/begin", data={"csrf": token})
    assert answer.status_code == 403
    world.clock.at = AT + timedelta(hours=4)
    mine = world["volunteer"]
    token = mine.open("/shifts").form("/shifts/calendar").fields["csrf"]
    answer = mine.client.post(f"{row}/break/begin", data={"csrf": token})
    assert answer.status_code == 409
    assert "休息要在班上时记" in answer.get_data(as_text=True)
