"""The counter by forms: codes, PINs and witnesses, and who may not be served by whom."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from people import cards, pins
from people.models import RoleGrant
from tests import factories
from tests.factories import AT, KEYS
from tests.web import world as worlds
from tests.web.routes import counts
from tests.web.world import PIN, World


def _person(world: World) -> str:
    return f"/counter/people/{world.people['volunteer'].id}"


def _quantity(world: World) -> str:
    return f"q-{world.things['goods']}"


def test_a_card_leads_to_its_person_and_a_name_to_a_choice(world: World) -> None:
    worlds.furnish(world)
    clerk = world["clerk"]
    clerk.open("/counter")
    page = clerk.send("/counter/find", code=world.tokens["card"])
    assert page.response.request.path == _person(world)
    assert "王〇" in page.text
    clerk.open("/counter")
    page = clerk.send("/counter/find", code="王小v")
    assert _person(world) in page.links
    assert world.people["volunteer"].name not in page.text


def test_a_revoked_card_is_refused(world: World) -> None:
    worlds.furnish(world)
    manager = factories.actor_of(world.people["manager"])
    person_id = world.people["volunteer"].id
    world.database.write(
        lambda s: cards.issue(s, actor=manager, keys=KEYS, at=AT, person_id=person_id, reason="丢")
    )
    clerk = world["clerk"]
    clerk.open("/counter")
    page = clerk.send("/counter/find", code=world.tokens["card"])
    assert page.status == 409
    assert "请用新卡" in page.text
    assert "请用新卡" in clerk.open(f"/s/{world.tokens['card']}").text


def test_a_voucher_asks_before_it_hands_over(world: World) -> None:
    worlds.furnish(world)
    clerk, token = world["clerk"], world.tokens["voucher"]
    page = clerk.open(f"/s/{token}")
    assert "大米 5 公斤" in page.text
    assert "可以去领了" in page.text
    assert "已交到手上" in clerk.send(f"/s/{token}").text
    page = clerk.open(f"/s/{token}")
    assert "已领取" in page.text
    assert not page.has_form(f"/s/{token}")


def test_wrong_codes_are_counted_until_no_more_are_taken(world: World) -> None:
    worlds.furnish(world)
    clerk = world["clerk"]
    order = f"/counter/orders/{world.things['order']}"
    for _ in range(30):
        clerk.open(order)
        page = clerk.send(f"{order}/collect", code="000000000")
        assert page.status == 409
        assert "码不对" in page.text
    clerk.open(order)
    page = clerk.send(f"{order}/collect", code=world.tokens["typed"])
    assert page.status == 429
    assert "分钟后再来" in page.text


def test_five_wrong_pins_lock_it(world: World) -> None:
    worlds.serve(world)
    clerk, person = world["clerk"], _person(world)
    told = []
    for _ in range(6):
        clerk.open(person)
        page = clerk.send(f"{person}/orders", pin="000000", **{_quantity(world): "1"})
        told.append(page.text)
    assert "还可以试 4 次" in told[0]
    assert "已锁上" in told[5]
    clerk.open(person)
    page = clerk.send(f"{person}/orders", pin=PIN, **{_quantity(world): "1"})
    assert page.status == 409
    assert counts(world.database)["orders"] == 0


def test_a_witness_proves_it_with_their_own_pin(world: World) -> None:
    worlds.serve(world)
    treasurer = world.people["treasurer"]
    actor = factories.actor_of(treasurer)
    world.database.write(
        lambda s: pins.set_pin(
            s, actor=actor, keys=KEYS, at=AT, person_id=treasurer.id, pin="975310"
        )
    )
    clerk, person = world["clerk"], _person(world)
    action = f"{person}/orders"
    clerk.open(person)
    witness = clerk.choice(action, "witness_id", treasurer.name)
    page = clerk.send(action, witness_id=witness, witness_pin="975310", **{_quantity(world): "1"})
    assert "交给王〇" in page.text
    collect = next(form.action for form in page.forms if form.action.endswith("/collect"))
    page = clerk.send(collect)
    assert "已交付" in page.text
    give_back = next(form.action for form in page.forms if form.action.endswith("/return"))
    page = clerk.send(give_back, reason="米袋破了")
    assert "已退回" in page.text


def test_a_clerk_does_not_serve_themself_or_their_family(world: World) -> None:
    world.database.write(
        lambda s: factories.make_household(
            s,
            community_id=world.community_id,
            person_ids=[world.people["clerk"].id, world.people["volunteer"].id],
        )
    )
    for name in ("clerk", "volunteer"):
        answer = world["clerk"].get(f"/counter/people/{world.people[name].id}")
        assert answer.status_code == 403
        assert "要请别人来办" in answer.get_data(as_text=True)


def test_an_order_beyond_the_points_says_how_many_are_short(world: World) -> None:
    worlds.serve(world)
    volunteer = world["volunteer"]
    volunteer.open(f"/shop/order?goods={world.things['goods']}")
    page = volunteer.send("/shop/order", **{_quantity(world): "2"})
    assert page.status == 409
    assert "还差 10 分" in page.text


def test_a_spent_voucher_is_shown_no_more(world: World) -> None:
    worlds.furnish(world)
    volunteer, order = world["volunteer"], f"/orders/{world.things['order']}"
    code = " ".join(world.tokens["typed"][n : n + 3] for n in (0, 3, 6))
    assert code in volunteer.open(order).text
    volunteer.send(f"{order}/cancel")
    page = volunteer.open(order)
    assert "已取消" in page.text
    assert code not in page.text
    assert "data:image" not in page.response.get_data(as_text=True)


def test_a_clerk_of_a_unit_finds_its_people_alone(world: World) -> None:
    worlds.serve(world)
    clerk, community_id = world.people["clerk"].id, world.community_id

    def narrow(session: Session) -> None:
        unit = factories.make_unit(session, community_id=community_id).id
        session.execute(
            update(RoleGrant)
            .where(RoleGrant.community_id == community_id, RoleGrant.person_id == clerk)
            .values(withdrawn_at=AT)
        )
        factories.grant_role(
            session, community_id=community_id, person_id=clerk, role="clerk", unit_id=unit
        )

    world.database.write(narrow)
    browser = world["clerk"]
    browser.open("/counter")
    assert _person(world) not in browser.send("/counter/find", code="王小v").links
    assert browser.open(_person(world)).status == 403
