"""Lists by upload: looked at without a trace, brought in whole, and nothing new the second time."""

import io
from collections.abc import Sequence

import pytest

from tests.imports.writing import PEOPLE
from tests.web.browser import Browser, Page, read
from tests.web.routes import counts
from tests.web.world import World
from web import office_imports

HERE = "/office/imports"
RIGHT = [("张桂英", "13900001111", 1948, "东门网格", "", ""), ("李大海", "", 1990, "", "", "")]
WRONG = [*RIGHT, ("", "13900002222", 1950, "", "", ""), ("=2+3", "12", 1950, "", "", "")]


def _csv(rows: Sequence[Sequence[object]], heads: Sequence[str] = PEOPLE) -> bytes:
    out = io.StringIO()
    out.writelines(",".join(str(cell) for cell in row) + "\n" for row in [heads, *rows])
    return out.getvalue().encode("gb18030")


def _look(browser: Browser, kind: str, content: bytes, name: str = "名单.csv") -> Page:
    """Choose a file in the form and look at it."""
    fields = browser.open(HERE).form(f"{HERE}/look").fields
    data = {**fields, "kind": kind, "file": (io.BytesIO(content), name)}
    answer = browser.client.post(f"{HERE}/look", data=data, headers=browser.headers)
    browser.page = read(answer)
    return browser.page


def _on(browser: Browser, action: str) -> Page:
    """Go on from the page that was looked at, with the file that travels with it."""
    fields = browser.page.form(action).fields
    answer = browser.client.post(
        action, data=fields, headers=browser.headers, content_type="multipart/form-data"
    )
    browser.page = read(answer)
    return browser.page


def test_a_list_is_looked_at_then_brought_in_and_then_known(world: World) -> None:
    manager, before = world["manager"], counts(world.database)
    page = _look(manager, "people", _csv(RIGHT))
    assert "没有问题，可以导入" in page.text
    assert counts(world.database) == before
    page = _on(manager, HERE)
    assert "全部导入好了" in page.text
    assert counts(world.database)["people"] == before["people"] + 2
    page = _look(manager, "people", _csv(RIGHT))
    assert "没有新的" in page.text
    assert not page.has_form(HERE)
    assert "张桂英" in manager.open("/office/people?q=张桂英").text


def test_every_fault_is_named_and_may_be_downloaded(world: World) -> None:
    manager, before = world["manager"], counts(world.database)
    page = _look(manager, "people", _csv(WRONG))
    assert "有 3 处要改" in page.text
    assert "没有填姓名" in page.text
    assert "手机号不对：12" in page.text
    assert not page.has_form(HERE)
    table = _on(manager, f"{HERE}/faults").response.get_data(as_text=True)
    assert table.startswith("\ufeff工作表,行,问题,代号\r\n")
    assert "名单,4,没有填姓名,name_missing" in table
    assert "\n=" not in table
    assert counts(world.database) == before


def test_a_list_is_for_its_role_alone(world: World) -> None:
    for role, kind in (("manager", "balances"), ("treasurer", "people")):
        page = _look(world[role], kind, _csv(RIGHT))
        assert page.status == 422
        assert kind not in page.form(f"{HERE}/look").offered["kind"]
    rows = [(world.people["volunteer"].name, 40)]
    page = _look(world["treasurer"], "balances", _csv(rows, ("姓名", "积分")))
    assert "将新增期初余额" in page.text
    assert "等另一位司库同意" in page.text
    assert "全部导入好了" in _on(world["treasurer"], HERE).text


def test_what_is_no_list_is_refused_calmly(world: World) -> None:
    manager = world["manager"]
    for name, content, told in (
        ("名单.docx", b"x", "请用 .xlsx 或 .csv 文件"),
        ("名单.xlsx", b"PK", "不是有效的 .xlsx 文件"),
        ("名单.csv", b"", "这一项要填"),
    ):
        page = _look(manager, "people", content, name)
        assert page.status == 422
        assert told in page.text


def test_a_file_that_is_too_large_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test's own client leaves large bodies in files that nobody closes: none is sent here."""
    monkeypatch.setattr(office_imports, "FILE_MAX", 20)
    page = _look(world["manager"], "people", b"x" * 21)
    assert page.status == 422
    assert "文件太大了" in page.text
    answer = world["manager"].client.post(
        f"{HERE}/look",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(office_imports.BODY_MAX + 1)},
    )
    assert answer.status_code == 413
