"""The places that bugs are planted in are there: a change that moves one says so at once."""

from __future__ import annotations

import pytest

from tests.prove.bugs import Bug
from tests.prove.planted import BUGS
from tests.prove.table import ROOT


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_place_of_a_planted_bug_is_there(bug: Bug) -> None:
    for edit in bug.edits:
        text = (ROOT / edit.file).read_text(encoding="utf-8")
        assert edit.old in text, f"tests/prove plants a bug in {edit.file}, which no longer says it"
        assert edit.new != edit.old


def test_the_tests_that_are_asked_are_there() -> None:
    asked = {path for bug in BUGS for path in (*bug.tests, *bug.first) if path != "the machine"}
    assert [path for path in sorted(asked) if not (ROOT / path).exists()] == []
