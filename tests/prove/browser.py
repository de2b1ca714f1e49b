"""The story by hand: page by page in a headless browser, against the real server.

Invariant: nothing is done but what a person can do: read the screen, fill in fields, press buttons,
follow links; each QR code is read back from its picture by an independent decoder.
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from tests.prove.screen import Person, Screen, screen
from tests.prove.stage import ADMIN, PASSWORD, stage
from tests.prove.table import REGISTER, Figure, Run, at_least, carry_out, exactly, proof, say

STARTS = datetime.fromisoformat("2026-11-22T14:00:00+08:00")
ELDER, VOLUNTEER = "张桂英", "陈志强"
STAFF = {
    "李建国": ("13900000001", "岗长"),
    "沈芳": ("13900000002", "司库"),
    "林静": ("13900000003", "兑换员"),
}
PAGES_MIN = 28
CODES_MIN = 5


class Clock:
    """The test clock: the story's time stands where it is put."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.put(STARTS)

    def put(self, at: datetime) -> None:
        """Let it be this time."""
        self.path.write_text(at.isoformat())


@proof("browser", "the story by hand in a headless browser, page by page, each code read back")
def browser(_run: Run) -> list[Figure]:
    with stage("sqlite", initialised=False, serving=False) as place:
        clock = Clock(place.folder / "clock")
        place.more["LOVEBANK_TEST_CLOCK"] = str(clock.path)
        words = ("--community", "桂花苑社区", "--admin-name", "王秀兰", "--admin-phone", ADMIN)
        place.must("init", *words)
        place.start()
        try:
            with screen(f"http://127.0.0.1:{place.port}") as seen:
                awake = seen.is_awake()
                told = tell(seen, clock)
            clean = place.run("check").returncode
        finally:
            place.stop()
    return [
        at_least("pages looked at, on a phone and on a desk", len(seen.pages), PAGES_MIN),
        at_least("codes read from the screen by zxing", seen.codes, CODES_MIN),
        exactly("chapters told", told, 8),
        exactly("planted faults seen", awake, True),
        exactly("faults seen", seen.faults, []),
        exactly("lovebank check", clean, 0),
    ]


def tell(seen: Screen, clock: Clock) -> int:
    """The whole story; how many chapters were told."""
    admin = seen.person("王秀兰")
    _sign_in(admin, ADMIN)
    staff = {name: _staff(seen, admin, name, *facts) for name, facts in STAFF.items()}
    captain, treasurer, clerk = staff.values()
    volunteer = _staff(seen, admin, VOLUNTEER, "13900000009", "")
    card = _elder(admin)
    chapters: list[Callable[[], None]] = [
        lambda: _office(admin),
        lambda: _shelf(treasurer),
        lambda: _shift(seen, clock, captain, volunteer, card),
        lambda: _approvals(clock, captain, admin),
        lambda: _passbook(volunteer),
        lambda: _counter(volunteer, clerk, card),
        lambda: _books(treasurer),
        lambda: _leave(volunteer),
    ]
    told = 0
    for chapter in chapters:
        chapter()
        told += 1
    return told


def _sign_in(person: Person, phone: str, password: str = PASSWORD) -> None:
    person.open("/", f"welcome-{phone[-1]}")
    person.follow("登录", "sign-in" if phone == ADMIN else "")
    person.fill(phone=phone, password=password)
    person.press("登录")


def _staff(seen: Screen, admin: Person, name: str, phone: str, role: str) -> Person:
    """Registered by the admin, signed in with a code, with a password of their own."""
    admin.open("/office/people", "people")
    admin.fill(name=name, phone=phone)
    admin.press("登记一位", "person" if role == "岗长" else "")
    if role:
        admin.page.get_by_label(role, exact=True).check()
        admin.page.locator("form[action$='/roles'] button").click()
        admin.page.wait_for_load_state("load")
    admin.press("给一个登录码", "sign-in-code" if role == "岗长" else "")
    code = admin.page.locator(".typed").first.inner_text()
    person = seen.person(name)
    _sign_in(person, phone, code)
    person.sees("您用登录码进来的")
    person.fill(new=PASSWORD, again=PASSWORD)
    person.press("存好", "home-new")
    person.sees(name)
    return person


def _elder(admin: Person) -> str:
    """An elder with a card and a PIN, and no phone; the address on her card."""
    admin.open("/office/people")
    admin.fill(name=ELDER)
    admin.press("登记一位")
    admin.unfold("设六位密码")
    admin.fill(pin="135790")
    admin.page.locator("form[action$='/pin'] button").click()
    admin.page.wait_for_load_state("load")
    admin.sees("六位密码设好了")
    admin.follow("打印居民卡", "card")
    card = admin.code()
    assert "/S/C" in card
    assert admin.sheets() == 1, "a card is printed on one sheet"
    return card


def _office(admin: Person) -> None:
    """A unit, a red post with its poster, a rule, a shift."""
    admin.open("/office", "office")
    admin.open("/office/units")
    admin.fill(name="第一网格", kind="网格")
    admin.press("加一个单元", "units")
    admin.open("/office/red-posts", "red-posts")
    admin.fill(name="东门治安巡逻岗", kind="治安巡逻", place="东门岗亭")
    admin.press("设一个红色岗位")
    admin.follow("打印海报", "poster")
    assert "/S/E" in admin.code()
    assert admin.sheets() == 1, "a poster is printed on one sheet"
    admin.open("/office/rules")
    admin.fill(name="通则", points_per_hour="四十", effective_from="2026-11-01")
    admin.press("加一条规则", "rules-refused")
    admin.sees("请写数字")
    admin.fill(points_per_hour="10", daily_cap_points="40")
    admin.press("加一条规则", "rules")
    admin.open("/office/shifts")
    admin.fill(occasion="东门治安巡逻岗", title="下午巡逻", captain_id="李建国")
    admin.fill(starts_at="2026-11-22T14:00", ends_at="2026-11-22T17:00", seats="10")
    admin.press("排一个班", "office-shifts")
    admin.open("/office/community", "community")


def _shelf(treasurer: Person) -> None:
    """A fund, goods and a delivery."""
    treasurer.open("/office/funds")
    treasurer.fill(name="微公益创投", points_budget="1000", money="500.00")
    treasurer.press("开一笔资金", "funds")
    treasurer.open("/office/goods")
    treasurer.fill(name="抽纸一提", points="20")
    treasurer.press("加一样东西")
    treasurer.fill(goods_id="抽纸一提", quantity="10", fund_id="微公益创投", unit_cost="12.50")
    treasurer.press("进货", "goods")
    treasurer.sees("架上 10")


def _shift(seen: Screen, clock: Clock, captain: Person, volunteer: Person, card: str) -> None:
    """A stranger is led to sign in; the volunteer scans the wall, the captain scans a card."""
    volunteer.open("/shifts")
    volunteer.press("我来", "shifts")
    captain.open("/desk", "desk")
    captain.follow("下午巡逻", "desk-shift")
    desk = captain.page.url
    stranger = seen.person("路人")
    stranger.open(card, "stranger")
    stranger.sees("请先登录")
    stranger.sees_not(ELDER, "张〇英")
    for at, word in ((STARTS, "已签到"), (STARTS + timedelta(hours=3), "已签退")):
        clock.put(at)
        captain.open(desk)
        captain.follow("亮出签到码", "code")
        volunteer.open(captain.code(), "confirm")
        volunteer.press("签到或签退", f"result-{word}")
        volunteer.sees(word)
        captain.open(desk)
        captain.fill(code=card)
        captain.press("下一步", "confirm-card")
        captain.sees("张〇英")
        captain.press("签到或签退")
        captain.sees(word)
    captain.open(desk, "desk-after")
    clock.put(STARTS + timedelta(hours=3, seconds=28))
    captain.follow("亮出签到码")
    before = captain.code()
    clock.put(STARTS + timedelta(hours=3, seconds=31))
    captain.waits_for_another_picture()
    assert captain.code() != before, "the code on the wall renews itself"
    captain.open(desk)


def _approvals(clock: Clock, captain: Person, admin: Person) -> None:
    """The captain approves the volunteer; the elder, whose card she scanned, is for the manager."""
    clock.put(STARTS + timedelta(hours=4))
    captain.press("通过这 1 位", "desk-approved")
    captain.sees("已通过")
    captain.open("/desk/approvals", "approvals-captain")
    captain.sees("是您经手记的")
    admin.open("/desk/approvals", "approvals")
    admin.press("通过打勾的")
    admin.sees("都审核完了")


def _passbook(volunteer: Person) -> None:
    """Thirty points, and why; the same in English and in large print."""
    volunteer.open("/", "home")
    volunteer.open("/me", "me")
    volunteer.sees("30")
    assert "/S/C" in volunteer.code()
    volunteer.follow("服务积分", "explain")
    volunteer.sees("30 分", "3.0 小时")
    volunteer.open("/me?lang=en", "me-en")
    volunteer.sees("Points you can use")
    volunteer.press("Large print", "me-large")
    volunteer.press("Large print")
    volunteer.open("/?lang=zh")


def _counter(volunteer: Person, clerk: Person, card: str) -> None:
    """One order by voucher, one by card and PIN, one that is given up."""
    volunteer.open("/shop", "shop")
    volunteer.follow("换这个", "order-form")
    volunteer.press("请替我留好", "order")
    voucher = volunteer.code()
    clerk.open("/counter", "counter")
    clerk.open(voucher, "confirm-voucher")
    clerk.sees("交给陈〇强")
    clerk.press("已交到手上", "handed-over")
    clerk.open("/counter")
    clerk.fill(code=card)
    clerk.press("找一找", "counter-person")
    clerk.sees("张〇英")
    clerk.page.locator("input[name^='q-']").first.fill("1")
    clerk.fill(pin="000000")
    clerk.press("密码对了", "counter-wrong-pin")
    clerk.sees("还可以试")
    clerk.page.locator("input[name^='q-']").first.fill("1")
    clerk.fill(pin="135790")
    clerk.press("密码对了", "counter-order")
    clerk.press("已交到手上", "counter-done")
    clerk.sees("已交付")


def _books(treasurer: Person) -> None:
    """The books balance; an award is reversed, and they balance still."""
    treasurer.open("/books", "books")
    treasurer.sees("账目是平的")
    treasurer.follow("记账凭证", "journal")
    treasurer.follow("积分核定", "transfer")
    treasurer.unfold("冲正这一笔")
    treasurer.fill(reason="试一试冲正")
    treasurer.press("冲正这一笔", "reversed")
    treasurer.sees("冲正好了")
    treasurer.open(f"/books/adjustments?q={VOLUNTEER}", "adjustments")
    treasurer.page.locator("a[href*='/adjustments/people/']").first.click()
    treasurer.page.get_by_label("怎么调").select_option("paper")
    treasurer.fill(points="12", reason="旧存折第三页")
    treasurer.press("提出来", "adjustment")
    treasurer.sees("等另一位司库同意")
    treasurer.open("/books/periods", "periods")
    treasurer.sees("按月结账")
    treasurer.open("/books/check", "check")
    treasurer.sees("没有问题")


def _leave(volunteer: Person) -> None:
    """Signed out, the browser knows nothing any more."""
    volunteer.open("/")
    volunteer.press("退出")
    volunteer.open("/me")
    volunteer.sees("请先登录")


if __name__ == "__main__":
    outcome = carry_out(REGISTER["browser"], Run(quick=True, seed=0))
    say(outcome)
    sys.exit(0 if outcome.held else 1)
