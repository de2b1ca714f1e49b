"""The board: the same to everybody, names by consent alone, numbers as the books have them."""

from reports import public_account
from tests.factories import AT
from tests.web import world as worlds
from tests.web.world import World

MONTH = "2026-11"


def test_a_stranger_reads_the_month(world: World) -> None:
    worlds.serve(world)
    page = world.stranger().open(f"/board/{world.community_id}?month={MONTH}")
    assert page.status == 200
    for told in ("2026 年 11 月公示", "1 小时", "30 分", "1 位不愿留名的邻居"):
        assert told in page.text
    assert "王" not in page.text
    seen = world["auditor"].open(f"/board/{world.community_id}?month={MONTH}")
    assert page.text.split("大字")[1].endswith(seen.text.split("幸福里")[-1])
    assert "November 2026" in world.stranger().open("/board?lang=en").text
    assert world.stranger().get(f"/board/{world.things['shift']}").status_code == 404


def test_a_name_stands_there_while_its_person_agrees(world: World) -> None:
    worlds.serve(world)
    volunteer, stranger = world["volunteer"], world.stranger()
    name, board = world.people["volunteer"].name, f"/board?month={MONTH}"
    volunteer.open("/me/consents")
    assert "就有您的名字" in volunteer.send("/me/consents/name").text
    assert name in stranger.open(board).text
    assert "不愿留名" not in stranger.page.text
    volunteer.open("/me/consents")
    assert "拿掉了" in volunteer.send("/me/consents/name/withdraw").text
    assert name not in stranger.open(board).text


def test_who_did_not_serve_this_month_is_not_thanked_for_it(world: World) -> None:
    worlds.serve(world)
    clerk = world["clerk"]
    clerk.open("/me/consents")
    clerk.send("/me/consents/name")
    assert world.people["clerk"].name not in world.stranger().open(f"/board?month={MONTH}").text


def test_what_was_handed_over_is_told(world: World) -> None:
    worlds.furnish(world)
    word, order = world.tokens["typed"], f"/orders/{world.things['order']}"
    clerk, here = world["clerk"], f"/counter{order}"
    clerk.open(here)
    clerk.send(f"{here}/collect", code=word)
    first = AT.date().replace(day=1)
    found = world.database.read(
        lambda session: public_account.of_month(session, world.community_id, first)
    )
    assert (found.attendances, found.minutes, found.issued, found.redeemed) == (1, 60, 30, 20)
    assert found.goods == [("大米 5 公斤", 1)]
    assert found.fen_before == found.fen_after == 0


def test_a_month_that_is_none_shows_the_newest(world: World) -> None:
    worlds.serve(world)
    for month in ("2026-13", "1999-01", "x", "2027-01"):
        assert "2026 年 11 月" in world.stranger().open(f"/board?month={month}").text
