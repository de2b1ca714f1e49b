"""The desk by forms: hand entries, corrections and decisions, and the code on the wall."""

from datetime import timedelta

from tests.factories import AT
from tests.web import world as worlds
from tests.web.browser import Browser, token_of
from tests.web.world import World
from web import render


def _entered(world: World) -> str:
    """The volunteer entered by hand by the captain; the address of the row."""
    captain, shift = world["captain"], f"/desk/shifts/{world.things['shift']}"
    captain.open(shift)
    page = captain.send(
        f"{shift}/by-hand",
        person_id=str(world.people["volunteer"].id),
        checked_in_at="2026-11-22T13:05",
        checked_out_at="2026-11-22T13:55",
        reason="手机没电",
    )
    assert "补记好了" in page.text
    return next(link for link in page.links if link.startswith("/desk/attendances/"))


def test_who_entered_a_row_may_not_approve_it(world: World) -> None:
    row = _entered(world)
    captain = world["captain"]
    page = captain.open(row)
    assert "25 分" in page.text
    page = captain.send(f"{row}/approve")
    assert page.status == 403
    assert "要请别人来办" in page.text
    manager = world["manager"]
    manager.open(row)
    assert "已入账" in manager.send(f"{row}/approve").text


def test_a_flagged_row_is_not_in_the_one_tap(world: World) -> None:
    row = _entered(world)
    shift = f"/desk/shifts/{world.things['shift']}"
    manager = world["manager"]
    page = manager.open(shift)
    assert "请看一下" in page.text
    assert not page.has_form(f"{shift}/approve")
    page = manager.open("/desk/approvals")
    assert "手工补记" in page.text
    ticked = manager.send("/desk/approvals")
    assert "还没有选东西" in ticked.text
    manager.open("/desk/approvals")
    form = manager.page.form("/desk/approvals")
    form.offered["attendance_id"] = {}
    page = manager.send("/desk/approvals", attendance_id=[row.rsplit("/", 1)[1]])
    assert "都审核完了" in page.text


def test_a_correction_keeps_the_seconds_of_what_was_not_changed(world: World) -> None:
    volunteer, captain = world["volunteer"], world["captain"]
    shift = f"/desk/shifts/{world.things['shift']}"
    world.clock.at = AT + timedelta(seconds=42)
    token = token_of(captain.open(f"{shift}/code"))
    volunteer.open(f"/s/{token}")
    volunteer.send(f"/s/{token}")
    row = next(link for link in captain.open(shift).links if "/attendances/" in link)
    world.clock.at = AT + timedelta(hours=1)
    captain.open(row)
    page = captain.send(f"{row}/amend", checked_out_at="2026-11-22T14:45", reason="忘了签退")
    assert "时间改好了" in page.text
    assert "14:45" in page.text
    assert "更正过签退" in page.text
    assert "更正过签到" not in page.text


def test_a_row_is_declined_with_a_reason(world: World) -> None:
    row = _entered(world)
    manager = world["manager"]
    manager.open(row)
    page = manager.send(f"{row}/reject", reason="")
    assert page.status == 422
    assert "这一项要填" in page.text
    page = manager.send(f"{row}/reject", reason="没有来")
    assert "没有通过" in page.text


def test_times_that_cannot_be_are_named_at_their_field(world: World) -> None:
    captain, shift = world["captain"], f"/desk/shifts/{world.things['shift']}"
    captain.open(shift)
    page = captain.send(
        f"{shift}/by-hand",
        person_id=str(world.people["volunteer"].id),
        checked_in_at="2026-11-22T13:05",
        checked_out_at="2026-11-22T13:00",
        reason="手机没电",
    )
    assert page.status == 422
    assert "签退要在签到以后" in page.text
    assert page.form(f"{shift}/by-hand").fields["reason"] == ["手机没电"]


def test_a_captain_of_another_shift_has_no_business_here(world: World) -> None:
    other = world.join("另一位岗长", "captain")
    shift = f"/desk/shifts/{world.things['shift']}"
    for path in (shift, f"{shift}/code", f"{shift}/code/part"):
        assert other.get(path).status_code == 403
    assert "今天没有您管的班次" in other.open("/desk").text


def test_the_code_on_the_wall_renews_and_says_how_long_it_lasts(world: World) -> None:
    captain, shift = world["captain"], f"/desk/shifts/{world.things['shift']}"
    world.clock.at = AT + timedelta(seconds=10)
    page = captain.open(f"{shift}/code")
    text = page.response.get_data(as_text=True)
    assert '<noscript><meta http-equiv="refresh" content="21"></noscript>' in text
    assert 'data-seconds="20"' in text
    first = token_of(page)
    part = captain.open(f"{shift}/code/part")
    assert token_of(part) == first
    world.clock.at += timedelta(seconds=30)
    assert token_of(captain.open(f"{shift}/code/part")) != first


def test_the_only_scripts_are_short_and_ours() -> None:
    scripts = {path.name: path for path in render.STATIC.iterdir() if path.suffix == ".js"}
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in scripts.items()}
    assert lines.keys() == {"code.js", "scan.js"}
    assert max(lines.values()) <= 70


def test_a_scan_that_is_too_early_says_so_and_may_be_tried_again(world: World) -> None:
    captain, volunteer = world["captain"], world["volunteer"]
    shift = f"/desk/shifts/{world.things['shift']}"
    world.clock.at = AT - timedelta(hours=3)
    token = token_of(captain.open(f"{shift}/code"))
    volunteer.open(f"/s/{token}")
    page = volunteer.send(f"/s/{token}")
    assert page.status == 409
    assert "不在签到时间" in page.text
    assert page.has_form(f"/s/{token}")


def test_an_old_code_says_that_it_changed(world: World) -> None:
    captain, volunteer = world["captain"], world["volunteer"]
    token = token_of(captain.open(f"/desk/shifts/{world.things['shift']}/code"))
    world.clock.at = AT + timedelta(minutes=2)
    page = volunteer.open(f"/s/{token}")
    assert not page.has_form(f"/s/{token}")
    assert "这个码已经换新了" in page.text


def test_a_reload_of_the_answer_scans_nothing_more(world: World) -> None:
    captain, volunteer = world["captain"], world["volunteer"]
    token = token_of(captain.open(f"/desk/shifts/{world.things['shift']}/code"))
    volunteer.open(f"/s/{token}")
    form = volunteer.page.form(f"/s/{token}")
    answers = [_reload(volunteer, token, form.fields) for _ in range(3)]
    assert answers == [200, 200, 200]
    page = captain.open(f"/desk/shifts/{world.things['shift']}")
    assert page.text.count("自己扫码") == 1


def test_who_forgot_to_check_out_is_seen_without_a_tick(world: World) -> None:
    captain, volunteer = world["captain"], world["volunteer"]
    shift = f"/desk/shifts/{world.things['shift']}"
    token = token_of(captain.open(f"{shift}/code"))
    volunteer.open(f"/s/{token}")
    volunteer.send(f"/s/{token}")
    world.clock.at = AT + timedelta(hours=4)
    page = captain.open(shift)
    assert "忘了签退，系统补的" in page.text
    assert not page.has_form(f"{shift}/approve")
    row = next(link for link in page.links if link.startswith("/desk/attendances/"))
    captain.open(row)
    assert "已入账" in captain.send(f"{row}/approve").text


def test_a_cancelled_shift_is_no_more_on_offer(world: World) -> None:
    captain, shift = world["captain"], f"/desk/shifts/{world.things['shift']}"
    assert "下午巡逻" in world["volunteer"].open("/shifts").text
    captain.open(shift)
    page = captain.send(f"{shift}/cancel", cancel_reason="下雨")
    assert "已取消" in page.text
    assert "下午巡逻" not in world["volunteer"].open("/shifts").text


def test_the_explanation_tells_the_sum_in_both_languages(world: World) -> None:
    row = f"/attendances/{worlds.serve(world)}"
    volunteer = world["volunteer"]
    assert "60 分钟 → 1.0 小时 × 30 = 30 分" in volunteer.open(row).text
    assert "60 minutes → 1.0 h × 30 = 30 points" in volunteer.open(f"{row}?lang=en").text


def test_what_is_credited_is_corrected_by_two(world: World) -> None:
    row = f"/desk/attendances/{worlds.serve(world)}"
    captain, manager = world["captain"], world["manager"]
    captain.open(row)
    page = captain.send(f"{row}/amend", checked_out_at="2026-11-22T13:30", reason="走得早")
    assert "已入账的不变" in page.text
    assert "申请更正为" in page.text
    assert "更正待审核" in manager.open("/desk/approvals").text
    page = manager.open(row)
    assert "15 分" in page.text
    assert not page.has_form(f"{row}/amend")
    assert "已入账" in manager.send(f"{row}/approve").text
    told = world["volunteer"].open(row.removeprefix("/desk")).text
    assert "申请把时间更正为" in told
    assert "同意更正" in told


def _reload(browser: Browser, token: str, fields: dict[str, list[str]]) -> int:
    return browser.client.post(f"/s/{token}", data=fields, headers=browser.headers).status_code
