"""A browser without a screen: it opens pages, reads their forms and sends them as they stand.

Invariant: it sends only what a page offered, hidden fields included, so that a test which passes
here is a path that a person can walk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Form:
    """One form of a page, with what stands in its fields."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    #: fields that a person may fill: name → offered values (of a select) or none
    offered: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass
class Page:
    """An answer, with its forms, links and text."""

    response: TestResponse
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    def form(self, action: str) -> Form:
        """The form with this action; an AssertionError that names those that are there."""
        found = [form for form in self.forms if (form.action, form.method) == (action, "post")]
        assert found, f"no form to {action}, only {[form.action for form in self.forms]}"
        return found[0]

    def has_form(self, action: str) -> bool:
        """Whether there is such a form."""
        return any((form.action, form.method) == (action, "post") for form in self.forms)


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.open: Form | None = None
        self.select: str | None = None
        self.option: str | None = None
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        assert "style" not in facts, f"an inline style on {tag}"
        assert not any(name.startswith("on") for name in facts), f"an inline script on {tag}"
        if tag == "a" and "href" in facts:
            self.page.links.append(facts["href"])
        if tag == "form":
            assert self.open is None, "a form in a form"
            self.open = Form(facts.get("action", ""), facts.get("method", "get"))
            self.page.forms.append(self.open)
        elif self.open is not None:
            self._field(tag, facts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "select":
            self.select = None
        if tag == "option":
            self.option = None

    def handle_data(self, data: str) -> None:
        if self.open is not None and self.select and self.option is not None:
            self.open.offered[self.select][self.option] = data.strip()
        if data.strip():
            self.words.append(data.strip())

    def _field(self, tag: str, facts: dict[str, str]) -> None:
        assert self.open is not None, "a field stands in a form"
        name = facts.get("name", "")
        if tag == "input" and name:
            kind = facts.get("type", "text")
            ticked = kind not in ("checkbox", "radio") or "checked" in facts
            self.open.offered.setdefault(name, {})
            if kind in ("checkbox", "radio"):
                self.open.offered[name][facts.get("value", "on")] = ""
            if ticked:
                self.open.fields.setdefault(name, []).append(facts.get("value", ""))
        elif tag == "button" and name:
            self.open.fields.setdefault(name, []).append(facts.get("value", ""))
        elif tag == "select":
            self.select = name
            self.open.offered[name] = {}
        elif tag == "option" and self.select:
            self.option = facts.get("value", "")
            self.open.offered[self.select][self.option] = ""
            if "selected" in facts or self.select not in self.open.fields:
                self.open.fields[self.select] = [self.option]


def read(response: TestResponse) -> Page:
    """A response as a page."""
    page = Page(response)
    reader = _Reader(page)
    reader.feed(response.get_data(as_text=True))
    page.text = " ".join(reader.words)
    return page


class Browser:
    """One person's browser, with its cookies."""

    def __init__(self, client: FlaskClient, lang: str = "zh") -> None:
        self.client = client
        self.headers = {"Accept-Language": lang, "User-Agent": "a test"}
        self.page: Page

    def open(self, path: str) -> Page:
        """Open an address, and follow where it leads."""
        response = self.client.get(path, headers=self.headers, follow_redirects=True)
        self.page = read(response)
        return self.page

    def get(self, path: str) -> TestResponse:
        """One answer, as it came."""
        return self.client.get(path, headers=self.headers)

    def send(self, action: str, /, **filled: str | list[str]) -> Page:
        """Fill a form of the page that is open and send it; follow where it leads."""
        form = self.page.form(action)
        fields = dict(form.fields)
        for name, value in filled.items():
            known = name in form.offered or name in form.fields
            assert known, f"{action} has no field {name}, only {sorted(form.offered)}"
            values = value if isinstance(value, list) else [value]
            choices = form.offered.get(name, {})
            assert not choices or set(values) <= {*choices, ""}, f"{name} does not offer {values}"
            fields[name] = values
        response = self.client.post(
            action, data=fields, headers=self.headers, follow_redirects=True
        )
        self.page = read(response)
        return self.page

    def choice(self, action: str, name: str, shown: str) -> str:
        """The value of the option that shows this."""
        offered = self.page.form(action).offered[name]
        found = [value for value, text in offered.items() if text == shown]
        assert found, f"{name} does not show {shown}, only {sorted(offered.values())}"
        return found[0]

    def sign_in(self, phone: str, password: str) -> Page:
        """Sign in through the form."""
        self.open("/sign-in")
        return self.send("/sign-in", phone=phone, password=password)


def token_of(page: Page) -> str:
    """The code under the picture."""
    parts = [
        part for part in page.text.split() if len(part) == 4 and part.isalnum() and part.isascii()
    ]
    start = next(n for n, part in enumerate(parts) if part.startswith("R"))
    return "".join(parts[start : start + 8])
