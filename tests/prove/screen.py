"""A headless Chromium and what is looked at on each page: size, touch, errors, the codes on it.

Invariant: only loopback is reached; a page that scrolls sideways, offers a target under 48 px,
breaks its Content-Security-Policy or raises in a script is a fault that the proof names.
"""

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1280, "height": 900}
TOUCH_MIN = 48
#: every visible thing that one taps; a link within a sentence is none
TARGETS = "button, .btn, .tool, .tabs a, .rows a.line, summary, input:not([type=hidden]), select"
SMALL = """(selector) => [...document.querySelectorAll(selector)]
  .filter((one) => one.checkVisibility() && !one.classList.contains('skip'))
  .map((one) => [one, (one.closest('label.tick, .tick') ?? one).getBoundingClientRect()])
  .filter(([one, box]) => box.height > 0 && (box.height < 47.5 || box.width < 47.5))
  .map(([one, box]) => `${one.tagName} ${one.name || one.textContent.trim().slice(0, 20)} `
    + `${Math.round(box.width)}×${Math.round(box.height)}`)"""


@dataclass
class Screen:
    """The browser, and what was seen so far."""

    browser: Browser
    base: str
    shots: Path | None
    faults: list[str] = field(default_factory=list)
    pages: set[str] = field(default_factory=set)
    codes: int = 0

    def person(self, name: str, lang: str = "zh-CN") -> "Person":
        """Somebody with a browser of their own, held like a phone."""
        context = self.browser.new_context(viewport=PHONE, locale=lang)  # type: ignore[arg-type] # a plain dict is what its own documentation passes
        page = context.new_page()
        page.on("pageerror", lambda problem: self.faults.append(f"{name}: script: {problem}"))
        page.on("console", lambda said: self._said(name, said.type, said.text))
        return Person(self, name, page)

    def is_awake(self) -> bool:
        """Whether the faults that are looked for would be seen: three are planted here."""
        somebody = self.person("nobody")
        somebody.open("/")
        somebody.page.evaluate(
            """document.body.insertAdjacentHTML("beforeend", "<button>x</button>"
              + "<p style='width: 1px'></p><pre>" + "wide ".repeat(500) + "</pre>")"""
        )
        somebody.look()
        seen, self.faults[:] = " ".join(self.faults), []
        self.pages.clear()
        return all(word in seen for word in ("sideways", "small target", "Content Security Policy"))

    def _said(self, name: str, kind: str, text: str) -> None:
        # A refusal's own status is logged by the browser; it is the page's business.
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"{name}: console: {text}")


@dataclass
class Person:
    """One person at their browser."""

    screen: Screen
    name: str
    page: Page

    def open(self, path: str, shot: str = "") -> None:
        """Open an address of ours and look at it."""
        self.page.goto(path if path.upper().startswith("HTTP") else self.screen.base + path)
        self.look(shot)

    def fill(self, **fields: str) -> None:
        """Fill fields of the page by name."""
        for name, value in fields.items():
            control = self.page.locator(f"[name='{name}']:visible").first
            if control.evaluate("one => one.tagName") == "SELECT":
                control.select_option(label=value)
            else:
                control.fill(value)

    def press(self, words: str, shot: str = "") -> None:
        """Press the button that says this, and look at where it leads."""
        self.page.get_by_role("button", name=words, exact=False).first.click()
        self.page.wait_for_load_state("load")
        self.look(shot)

    def unfold(self, words: str) -> None:
        """Open a part of the page that is folded."""
        self.page.locator("details:not([open]) > summary", has_text=words).first.click()

    def follow(self, words: str, shot: str = "") -> None:
        """Follow the link that says this."""
        self.page.get_by_role("link", name=words, exact=False).first.click()
        self.page.wait_for_load_state("load")
        self.look(shot)

    def sees(self, *words: str) -> None:
        """Whether the page says these words."""
        text = self.page.locator("body").inner_text()
        for word in words:
            assert word in text, f"{self.name} at {self.page.url} does not see {word}: {text[:600]}"

    def sees_not(self, *words: str) -> None:
        """Whether the page keeps these words to itself."""
        text = self.page.content()
        for word in words:
            assert word not in text, f"{self.name} at {self.page.url} sees {word}"

    def code(self) -> str:
        """The address in the QR code on the screen, read from its picture."""
        seen = Image.open(io.BytesIO(self.page.locator(".qr").first.screenshot()))
        found = zxingcpp.read_barcodes(seen)
        assert found, f"no decoder reads the code at {self.page.url}"
        self.screen.codes += 1
        return found[0].text

    def sheets(self) -> int:
        """On how many sheets of A4 the page is printed."""
        printed = self.page.pdf(format="A4", prefer_css_page_size=True)
        return len(re.findall(rb"/Type\s*/Page[^s]", printed))

    def waits_for_another_picture(self) -> None:
        """Wait until the page has renewed its code by itself."""
        now = self.page.locator(".qr img").first.get_attribute("src")
        self.page.wait_for_function(
            "(now) => document.querySelector('.qr img')?.src?.startsWith('data:')"
            " && document.querySelector('.qr img').src !== now",
            arg=now,
            timeout=60_000,
        )

    def look(self, shot: str = "") -> None:
        """Look at the page on a phone and on a desk."""
        where = re.sub(r"[0-9a-f-]{36}|[CEVR][0-9A-Z]{15,}", "…", self.page.url)
        where = where.removeprefix(self.screen.base).split("?")[0]
        self.screen.pages.add(where)
        for size, kind in ((WIDE, "wide"), (PHONE, "phone")):
            self.page.set_viewport_size(size)  # type: ignore[arg-type] # as above
            self._measure(where, kind)
            if shot and self.screen.shots is not None:
                path = self.screen.shots / f"{shot}-{kind}.png"
                self.page.screenshot(path=path, full_page=True)

    def _measure(self, where: str, kind: str) -> None:
        width = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if width > 0:
            self.screen.faults.append(f"{where} ({kind}) scrolls sideways by {width}")
        for small in self.page.evaluate(SMALL, TARGETS):
            self.screen.faults.append(f"{where} ({kind}) has a small target: {small}")


@contextmanager
def screen(base: str) -> Iterator[Screen]:
    """A headless Chromium; an AssertionError where there is none. ``SHOTS=DIR`` keeps pictures."""
    assert Path(CHROMIUM).exists(), f"no browser at {CHROMIUM}: install chromium"
    folder = os.environ.get("SHOTS")
    shots = Path(folder) if folder else None
    if shots is not None:
        shots.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield Screen(browser, base, shots)
        finally:
            browser.close()
