"""The office's plans by forms: set, seen by volunteers, ended."""

from tests.web.world import World


def test_a_plan_is_set_and_ended(world: World) -> None:
    manager = world["manager"]
    manager.open("/office/templates")
    path = "/office/templates"
    facts = {
        "occasion": manager.choice(path, "occasion", "东门治安巡逻岗"),
        "title": "夜巡",
        "minutes": "180",
        "captain_id": manager.choice(path, "captain_id", "王小captain"),
    }
    page = manager.send(path, **facts, starts="", seats_min="3", seats="2")
    assert page.status == 422
    page = manager.send(path, starts="20:00")
    assert page.status == 422
    page = manager.send(path, seats="6")
    assert "存好了" in page.text
    assert "每天 20:00" in page.text
    assert "夜巡" in world["volunteer"].open("/shifts").text
    end = next(form.action for form in page.forms if form.action.endswith("/end"))
    assert "存好了" in manager.send(end).text
    assert "到 2026-11-22" in manager.open(path).text


def test_a_calendar_reads_without_signing_in(world: World) -> None:
    volunteer = world["volunteer"]
    volunteer.open("/shifts")
    volunteer.send(f"/shifts/{world.things['shift']}/sign-ups")
    page = volunteer.send("/shifts/calendar")
    address = next(link for link in page.links if link.endswith(".ics"))
    path = "/" + address.split("/", 3)[3]
    answer = world.stranger().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "STATUS:CONFIRMED" in answer.get_data(as_text=True)
    volunteer.send("/shifts/calendar")
    assert world.stranger().get(path).status_code == 404
