"""The house rules as small functions: each reads one file and yields what breaks it, and where.

Invariant: each rule has its planted fault in test_tidy.py, so that none is asleep.
"""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import DOMAIN, Function, Source, called, calls

FILE_MAX, TEST_FILE_MAX, FUNCTION_MAX = 300, 400, 50

FORBIDDEN_NAMES = {"utils", "helpers", "common", "service", "services", "manager"}

WALL_CLOCK = re.compile(
    r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))$"
)

CLOCK_EXCEPTIONS = {
    "kit/clock.py": "the one source of business time",
    "kit/ids.py": "orders ids and is never read as a business time",
}

BANNED_WORDS = {"transaction", "transactions", "user", "users", "event", "events"} | {
    "service",
    "services",
    "post",
    "posts",
}

WORD_EXCEPTIONS = {
    "user_agent": "the browser's own name for itself, in scan traces",
    "service_on": "the service date, a word of the contract",
    "__post_init__": "the dataclass's own hook",
}

IGNORE = re.compile(r"#\s*(type:\s*ignore|noqa|pragma:\s*no cover)")
REASONED = re.compile(
    r"#\s*(type:\s*ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|pragma:\s*no cover)"
    r"\s+#\s*\w.{4,}"
)


def docstring(source: Source) -> Iterator[str]:
    """A module says what it is for; only an empty __init__.py of the tests says nothing."""
    empty_marker = source.room == "tests" and not source.text.strip()
    if not empty_marker and not ast.get_docstring(source.tree):
        yield f"{source.name}: no module docstring"


def sizes(source: Source) -> Iterator[str]:
    """Short files and short functions; the generated first schema is read from top to bottom."""
    limit = TEST_FILE_MAX if source.room == "tests" else FILE_MAX
    if source.lines > limit:
        yield f"{source.name}: {source.lines} lines, the limit is {limit}"
    if "baseline" in source.path.parts:
        return
    for function in source.functions():
        if length(function) > FUNCTION_MAX:
            yield f"{source.at(function)}: {function.name} has {length(function)} lines"


def length(function: Function) -> int:
    """A function's lines, from its def to its end."""
    assert function.end_lineno is not None
    return function.end_lineno - function.lineno + 1


def file_name(source: Source) -> Iterator[str]:
    """A file is named after what it changes, not after what kind of drawer it is."""
    if source.path.stem in FORBIDDEN_NAMES:
        yield f"{source.name}: {source.path.stem} says nothing"


def commits(source: Source) -> Iterator[str]:
    """Nobody below the edge commits: kit/ opens and closes each unit."""
    if source.room == "kit":
        return
    for call in calls(source):
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"commit", "rollback"}:
            yield f"{source.at(call)}: {called(call)}()"


def wall_clock(source: Source) -> Iterator[str]:
    """Business time comes from kit.clock and is passed in as `at`."""
    if source.name in CLOCK_EXCEPTIONS:
        return
    for call in calls(source):
        if WALL_CLOCK.search(called(call)):
            yield f"{source.at(call)}: {called(call)}()"


def fractions(source: Source) -> Iterator[str]:
    """Amounts are whole numbers: no float, and no division that makes one."""
    if source.room not in DOMAIN:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield f"{source.at(node)}: {node.value}"
        elif isinstance(node, ast.Name) and node.id == "float":
            yield f"{source.at(node)}: float"
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            yield f"{source.at(node)}: / makes a fraction; // or divmod"


def foreign_postings(source: Source) -> Iterator[str]:
    """Only the ledger writes postings."""
    if source.room in {"ledger", "tests"}:
        return
    for call in calls(source):
        name = called(call).split(".")[-1]
        first = ast.unparse(call.args[0]).split(".")[-1] if call.args else ""
        if name == "Posting" or (name in {"insert", "update", "delete"} and first == "Posting"):
            yield f"{source.at(call)}: {ast.unparse(call)[:60]}"


def unreasoned_ignores(source: Source) -> Iterator[str]:
    """What silences a tool says which rule it silences, and why."""
    for line, comment in source.comments():
        if IGNORE.search(comment) and not REASONED.search(comment):
            yield f"{source.at(line)}: {comment}"


def unfinished(source: Source) -> Iterator[str]:
    """What is to be done stands in an issue, not in a comment."""
    for line, comment in source.comments():
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", comment):
            yield f"{source.at(line)}: {comment}"


def banned_words(source: Source) -> Iterator[str]:
    """Business things have their own names (design, words)."""
    if source.room not in DOMAIN:
        return
    for node, name in _defined(source.tree):
        words = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().strip("_").split("_")
        for number, word in enumerate(words):
            red = number > 0 and words[number - 1] == "red"
            if word in BANNED_WORDS and not red and name not in WORD_EXCEPTIONS:
                yield f"{source.at(node)}: {name} uses the word {word}"


def _defined(tree: ast.Module) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node, node.name
            arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            for argument in arguments:
                yield node, argument.arg
        elif isinstance(node, ast.ClassDef):
            yield node, node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id


def stray_test_functions(source: Source) -> Iterator[str]:
    """A test that is misnamed never runs: in test files all else is a fixture or _private."""
    if source.room != "tests" or not source.path.name.startswith("test_"):
        return
    for node in source.tree.body:
        if not isinstance(node, Function) or node.name.startswith(("test_", "_")):
            continue
        marks = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
        if "fixture" not in marks:
            yield f"{source.at(node)}: {node.name} is neither a test nor a fixture"


def silenced_tests(source: Source) -> Iterator[str]:
    """A test that is skipped shows nothing; what cannot run here belongs to the proofs."""
    if source.room != "tests":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = ast.unparse(node)
            if re.fullmatch(r"(pytest\.)?(mark\.)?(skip|skipif|xfail|importorskip)", name):
                yield f"{source.at(node)}: {name}"


def session_first(source: Source) -> Iterator[str]:
    """A domain function that needs the database's session takes it first."""
    if source.room not in DOMAIN:
        return
    for function in source.functions():
        names = [argument.arg for argument in function.args.args if argument.arg != "self"]
        everywhere = [*names, *(argument.arg for argument in function.args.kwonlyargs)]
        if "session" in everywhere and names[:1] != ["session"]:
            yield f"{source.at(function)}: {function.name}({', '.join(everywhere)})"
