"""Opening a code gives the browser a ticket, and nothing else comes of it."""

from datetime import timedelta

from qr import codes
from qr.models import Scan
from shifts.rota import finding, making
from tests import factories
from tests.factories import KEYS
from tests.web.world import World


def _code(world: World) -> str:
    shift = world.database.read(
        lambda session: finding.get(session, world.community_id, world.things["shift"])
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


def test_a_second_scan_is_explained_and_a_mistaken_one_taken_back(world: World) -> None:
    volunteer, token = world["volunteer"], _code(world)
    volunteer.open(f"/s/{token}")
    first = volunteer.send(f"/s/{token}")
    undo = next(form.action for form in first.forms if form.action.endswith("/undo"))
    volunteer.open(f"/s/{token}")
    assert "只算一次" in volunteer.send(f"/s/{token}").text
    done = volunteer.send(undo)
    assert "撤回了" in done.text
    volunteer.open(f"/s/{token}")
    again = volunteer.send(f"/s/{token}")
    assert "签到成功" in again.text
    world.clock.at += timedelta(minutes=3)
    volunteer.page = again
    undo = next(form.action for form in again.forms if form.action.endswith("/undo"))
    assert "两分钟" in volunteer.send(undo).text


def test_who_goes_on_to_another_red_post_is_asked(world: World) -> None:
    volunteer = world["volunteer"]
    manager = factories.actor_of(world.people["manager"], "web")
    volunteer.open(f"/s/{_code(world)}")
    volunteer.send(f"/s/{_code(world)}")
    world.clock.at += timedelta(minutes=10)
    east = world.database.write(
        lambda session: making.add(
            session,
            actor=manager,
            at=world.clock.at,
            title="西门",
            starts_at=world.clock.at,
            ends_at=world.clock.at + timedelta(hours=1),
            captain_id=world.people["captain"].id,
            red_post_id=world.things["red_post"],
        )
    )
    token = codes.shift_code(KEYS, east, world.clock.at).token
    volunteer.open(f"/s/{token}")
    page = volunteer.send(f"/s/{token}")
    assert "还没有签退" in page.text
    on = next(form.action for form in page.forms if form.action.endswith("/go-on"))
    assert "记下了" in volunteer.send(on).text
