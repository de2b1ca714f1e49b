"""A form acts only from our own pages: token of this sign-in, own origin; and it acts once."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from werkzeug.test import TestResponse

from kit.clock import StandingClock
from kit.db import Database
from tests.factories import PASSWORD, make_community
from tests.web import world as worlds
from tests.web.browser import Browser
from tests.web.routes import Route, counts, routes
from tests.web.world import BASE, World, make_app

#: changes cookies alone
TOKENLESS = "/view"


def _token(browser: Browser, path: str = "/") -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.get(path).get_data(as_text=True))
    assert found is not None, f"no form on {path}"
    return found[1]


def _send(browser: Browser, route: Route, headers: dict[str, str], **data: str) -> TestResponse:
    return browser.client.post(route.path, data=data, headers=browser.headers | headers)


def test_foreign_forms_are_refused_and_change_nothing(world: World, engine_name: str) -> None:
    worlds.furnish(world)
    mine, other = world["manager"], world["admin"]
    token = _token(mine)
    cases: list[tuple[str, dict[str, str], dict[str, str]]] = [
        ("no token", {}, {}),
        ("a wrong token", {}, {"csrf": "0" * 64}),
        ("somebody else's token", {}, {"csrf": _token(other)}),
        ("a stranger's token", {}, {"csrf": _token(world.stranger(), "/sign-in")}),
        ("another site", {"Sec-Fetch-Site": "cross-site"}, {"csrf": token}),
        ("another host of the site", {"Sec-Fetch-Site": "same-site"}, {"csrf": token}),
        ("no site", {"Sec-Fetch-Site": "none"}, {"csrf": token}),
        ("another origin", {"Origin": "https://evil.example"}, {"csrf": token}),
        ("another port", {"Origin": f"{BASE}:81"}, {"csrf": token}),
        ("a hidden origin", {"Origin": "null"}, {"csrf": token}),
    ]
    if engine_name == "postgresql":
        # A form is judged before any engine is asked: there, that nothing is written.
        cases = cases[1::4]
    before = counts(world.database)
    forms = [route for route in routes(world) if route.method == "POST" and route.rule != TOKENLESS]
    assert len(forms) > 30
    for route in forms:
        for name, headers, data in cases:
            answer = _send(mine, route, headers, **data)
            assert answer.status_code == 403, (route.rule, name, answer.status_code)
    assert counts(world.database) == before


def test_the_same_form_from_our_own_page_is_taken(world: World) -> None:
    """The matrix above would pass if every form were refused always: this one is not."""
    mine = world["manager"]
    token = _token(mine)
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    answer = mine.client.post(
        "/office/units", data={"csrf": token, "name": "网格", "kind": "grid"}, headers=headers
    )
    assert answer.status_code == 303
    assert "网格" in mine.open("/office/units").text


def test_view_takes_no_form_of_another_site(world: World) -> None:
    route = Route("POST", TOKENLESS, TOKENLESS)
    browser = world.stranger()
    assert _send(browser, route, {"Origin": "https://evil.example"}).status_code == 403
    answer = _send(browser, route, {"Origin": BASE}, size="large", next="//evil.example/")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"
    assert 'data-size="large"' in browser.get("/").get_data(as_text=True)


def test_a_token_ends_with_its_sign_in(database: Database, clock: StandingClock) -> None:
    phone = "13900000000"
    database.write(lambda s: make_community(s, phone=phone, password=PASSWORD))
    browser = Browser(make_app(database, clock).test_client())
    browser.sign_in(phone, PASSWORD)
    token = _token(browser)
    cookie = browser.client.get_cookie("lovebank")
    assert cookie is not None
    browser.open("/")
    browser.send("/sign-out")
    browser.client.set_cookie("lovebank", cookie.value)
    assert browser.get("/me").status_code == 303
    answer = browser.client.post("/office/units", data={"csrf": token, "name": "x", "kind": "grid"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_double_tap_orders_once(world: World) -> None:
    worlds.serve(world)
    volunteer = world["volunteer"]
    volunteer.open("/shop")
    form = volunteer.open(f"/shop/order?goods={world.things['goods']}").form("/shop/order")
    answers: list[Any] = [
        volunteer.client.post("/shop/order", data=form.fields, headers=volunteer.headers)
        for _ in range(2)
    ]
    assert answers[0].status_code == 303
    assert "刚才已经记下了" in answers[1].get_data(as_text=True)
    assert counts(world.database)["orders"] == 1


def test_a_form_that_was_refused_may_be_sent_again(world: World) -> None:
    """A refusal is in the trail too; it does not use the form up."""
    clerk = world["clerk"]
    worlds.serve(world)
    person = world.people["volunteer"].id
    action = f"/counter/people/{person}/orders"
    clerk.open(f"/counter/people/{person}")
    form = clerk.page.form(action)
    lines = {**form.fields, f"q-{world.things['goods']}": ["1"]}
    for pin, status in (("000000", 403), (worlds.PIN, 200)):
        answer = clerk.client.post(action, data={**lines, "pin": [pin]}, headers=clerk.headers)
        assert answer.status_code == status
    assert counts(world.database)["orders"] == 1


def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    mine = world["manager"]
    data = {"csrf": _token(mine), "name": "x" * 70_000, "kind": "grid"}
    answer = mine.client.post("/office/units", data=data, headers=mine.headers)
    assert answer.status_code == 413
    assert "太大" in answer.get_data(as_text=True)
    assert "Content-Security-Policy" in answer.headers


def test_two_taps_at_once_order_once(world: World) -> None:
    """Whichever comes second waits for the first, finds its entry, and does nothing."""
    worlds.serve(world)
    volunteer = world["volunteer"]
    form = volunteer.open(f"/shop/order?goods={world.things['goods']}").form("/shop/order")
    cookie = volunteer.client.get_cookie("lovebank")
    assert cookie is not None
    together = threading.Barrier(4)

    def tap() -> int:
        client = world.app.test_client()
        client.set_cookie("lovebank", cookie.value)
        together.wait()
        return client.post("/shop/order", data=form.fields).status_code

    with ThreadPoolExecutor(4) as taps:
        statuses = sorted(one.result() for one in [taps.submit(tap) for _ in range(4)])
    assert statuses == [200, 200, 200, 303]
    assert counts(world.database)["orders"] == 1
