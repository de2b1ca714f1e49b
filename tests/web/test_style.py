"""How pages look: every part on one page while building, and a theme that is remembered."""

from kit.clock import StandingClock
from kit.db import Database
from tests.web.browser import Browser
from tests.web.world import World, make_app


def test_the_parts_are_shown_where_the_clock_is_a_tests(
    database: Database, clock: StandingClock, world: World
) -> None:
    browser = Browser(make_app(database, clock, is_test=True).test_client())
    for lang in ("zh", "en"):
        page = browser.open(f"/style?lang={lang}")
        assert page.status == 200
        assert page.response.get_data(as_text=True).count('class="chip') > 12
    assert world["admin"].get("/style").status_code == 404


def test_a_theme_is_remembered_and_goes_round(world: World) -> None:
    browser = world["volunteer"]
    for wanted in ('data-theme="dark"', 'data-theme="light"', 'lang="zh-CN">'):
        browser.open("/")
        form = next(form for form in browser.page.forms if "theme" in form.fields)
        answer = browser.client.post("/view", data=form.fields, headers=browser.headers)
        assert answer.headers["Location"] == "/"
        assert wanted in browser.open("/me").response.get_data(as_text=True)
