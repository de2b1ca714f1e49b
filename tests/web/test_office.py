"""The office by forms: people and their roles, units, rules, goods, funds and settings."""

from people import households
from tests.web import world as worlds
from tests.web.world import World


def _of(world: World, name: str) -> str:
    return f"/office/people/{world.people[name].id}"


def test_a_person_is_registered_found_and_changed(world: World) -> None:
    manager = world["manager"]
    manager.open("/office/people")
    page = manager.send("/office/people", name="欧阳秀兰", phone="13912345678")
    assert "登记好了" in page.text
    path = page.response.request.path
    page = manager.send(path, name="欧阳秀英")
    assert "存好了" in page.text
    page = manager.open("/office/people?q=13912345678")
    assert "欧阳秀英" in page.text
    assert "没有找到" in manager.open("/office/people?q=查无此人").text


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(world: World) -> None:
    manager = world["manager"]
    manager.open("/office/people")
    page = manager.send("/office/people", name="赵大妈", phone="12", birth_year="十九")
    assert page.status == 422
    assert "请写数字" in page.text
    page = manager.send("/office/people", name="赵大妈", phone="12", birth_year="")
    assert "请填 11 位手机号" in page.text
    assert page.form("/office/people").fields["name"] == ["赵大妈"]


def test_a_manager_grants_captain_and_not_treasurer(world: World) -> None:
    manager, path = world["manager"], _of(world, "volunteer")
    manager.open(path)
    assert "岗长" in manager.send(f"{path}/roles", role=["captain"]).text
    page = manager.send(f"{path}/roles", role=["captain", "treasurer"])
    assert page.status == 403
    admin = world["admin"]
    admin.open(path)
    assert admin.send(f"{path}/roles", role=["captain", "treasurer"]).status == 200


def test_nobody_changes_their_own_roles(world: World) -> None:
    admin, path = world["admin"], _of(world, "admin")
    admin.open(path)
    assert admin.send(f"{path}/roles", role=["admin", "treasurer"]).status == 403


def test_a_code_for_somebody_without_a_phone_is_refused_at_the_phone(world: World) -> None:
    manager, path = world["manager"], _of(world, "volunteer")
    manager.open(path)
    page = manager.send(f"{path}/sign-in-code")
    assert page.status == 422
    assert "这位不能登录" in page.text


def test_the_ticked_become_a_household(world: World) -> None:
    manager = world["manager"]
    one, two = world.people["volunteer"].id, world.people["clerk"].id
    manager.open("/office/people")
    page = manager.send("/office/households", person_id=[str(one)])
    assert page.status == 422
    assert "请勾选两位以上" in page.text
    manager.send("/office/households", person_id=[str(one), str(two)])
    community_id = world.community_id
    assert world.database.read(lambda s: households.same(s, community_id, one, two))


def test_a_new_card_is_printed_and_the_old_one_is_another(world: World) -> None:
    worlds.furnish(world)
    manager, path = world["manager"], _of(world, "volunteer")
    before = manager.open(f"{path}/card").text
    manager.open(path)
    page = manager.send(f"{path}/cards", reason="丢了")
    assert page.response.request.path == f"{path}/card"
    assert page.text != before
    assert "新卡好了" in manager.open(f"{path}/card?note=card_issued").text


def test_who_no_longer_takes_part_is_shut_out_at_once(world: World) -> None:
    manager, path = world["manager"], _of(world, "volunteer")
    manager.open(path)
    manager.send(f"{path}/active")
    assert world["volunteer"].get("/me").status_code == 303
    assert "重新参加" in manager.open(path).text


def test_units_stand_below_one_another(world: World) -> None:
    admin = world["admin"]
    admin.open("/office/units")
    admin.send("/office/units", name="第一网格", kind="grid")
    parent = admin.choice("/office/units", "parent_id", "第一网格")
    page = admin.send("/office/units", name="三号楼片", kind="building_group", parent_id=parent)
    text = page.response.get_data(as_text=True)
    assert text.index("第一网格") < text.index("　三号楼片")


def test_the_same_name_makes_the_next_version_and_never_over_awards(world: World) -> None:
    worlds.serve(world)
    manager = world["manager"]
    manager.open("/office/rules")
    rule = {"name": "通则", "points_per_hour": "20"}
    page = manager.send("/office/rules", **rule, effective_from="2026-11-20")
    assert page.status == 409
    assert "换一个往后的日期" in page.text
    page = manager.send("/office/rules", **rule, effective_from="2026-11-23")
    assert "通则 第 2 版" in page.text
    page = manager.send(
        "/office/rules",
        **rule,
        effective_from="2026-11-24",
        night_from="22:00",
        night_to="22:00",
        night_points_per_hour="30",
    )
    assert "夜间的起止不能一样" in page.text
    page = manager.send("/office/rules", night_to="", night_points_per_hour="")
    assert "起、止和分数要一起填" in page.text


def test_goods_are_bought_from_a_fund_that_can_pay(world: World) -> None:
    treasurer = world["treasurer"]
    treasurer.open("/office/funds")
    page = treasurer.send("/office/funds", name="微公益创投", money="20.00")
    assert "积分不设上限" in page.text
    treasurer.open("/office/goods")
    facts = {
        "goods_id": treasurer.choice("/office/stock", "goods_id", "大米 5 公斤"),
        "fund_id": treasurer.choice("/office/stock", "fund_id", "微公益创投"),
    }
    page = treasurer.send("/office/stock", **facts, quantity="3", unit_cost="10.00")
    assert page.status == 409
    assert "资金不够了" in page.text
    page = treasurer.send("/office/stock", **facts, quantity="2", unit_cost="10.00")
    assert "架上 7" in page.text


def test_a_shift_names_a_captain_who_is_one(world: World) -> None:
    manager = world["manager"]
    manager.open("/office/shifts")
    form = manager.page.form("/office/shifts")
    assert set(form.offered["captain_id"].values()) >= {"王小captain", "王小manager"}
    assert "王小volunteer" not in form.offered["captain_id"].values()
    page = manager.send(
        "/office/shifts",
        occasion=manager.choice("/office/shifts", "occasion", "东门治安巡逻岗"),
        title="夜班",
        starts_at="2026-11-23T22:00",
        ends_at="2026-11-23T20:00",
        captain_id=manager.choice("/office/shifts", "captain_id", "王小captain"),
    )
    assert page.status == 422
    assert "结束要在开始以后" in page.text
    page = manager.send("/office/shifts", ends_at="2026-11-24T01:00")
    assert "夜班" in page.text


def test_settings_are_changed_by_an_admin(world: World) -> None:
    admin = world["admin"]
    admin.open("/office/community")
    page = admin.send("/office/community", pickup_days="7", tier_captain="6", tier_manager="10")
    assert "存好了" in page.text
    assert "留 7 天" in world["volunteer"].open("/shop").text
    page = admin.send(
        "/office/community", notice_days="3", points_expiry="months", points_months="24"
    )
    form = page.form("/office/community").fields
    assert (form["notice_days"], form["points_months"]) == (["3"], ["24"])
    page = admin.send("/office/community", points_expiry="months", points_months="0")
    assert page.status == 422
    admin.open("/office/community")
    page = admin.send("/office/community", tier_captain="12", tier_manager="10")
    assert page.status == 422
    assert "前一个要不大于后一个" in page.text


def test_a_reversal_voids_the_attendance_and_the_books_balance(world: World) -> None:
    row = worlds.serve(world)
    treasurer = world["treasurer"]
    links = treasurer.open("/books/transfers").links
    for link in [link for link in links if link.startswith("/books/transfers/")]:
        if treasurer.open(link).has_form(f"{link}/reverse"):
            page = treasurer.send(f"{link}/reverse", reason="记错了人")
            assert "冲正好了" in page.text
            treasurer.open(link)
            assert not treasurer.page.has_form(f"{link}/reverse")
    assert "已作废" in world["volunteer"].open(f"/attendances/{row}").text
    assert "账目是平的" in treasurer.open("/books").text
    assert "没有问题" in treasurer.open("/books/check").text
    names = {person.name for person in world.people.values()}
    text = treasurer.open("/books").response.get_data(as_text=True)
    assert not [name for name in names if name in text]
