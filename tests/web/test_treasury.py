"""Adjustments and closed months by forms, as two treasurers use them."""

import pytest

from people import households
from tests import factories
from tests.web import world as worlds
from tests.web.browser import Browser, Page
from tests.web.world import World


@pytest.fixture
def second(world: World) -> Browser:
    return world.join("第二司库", "treasurer")


def _asked(world: World, **typed: str) -> Page:
    """What the treasurer sees after asking for an adjustment of the volunteer's points."""
    path = f"/books/adjustments/people/{world.people['volunteer'].id}"
    world["treasurer"].open(path)
    form = {"way": "give", "points": "12", "reason": "旧存折第三页"} | typed
    return world["treasurer"].send(path, **form)


def _address(page: Page) -> str:
    return page.response.request.path


def test_asked_for_by_one_and_approved_by_another(world: World, second: Browser) -> None:
    page = world["treasurer"].open("/books/adjustments?q=王小volunteer")
    assert f"/books/adjustments/people/{world.people['volunteer'].id}" in page.links
    page = _asked(world)
    assert "等另一位司库同意" in page.text
    path = _address(page)
    assert path in world["auditor"].open("/books/adjustments?status=waiting").links
    late = world.join("第三司库", "treasurer")
    late.open(path)
    assert "旧存折第三页" in second.open(path).text
    page = second.send(f"{path}/approve")
    assert "同意了，积分已经变了" in page.text
    assert "已生效" in page.text
    assert "12" in world["volunteer"].open("/me").text
    page = late.send(f"{path}/approve")
    assert page.status == 409
    assert "已经处理过了" in page.text


def test_rejected_with_a_reason_or_taken_back(world: World, second: Browser) -> None:
    path = _address(_asked(world, way="take"))
    second.open(path)
    assert second.send(f"{path}/reject", reason="").status == 422
    assert "没有这一页" in second.send(f"{path}/reject", reason="没有这一页").text
    path = _address(_asked(world, way="paper"))
    assert "已撤回" in world["treasurer"].send(f"{path}/withdraw").text
    assert "没有积分调整" in world["auditor"].open("/books/adjustments?status=approved").text


def test_what_one_asked_or_ones_familys_is_not_offered(world: World, second: Browser) -> None:
    path = _address(_asked(world))
    for name in ("treasurer", "auditor"):
        assert not world[name].open(path).has_form(f"{path}/approve")
    assert second.open(path).has_form(f"{path}/approve")
    manager = factories.actor_of(world.people["manager"])
    family = [world.people[name].id for name in ("第二司库", "volunteer")]
    world.database.write(
        lambda session: households.form(session, actor=manager, at=factories.AT, person_ids=family)
    )
    # The page was open before they became one household.
    assert second.send(f"{path}/approve").status == 403
    assert not second.open(path).has_form(f"{path}/approve")
    form = f"/books/adjustments/people/{world.people['volunteer'].id}"
    assert second.open(form).status == 403


def test_a_wrong_form_stands_at_its_fields(world: World, second: Browser) -> None:
    page = _asked(world, way="", points="0", reason="")
    assert page.status == 422
    for told in ("请选一个", "这个数太大或太小了", "这一项要填"):
        assert told in page.text
    assert "这个时间还没到" in _asked(world, effective_on="2026-11-23").text


def test_a_month_is_closed_and_the_next_one_offered(world: World, second: Browser) -> None:
    worlds.serve(world)
    treasurer = world["treasurer"]
    assert "现在没有可以结的月份" in treasurer.open("/books/periods").text
    path = _address(_asked(world, effective_on="2026-09-10"))
    second.open(path)
    second.send(f"{path}/approve")
    second.open("/books/periods")
    page = treasurer.open("/books/periods")
    assert page.form("/books/periods").fields["ends_on"] == ["2026-09-30"]
    page = treasurer.send("/books/periods")
    assert "这个月的账结好了" in page.text
    assert page.form("/books/periods").fields["ends_on"] == ["2026-10-31"]
    page = second.send("/books/periods", ends_on="2026-09-30")
    assert page.status == 409
    assert "这段时间的账已结" in page.text
    page = world["auditor"].open("/books/periods")
    assert "2026 年 9 月" in page.text
    assert not page.has_form("/books/periods")
    assert _asked(world, effective_on="2026-09-10").status == 409


def test_an_adjustment_is_reversed_where_it_stands_in_the_journal(
    world: World, second: Browser
) -> None:
    path = _address(_asked(world, effective_on="2026-09-10"))
    second.open(path)
    page = second.send(f"{path}/approve")
    transfer = next(link for link in page.links if link.startswith("/books/transfers/"))
    world["treasurer"].open("/books/periods")
    world["treasurer"].send("/books/periods", ends_on="2026-09-30")
    assert path in second.open(transfer).links
    page = second.send(f"{transfer}/reverse", reason="记错人了")
    assert "原本属于" in page.text
    assert "2026-09-10" in page.text
