"""The whole path by forms alone: from a new community to goods in a hand and clean books."""

from datetime import timedelta
from uuid import UUID

from kit.clock import StandingClock
from kit.db import Database
from tests import factories
from tests.factories import AT, PASSWORD
from tests.web.browser import Browser
from tests.web.world import make_app

PHONES = {"captain": "13900000001", "treasurer": "13900000002", "clerk": "13900000003"}
ADMIN = "13900000000"
ELDER, VOLUNTEER = "张桂英", "陈志强"


class Story:
    """Browsers of one community, walked by forms."""

    def __init__(self, database: Database, clock: StandingClock) -> None:
        self.clock = clock
        self.app = make_app(database, clock)
        database.write(
            lambda session: factories.make_community(
                session, name="幸福里", phone=ADMIN, password=PASSWORD
            )
        )
        self.admin = self.browser()
        self.admin.sign_in(ADMIN, PASSWORD)

    def browser(self) -> Browser:
        """A new browser."""
        return Browser(self.app.test_client())

    def register(self, name: str, phone: str = "", role: str = "") -> str:
        """Register somebody in the office; the path of their page."""
        self.admin.open("/office/people")
        page = self.admin.send("/office/people", name=name, phone=phone)
        assert page.status == 200
        path = page.response.request.path
        if role:
            self.admin.send(f"{path}/roles", role=[role])
        return path

    def enter(self, name: str, phone: str, role: str = "") -> Browser:
        """Register somebody who signs in with a code and sets a password."""
        path = self.register(name, phone, role)
        self.admin.open(path)
        code = self.admin.send(f"{path}/sign-in-code").text
        word = next(part for part in code.split() if len(part) == 9 and part.isalnum())
        browser = self.browser()
        page = browser.sign_in(phone, word)
        assert page.response.request.path == "/me/password"
        page = browser.send("/me/password", new=PASSWORD, again=PASSWORD)
        assert page.response.request.path == "/"
        return browser


def test_the_whole_path_by_forms(database: Database, clock: StandingClock) -> None:
    story = Story(database, clock)
    captain = story.enter("李建国", PHONES["captain"], "captain")
    treasurer = story.enter("沈芳", PHONES["treasurer"], "treasurer")
    clerk = story.enter("林静", PHONES["clerk"], "clerk")
    volunteer = story.enter(VOLUNTEER, "13900000009")
    elder = story.register(ELDER)

    shift = _plan(story)
    _stock(treasurer)
    _serve(story, captain, volunteer, elder, shift)
    _approve(story, captain, shift)

    page = volunteer.open("/me")
    assert "30" in page.text
    link = next(link for link in page.links if link.startswith("/attendances/"))
    assert "30" in volunteer.open(link).text

    _redeem(clerk, volunteer)
    _redeem_by_pin(story, clerk, elder)
    page = treasurer.open("/books/check")
    assert "没有问题" in page.text
    assert "账目是平的" in treasurer.open("/books").text


def _plan(story: Story) -> str:
    """A red post, a rule and a shift; the path of its desk."""
    admin = story.admin
    admin.open("/office/red-posts")
    admin.send("/office/red-posts", name="东门治安巡逻岗", kind="patrol", place="东门岗亭")
    admin.open("/office/rules")
    admin.send("/office/rules", name="通则", points_per_hour="10", effective_from="2026-11-01")
    admin.open("/office/shifts")
    admin.send(
        "/office/shifts",
        occasion=admin.choice("/office/shifts", "occasion", "东门治安巡逻岗"),
        title="下午巡逻",
        starts_at="2026-11-22T14:00",
        ends_at="2026-11-22T17:00",
        captain_id=admin.choice("/office/shifts", "captain_id", "李建国"),
    )
    links = admin.open("/office/shifts").links
    return next(link for link in links if link.startswith("/desk/shifts/"))


def _stock(treasurer: Browser) -> None:
    treasurer.open("/office/funds")
    treasurer.send("/office/funds", name="微公益创投", points_budget="1000", money="500.00")
    treasurer.open("/office/goods")
    treasurer.send("/office/goods", name="抽纸一提", points="20")
    treasurer.send(
        "/office/stock",
        goods_id=treasurer.choice("/office/stock", "goods_id", "抽纸一提"),
        quantity="10",
        fund_id=treasurer.choice("/office/stock", "fund_id", "微公益创投"),
        unit_cost="12.50",
    )


def _serve(story: Story, captain: Browser, volunteer: Browser, elder: str, shift: str) -> None:
    """The volunteer scans the code on the wall; the captain scans the elder's card."""
    volunteer.open("/shifts")
    shift_id = UUID(shift.rsplit("/", 1)[1])
    volunteer.send(f"/shifts/{shift_id}/sign-ups")
    card = _token(story.admin.open(f"{elder}/card").text, "C")
    for at, word in ((AT, "已签到"), (AT + timedelta(hours=3), "已签退")):
        story.clock.at = at
        token = _token(captain.open(f"{shift}/code").text, "R")
        volunteer.open("/scan")
        page = volunteer.send("/scan", code=token)
        assert word in volunteer.send(f"/s/{page.response.request.path[3:]}").text
        captain.open(shift)
        captain.send(f"{shift}/code-typed", code=card)
        assert word in captain.send(f"/s/{card}").text


def _approve(story: Story, captain: Browser, shift: str) -> None:
    """The captain approves the volunteer, the manager the elder, whose card the captain scanned."""
    story.clock.at = AT + timedelta(hours=4)
    captain.open(shift)
    assert "已通过" in captain.send(f"{shift}/approve").text
    story.admin.open("/desk/approvals")
    assert "都审核完了" in story.admin.send("/desk/approvals").text


def _redeem(clerk: Browser, volunteer: Browser) -> None:
    """An order with a voucher, read out at the counter."""
    volunteer.open("/shop")
    volunteer.open(next(link for link in volunteer.page.links if "goods=" in link))
    page = volunteer.send("/shop/order")
    code = next(part for part in _codes(page.text) if len(part) == 9)
    clerk.open("/counter")
    page = clerk.send("/counter/find", code=code)
    order = next(form.action for form in page.forms if form.action.endswith("/collect"))
    assert "已交付" in clerk.send(order).text


def _redeem_by_pin(story: Story, clerk: Browser, elder: str) -> None:
    """The elder's card, PIN and goods."""
    story.admin.open(elder)
    story.admin.send(f"{elder}/pin", pin="135790")
    card = _token(story.admin.open(f"{elder}/card").text, "C")
    clerk.open("/counter")
    page = clerk.send("/counter/find", code=card)
    form = next(form for form in page.forms if form.action.endswith("/orders"))
    quantity = next(name for name in form.offered if name.startswith("q-"))
    page = clerk.send(form.action, pin="135790", **{quantity: "1"})
    collect = next(form.action for form in page.forms if form.action.endswith("/collect"))
    assert "已交付" in clerk.send(collect).text


def _token(text: str, letter: str) -> str:
    """A long code that is printed in groups of four."""
    parts = text.split()
    for start, part in enumerate(parts):
        if len(part) == 4 and part[0] == letter and part.isalnum() and part.isascii():
            end = start
            while end < len(parts) and parts[end].isascii() and parts[end].isalnum():
                end += 1
            return "".join(parts[start:end])
    raise AssertionError(f"no code {letter} in {text}")


def _codes(text: str) -> list[str]:
    """Codes that are printed in groups of three."""
    parts = text.split()
    groups = [parts[n : n + 3] for n in range(len(parts) - 2)]
    return ["".join(group) for group in groups if all(len(part) == 3 for part in group)]
