"""What every answer carries: the Content-Security-Policy, no cache, cookies that stay at home."""

import pytest

from kit.clock import StandingClock
from kit.db import Database
from tests.factories import PASSWORD, make_community
from tests.web import world as worlds
from tests.web.browser import Browser
from tests.web.routes import routes
from tests.web.world import World, make_app
from web import security

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_every_answer_carries_the_policy(world: World, engine_name: str) -> None:
    worlds.furnish(world)
    odd = ["/no/such/page", "/assets/none.css", "/s/" + "x" * 300, "/orders/not-an-id"]
    # What an answer carries is no engine's matter: on the second, those of one browser.
    browsers = (world["manager"], world.stranger())
    for browser in browsers[: 2 if engine_name == "sqlite" else 1]:
        answers = [browser.get(path) for path in odd]
        for route in routes(world):
            answers.append(browser.client.open(route.path, method=route.method))
            answers.append(browser.client.delete(route.path))
        for answer in answers:
            where = (answer.request.method, answer.request.path, answer.status_code)
            assert answer.headers["Content-Security-Policy"] == POLICY, where
            assert answer.headers["Referrer-Policy"] == "same-origin", where
            assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert {answer.status_code for answer in answers} >= {303, 404, 405}


def test_pages_are_not_kept_and_files_are(world: World) -> None:
    assert world["manager"].get("/me").headers["Cache-Control"] == "no-store"
    text = world["manager"].get("/me").get_data(as_text=True)
    sheet = text.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = world.stranger().get(sheet)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()


def test_pages_hold_no_inline_script_or_style_and_nothing_from_elsewhere(
    world: World, engine_name: str
) -> None:
    """Inline styles and handlers are refused by the reader of each page."""
    worlds.furnish(world)
    for route in routes(world):
        if route.method != "GET":
            continue
        roles = ("captain", "clerk", "treasurer")
        for role in roles[: 3 if engine_name == "sqlite" else 1]:
            text = world[role].open(route.path).response.get_data(as_text=True)
            assert "<style" not in text, route.rule
            assert "javascript:" not in text, route.rule
            assert "http://" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")
            assert "https://" not in text, route.rule
            scripts = text.count("<script")
            has_one = route.rule == "/scan" or (route.rule.endswith("/code") and role == "captain")
            assert scripts == has_one, route.rule


@pytest.mark.parametrize(
    ("base", "name", "is_secure"),
    [
        ("http://localhost", "lovebank", False),
        ("https://lovebank.test", "__Host-lovebank", True),
    ],
)
def test_the_cookie_of_a_sign_in_stays_at_home(
    database: Database, clock: StandingClock, base: str, name: str, is_secure: bool
) -> None:
    phone = "13900000000"
    database.write(lambda s: make_community(s, phone=phone, password=PASSWORD))
    client = make_app(database, clock, base).test_client()
    browser = Browser(client)
    page = client.get("/sign-in", base_url=base)
    token = page.get_data(as_text=True).split('name="csrf" value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in",
        base_url=base,
        data={"csrf": token, "phone": phone, "password": PASSWORD},
        headers=browser.headers,
    )
    assert answer.status_code == 303
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{name}="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is is_secure


def test_a_test_database_says_so_on_every_page(database: Database, clock: StandingClock) -> None:
    marked = Browser(make_app(database, clock, is_test=True).test_client())
    plain = Browser(make_app(database, clock).test_client())
    for path in ("/", "/sign-in", "/no/such/page"):
        assert "测试" in marked.open(path).text
        assert "测试" not in plain.open(path).text


@pytest.mark.parametrize(
    ("asked", "goes"),
    [
        ("/me?x=1", "/me?x=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("me", "/"),
        (None, "/"),
    ],
)
def test_the_way_on_is_a_path_of_our_own(asked: str | None, goes: str) -> None:
    assert security.safe_path(asked) == goes
