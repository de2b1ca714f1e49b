"""No lock, setting or workflow names where packages come from: that is each machine's own."""

import re
import tomllib

import pytest

from tests.architecture.source import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
PEERS = ("bench/peers/requirements.lock", "bench/peers/requirements-alone.lock")
FILES = [*LOCKS, *PEERS, "pyproject.toml", "Makefile", ".ci/run", ".gitignore"]

FOREIGN = re.compile(
    r"\w+://|\bfile:|--(?:extra-)?index-url|--find-links|--trusted-host|\b(?:registry|proxy)\s*=(?!=)",
    re.IGNORECASE,
)
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(\[[\w,-]+\])?==(\S+)")


@pytest.mark.parametrize("name", FILES)
def test_no_address_is_named(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if FOREIGN.search(line)]


def test_a_planted_address_is_seen() -> None:
    option = "index-url"
    for text in (f"--{option} https://example.org", "a @ file:///tmp/a.whl", "--find-links=/x"):
        assert FOREIGN.search(text)


@pytest.mark.parametrize("name", [*LOCKS, *PEERS])
def test_every_pin_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert entries
    assert not [e for e in entries if not PIN.match(e) or "--hash=sha256:" not in e]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {_name(line) for line in project["project"]["dependencies"]}
    assert wanted <= _locked("requirements.lock")
    developers = {_name(line) for line in project["dependency-groups"]["dev"]}
    assert wanted | developers <= _locked("requirements-dev.lock")


def test_both_locks_agree() -> None:
    """What runs is what was tested."""
    runtime, developers = (_pins(name) for name in LOCKS)
    assert runtime.items() <= developers.items()


def _pins(name: str) -> dict[str, str]:
    matches = (PIN.match(line) for line in (ROOT / name).read_text("utf-8").splitlines())
    return {match[1]: match[3] for match in matches if match}


def _locked(name: str) -> set[str]:
    return set(_pins(name))


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=;\s]", requirement, maxsplit=1)[0].lower()
