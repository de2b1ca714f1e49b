"""Duties and shifts by forms: insurance, seats kept, a shift altered, stand-ins, calendars."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from people.models import Person
from shifts.rota import making
from tests import factories
from tests.factories import AT
from tests.web.world import World


def _tomorrow(world: World, red_post_id: UUID | None = None) -> str:
    """A shift tomorrow at 14:00, two hours; its id."""

    def work(session: Session) -> str:
        shift = making.add(
            session,
            actor=factories.actor_of(world.people["manager"], "web"),
            at=AT,
            title="明天巡逻",
            starts_at=AT + timedelta(days=1),
            ends_at=AT + timedelta(days=1, hours=2),
            captain_id=world.people["captain"].id,
            red_post_id=red_post_id or world.things["red_post"],
        )
        return str(shift.id)

    return world.database.write(work)


def test_a_risky_duty_wants_its_insurance_noted(world: World) -> None:
    manager = world["manager"]
    manager.open("/office/red-posts")
    page = manager.send(
        "/office/red-posts",
        name="高空清洁岗",
        kind="environment",
        risk="high",
        quota_kind="party_branch",
        quota_seats="1",
        quota_hours="24",
    )
    link = next(link for link in page.links if link.count("/") == 3 and "red-posts/" in link)
    page = manager.open(link)
    assert "没有登记保险的日子不能报名" in page.text
    assert "党支部的人 1 位，开始前 24 小时放开" in page.text
    shift = _tomorrow(world, UUID(link.rsplit("/", 1)[1]))
    volunteer, sign_up = world["volunteer"], f"/shifts/{shift}/sign-ups"
    volunteer.open("/shifts")
    assert "还没有登记保险" in volunteer.send(sign_up).text
    assert not world["captain"].open(link).has_form(f"{link}/insurance")
    manager.open(link)
    page = manager.send(f"{link}/insurance", until="2026-12-31", note="平安 保单 8812")
    assert "12 月 31 日" in page.text
    assert "8812" not in page.text
    assert "报上名了" in volunteer.send(sign_up).text


def test_one_shift_is_altered_before_anybody_can_come(world: World) -> None:
    captain, shift = world["captain"], _tomorrow(world)
    path = f"/desk/shifts/{shift}/change"
    assert path in captain.open(f"/desk/shifts/{shift}").links
    captain.open(path)
    page = captain.send(path, ends_at="2026-11-23T13:00")
    assert page.status == 422
    page = captain.send(path, ends_at="2026-11-23T17:00", seats="6", title="明天巡逻两圈")
    assert "改好了" in page.text
    assert "14:00 – 17:00" in page.text
    assert "明天巡逻两圈" in page.text
    volunteer = world["volunteer"]
    assert "共要 6 位" in volunteer.open("/shifts").text
    assert volunteer.get(path).status_code == 403
    running = f"/desk/shifts/{world.things['shift']}/change"
    assert "不能再改" in captain.open(running).text
    assert not captain.page.has_form(running)


def test_a_stand_in_is_asked_and_accepts(world: World) -> None:
    volunteer, shift = world["volunteer"], _tomorrow(world)
    friend = world.join("王大婶")
    stranger = world.join("路人甲")

    together = [world.people[name].id for name in ("volunteer", "王大婶")]
    world.database.write(
        lambda session: (
            factories.make_household(
                session, community_id=world.community_id, person_ids=together
            ).id
        )
    )
    volunteer.open("/shifts")
    page = volunteer.send(f"/shifts/{shift}/sign-ups")
    link = next(link for link in page.links if link.endswith("/stand-in"))
    page = volunteer.open(link)
    assert "王大婶" in page.form(link).offered["person_id"].values()
    assert "路人甲" not in page.text
    page = volunteer.send(link, person_id=str(world.people["王大婶"].id))
    assert "还是您的班" in page.text
    assert "在这一班没有位置" in stranger.open(link).text
    page = friend.open("/shifts")
    assert "请您来替" in page.text
    accept = next(form.action for form in page.forms if form.action.endswith("/accept"))
    assert "已替您报上名" in friend.send(accept).text
    assert "请您来替" not in friend.open("/shifts").text
    assert not volunteer.open("/shifts").has_form(link.replace("stand-in", "withdraw"))


def test_a_captain_puts_somebody_in(world: World) -> None:
    captain, shift = world["captain"], _tomorrow(world)
    volunteer = world["volunteer"]
    volunteer.open("/shifts")
    volunteer.send(f"/shifts/{shift}/sign-ups")
    page = captain.open(f"/desk/shifts/{shift}")
    action = next(form.action for form in page.forms if form.action.endswith("/stand-in"))
    clerk: Person = world.people["clerk"]
    page = captain.send(action, person_id=str(clerk.id))
    assert "换好了" in page.text
    page = captain.send(
        next(form.action for form in page.forms if form.action.endswith("/stand-in")),
        person_id=str(clerk.id),
    )
    assert page.status == 422
    assert "明天巡逻" in world["clerk"].open("/").text


def test_an_address_of_a_calendar_is_shown_once(world: World) -> None:
    captain, here = world["captain"], f"/office/red-posts/{world.things['red_post']}"
    for browser, page, action in (
        (captain, here, f"{here}/calendar"),
        (world["volunteer"], "/shifts", "/shifts/calendar"),
    ):
        browser.open(page)
        made = browser.send(action)
        address = next(link for link in made.links if link.endswith(".ics"))
        path = "/" + address.split("/", 3)[3]
        assert world.stranger().get(path).status_code == 200
        assert not [link for link in browser.open(page).links if link.endswith(".ics")]
        assert "网址停用了" in browser.send(f"{action}/revoke").text
        assert world.stranger().get(path).status_code == 404
        assert not browser.page.has_form(f"{action}/revoke")
