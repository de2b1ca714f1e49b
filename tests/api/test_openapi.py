"""The OpenAPI document and its page."""

import re
from pathlib import Path

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

import api.site
from api import routes, wording
from api.calls import CALLS
from kit.clock import StandingClock
from kit.db import Database
from tests.api import world as worlds
from tests.api.world import World

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def app(tmp_path: Path, clock: StandingClock) -> Flask:
    """The API over a database that no test here reads."""
    return worlds.make_app(Database(f"sqlite:///{tmp_path / 'unread.db'}"), clock)


def test_the_document_is_valid_and_holds_every_route(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    OpenAPIV31SpecValidator(document).validate()
    told = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert told == _routes(app)
    assert len(told) > 60
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["x-who"], f"{method} {path} says nobody who may do it"
            assert "4" in {status[0] for status in operation["responses"]}


def _routes(app: Flask) -> set[tuple[str, str]]:
    """What the program really serves under /api/v1, but the document itself."""
    found = set()
    for rule in app.url_map.iter_rules():
        inside = rule.rule.startswith(api.site.PREFIX) and not rule.rule.endswith("openapi.json")
        if inside:
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix(api.site.PREFIX))
            found |= {(method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def test_every_resource_of_the_folder_is_served() -> None:
    there = {path.stem for path in (ROOT / "api/resources").glob("*.py")} - {"__init__"}
    assert there == set(routes.RESOURCES)


def test_operations_have_names_of_their_own() -> None:
    routes.load()
    names = [f"{call.method} {call.name}" for call in CALLS]
    assert len(set(names)) == len(names)


def test_the_page_runs_our_own_files_alone(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/api/docs")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert not re.search(r"https?://|<script>|<style|style=", text)
    for address in re.findall(r'(?:src|href|data-document)="([^"]+)"', text):
        assert client.get(address).status_code == 200, address
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy


def test_every_code_that_the_program_raises_has_its_sentences() -> None:
    known = wording.table()["codes"]
    raised = set()
    for room in ("api", "qr", "redemption", "shifts", "people", "ledger", "audit", "kit"):
        for path in (ROOT / room).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            kinds = r"(?:Conflict|NotAllowed|NotSignedIn|DomainError|Refused)"
            raised |= set(re.findall(kinds + r'\(\s*"([a-z_]+)"', text))
            raised |= set(re.findall(r'super\(\).__init__\(\s*"([a-z_]+)"', text))
    assert len(raised) > 25
    assert raised <= set(known), f"without a sentence: {sorted(raised - set(known))}"
    for code, told in known.items():
        assert told["title"], code
        assert told["en"], code
        assert re.search(r"[\u4e00-\u9fff]", told["zh"][0]), code


def test_a_sentence_is_spoken_with_its_facts_or_without() -> None:
    assert wording.detail("insufficient_points", {"short": 3}, "en") == "3 points short for now."
    assert wording.detail("insufficient_points", {}, "zh") == "积分不够，先攒一攒。"
    assert wording.detail("never_heard_of", {}, "en") == "Never heard of"


def test_faults_are_translated_with_their_figures(world: World) -> None:
    assert wording.fault("too_small:1", "en") == "Must be at least 1."
    assert wording.fault("is longer than 500 characters", "zh") == "is longer than 500 characters"


def test_the_page_of_codes_lists_each_with_its_status() -> None:
    from api import problems
    from kit.errors import DomainError

    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    listed = {code: int(status) for status, code in re.findall(r"^\| (\d+) \| `(\w+)`", text, re.M)}
    assert set(listed) == set(wording.table()["codes"])
    for code, status in problems.BY_CODE.items():
        assert listed[code] == status, code
    assert listed["out_of_stock"] == problems.status_of(DomainError("out_of_stock")) == 409
