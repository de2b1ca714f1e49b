"""The house rules hold in every file, and each rule sees the fault that is planted for it."""

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import rules, source
from tests.architecture.source import Source, planted

Rule = Callable[[Source], Iterator[str]]

EVERYWHERE: list[Rule] = [
    rules.docstring,
    rules.sizes,
    rules.file_name,
    rules.foreign_postings,
    rules.unreasoned_ignores,
    rules.unfinished,
    rules.banned_words,
    rules.fractions,
    rules.stray_test_functions,
    rules.silenced_tests,
    rules.session_first,
]

#: tests and measurements may commit by hand and look at the clock on the wall
IN_THE_PROGRAM: list[Rule] = [rules.commits, rules.wall_clock]

RATCHET = Path(__file__).with_name("ratchet.json")


@pytest.mark.parametrize("rule", EVERYWHERE, ids=lambda rule: rule.__name__)
def test_every_file_keeps(rule: Rule) -> None:
    _assert_none(rule, source.everything())


@pytest.mark.parametrize("rule", IN_THE_PROGRAM, ids=lambda rule: rule.__name__)
def test_the_program_keeps(rule: Rule) -> None:
    _assert_none(rule, tuple(source.program()))


LONG_FUNCTION = '"""."""\ndef f():\n' + "    a = 1\n" * 51


@pytest.mark.parametrize(
    ("rule", "text", "name"),
    [
        (rules.docstring, "a = 1", "kit/planted.py"),
        (rules.docstring, "", "kit/__init__.py"),
        (rules.sizes, "a = 1\n" * 301, "kit/planted.py"),
        (rules.sizes, "a = 1\n" * 401, "tests/planted.py"),
        (rules.sizes, LONG_FUNCTION, "kit/planted.py"),
        (rules.file_name, "", "people/utils.py"),
        (rules.commits, "session.commit()", "shifts/planted.py"),
        (rules.commits, "connection.rollback()", "api/planted.py"),
        (rules.wall_clock, "at = datetime.now(UTC)", "shifts/planted.py"),
        (rules.wall_clock, "at = datetime.date.today()", "web/planted.py"),
        (rules.wall_clock, "at = time.time()", "lovebank/planted.py"),
        (rules.fractions, "rate = 0.5", "shifts/planted.py"),
        (rules.fractions, "rate = float(text)", "redemption/planted.py"),
        (rules.fractions, "hours = minutes / 60", "ledger/planted.py"),
        (rules.foreign_postings, "models.Posting(amount=1)", "redemption/planted.py"),
        (rules.foreign_postings, "insert(models.Posting)", "api/planted.py"),
        (rules.unreasoned_ignores, "a = b  # type: ignore", "kit/planted.py"),
        (rules.unreasoned_ignores, "a = b  # type: ignore[arg-type]", "kit/planted.py"),
        (rules.unreasoned_ignores, "a = b  # noqa", "tests/planted.py"),
        (rules.unreasoned_ignores, "a = b  # noqa: S608", "tests/planted.py"),
        (rules.unfinished, "# TODO: later", "qr/planted.py"),
        (rules.banned_words, "class UserRow: pass", "people/planted.py"),
        (rules.banned_words, "def make_event(): pass", "shifts/planted.py"),
        (rules.banned_words, "def find(post_id): pass", "shifts/planted.py"),
        (rules.stray_test_functions, "def tset_it(): pass", "tests/test_planted.py"),
        (rules.silenced_tests, "@pytest.mark.skip\ndef test_it(): pass", "tests/test_planted.py"),
        (rules.session_first, "def give(a, *, session): pass", "shifts/planted.py"),
    ],
)
def test_a_planted_fault_is_seen(rule: Rule, text: str, name: str) -> None:
    assert list(rule(planted(text, name)))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (rules.banned_words, "def find(red_post_id): pass"),
        (rules.unreasoned_ignores, "a = b  # noqa: S608 # the name is ours"),
        (rules.unreasoned_ignores, "a = '# noqa'"),
        (rules.fractions, "hours = minutes // 60"),
        (rules.commits, "session.flush()"),
    ],
)
def test_what_is_right_passes(rule: Rule, text: str) -> None:
    assert not list(rule(planted(text)))


def test_every_test_folder_is_a_package() -> None:
    """Without it two test files of one name collide, and tests/api would hide api."""
    folders = {path.parent for path in (source.ROOT / "tests").rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]


def test_every_exception_is_still_needed() -> None:
    names = {file.name for file in source.everything()}
    assert set(rules.CLOCK_EXCEPTIONS) <= names


def test_every_action_is_used() -> None:
    """A kind of deed that nothing records is a promise that nobody keeps."""
    unused = _actions() - {
        node.attr
        for file in source.program()
        if file.name != "audit/actions.py"
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Attribute)
    }
    assert not unused, f"no room records {sorted(unused)}"


def test_the_house_only_gets_tidier() -> None:
    """The checked-in maxima may only fall: lower one when you can, never raise one."""
    allowed = json.loads(RATCHET.read_text(encoding="utf-8"))
    found = _measured()
    assert allowed.keys() == found.keys()
    worse = {name: (allowed[name], found[name]) for name in found if found[name] > allowed[name]}
    assert not worse, f"(allowed, found): {worse}"
    for name in sorted(name for name in found if found[name] < allowed[name]):
        # Shown with -rP; tightening is a commit of its own.
        print(f"{RATCHET.name}: {name} may fall from {allowed[name]} to {found[name]}")  # noqa: T201 # told to whoever tidies


def _measured() -> dict[str, int]:
    files = [file for file in source.everything() if "baseline" not in file.path.parts]
    comments = [comment for file in files for _, comment in file.comments()]
    return {
        "file_lines_max": max(file.lines for file in files if file.room != "tests"),
        "test_file_lines_max": max(file.lines for file in files if file.room == "tests"),
        "function_lines_max": max(rules.length(f) for file in files for f in file.functions()),
        "type_ignores": sum("type: ignore" in comment for comment in comments),
        "noqas": sum("noqa" in comment for comment in comments),
    }


def _actions() -> set[str]:
    path = source.ROOT / "audit" / "actions.py"
    classes = [node for node in source.parse(path).tree.body if isinstance(node, ast.ClassDef)]
    enum = next(node for node in classes if node.name == "Action")
    return {
        target.id
        for node in enum.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _assert_none(rule: Rule, files: tuple[Source, ...]) -> None:
    found = [finding for file in files for finding in rule(file)]
    assert not found, "\n" + "\n".join(found)
