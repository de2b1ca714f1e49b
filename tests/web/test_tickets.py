"""Opening a code gives the browser a ticket, and nothing else comes of it."""

from datetime import timedelta

from qr import codes
from qr.models import Scan
from shifts import rota
from tests.factories import KEYS
from tests.web.world import World


def _code(world: World) -> str:
    shift = world.database.read(
        lambda session: rota.get(session, world.community_id, world.things["shift"])
    )
    return codes.shift_code(KEYS, shift, world.clock.at).token


def test_a_sign_in_of_four_minutes_does_not_lose_the_code(world: World) -> None:
    browser, volunteer = world.stranger(), world["volunteer"]
    away = browser.open(f"/s/{_code(world)}")
    assert away.response.request.path == "/sign-in"
    back = away.response.request.args["next"]
    assert back.startswith("/s/K")
    world.clock.at += timedelta(minutes=4)
    # The browser has signed in meanwhile, and goes on to where it came from.
    volunteer.open(back)
    assert "已签到" in volunteer.send(back).text


def test_a_page_that_lies_open_keeps_its_code(world: World) -> None:
    volunteer, token = world["volunteer"], _code(world)
    volunteer.open(f"/s/{token}")
    world.clock.at += timedelta(minutes=9)
    assert "已签到" in volunteer.send(f"/s/{token}").text


def test_opening_a_code_writes_nothing_and_an_old_one_says_so(world: World) -> None:
    volunteer, token = world["volunteer"], _code(world)
    volunteer.open(f"/s/{token}")
    world.clock.at += timedelta(minutes=2)
    page = volunteer.open(f"/s/{token}")
    assert "换新" in page.text
    assert not page.has_form(f"/s/{token}")
    found = world.database.read(
        lambda session: session.query(Scan).filter_by(community_id=world.community_id).count()
    )
    assert found == 0
