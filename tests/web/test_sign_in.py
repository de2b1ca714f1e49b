"""Signing in by form: the same answer for an unknown phone, communities to choose, the way back."""

from functools import partial

from kit.clock import StandingClock
from kit.db import Database
from tests.factories import PASSWORD, make_community
from tests.web.browser import Browser
from tests.web.world import World, make_app

PHONE = "13900000000"


def _browser(database: Database, clock: StandingClock, *communities: str) -> Browser:
    for name in communities or ("幸福里",):
        database.write(partial(make_community, name=name, phone=PHONE, password=PASSWORD))
    return Browser(make_app(database, clock).test_client())


def test_an_unknown_phone_gets_the_answer_of_a_wrong_password(
    database: Database, clock: StandingClock
) -> None:
    browser = _browser(database, clock)
    wrong = browser.sign_in(PHONE, "not this one")
    unknown = browser.sign_in("13911111111", "not this one")
    assert wrong.status == unknown.status == 401
    assert "手机号或密码不对" in wrong.text
    assert wrong.text == unknown.text
    assert browser.open("/me").response.request.path == "/sign-in"


def test_the_tenth_wrong_password_is_the_last(database: Database, clock: StandingClock) -> None:
    browser = _browser(database, clock)
    for _ in range(10):
        assert browser.sign_in(PHONE, "not this one").status == 401
    page = browser.sign_in(PHONE, PASSWORD)
    assert page.status == 429
    assert page.response.headers["Retry-After"].isdigit()
    assert "分钟后再来" in page.text


def test_one_phone_in_two_communities_chooses(database: Database, clock: StandingClock) -> None:
    browser = _browser(database, clock, "桂花苑", "梅花苑")
    page = browser.sign_in(PHONE, PASSWORD)
    assert page.status == 409
    assert "请选一个" in page.text
    page = browser.send(
        "/sign-in",
        community_id=browser.choice("/sign-in", "community_id", "梅花苑"),
        password=PASSWORD,
    )
    assert page.status == 200
    assert "梅花苑" in page.text


def test_who_signs_in_comes_back_to_where_they_were(
    database: Database, clock: StandingClock
) -> None:
    browser = _browser(database, clock)
    browser.open("/shop?before=")
    page = browser.send("/sign-in", phone=PHONE, password=PASSWORD)
    assert page.response.request.path == "/shop"


def test_a_shared_phone_forgets_with_the_browser(database: Database, clock: StandingClock) -> None:
    browser = _browser(database, clock)
    page = browser.open("/sign-in")
    form = page.form("/sign-in")
    for shared, kept in (({}, True), ({"shared": ["yes"]}, False)):
        data = {**form.fields, "phone": [PHONE], "password": [PASSWORD], **shared}
        client = browser.client.application.test_client()
        client.set_cookie("lovebank_form", _value(browser))
        answer = client.post("/sign-in", data=data)
        cookies = answer.headers.getlist("Set-Cookie")
        assert any("lovebank=" in one and "Max-Age" in one for one in cookies) is kept


def test_sign_out_ends_the_sign_in_at_once(database: Database, clock: StandingClock) -> None:
    browser = _browser(database, clock)
    browser.sign_in(PHONE, PASSWORD)
    other = browser.client.application.test_client()
    cookie = browser.client.get_cookie("lovebank")
    assert cookie is not None
    other.set_cookie("lovebank", cookie.value)
    assert other.get("/me").status_code == 200
    browser.open("/")
    browser.send("/sign-out")
    assert other.get("/me").status_code == 303


def test_a_role_that_is_taken_shuts_the_page_at_once(world: World) -> None:
    assert world["clerk"].get("/counter").status_code == 200
    admin = world["manager"]
    path = f"/office/people/{world.people['clerk'].id}"
    admin.open(path)
    admin.send(f"{path}/roles", role=[])
    assert world["clerk"].get("/counter").status_code == 403


def test_large_print_and_language_are_remembered(world: World) -> None:
    browser = world["volunteer"]
    browser.open("/?lang=en")
    page = browser.open("/me")
    assert "Points you can use" in page.text
    browser.send("/view")
    assert 'data-size="large"' in browser.get("/me").get_data(as_text=True)
    browser.open("/me")
    browser.send("/view")
    assert 'data-size="large"' not in browser.get("/me").get_data(as_text=True)


def test_who_has_no_role_sees_no_work(world: World) -> None:
    assert "工作台" not in world["volunteer"].open("/").text
    assert "工作台" in world["clerk"].open("/").text


def _value(browser: Browser) -> str:
    cookie = browser.client.get_cookie("lovebank_form")
    assert cookie is not None
    return cookie.value
