"""The project's own source, read and parsed once for the house rules.

Invariant: every Python file of the project is here, tracked or not yet; a room added later is found
by itself.
"""

import ast
import functools
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

DOMAIN = (
    *("audit", "ledger", "people", "messages", "shifts", "redemption", "treasury", "qr"),
    *("imports", "reports"),
)
"""The rooms that hold the business."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path from the root, as a reader writes it."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self) -> str:
        """The top-level folder that it stands in."""
        return self.path.relative_to(ROOT).parts[0]

    @property
    def lines(self) -> int:
        """How long it is."""
        return len(self.text.splitlines())

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def comments(self) -> Iterator[tuple[int, str]]:
        """Every comment with its line; text in strings is none."""
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def at(self, line: int | ast.expr | ast.stmt) -> str:
        """A place that an editor opens."""
        return f"{self.name}:{line if isinstance(line, int) else line.lineno}"


@functools.cache
def everything() -> tuple[Source, ...]:
    """Every Python file of the project."""
    folders = [path for path in sorted(ROOT.iterdir()) if path.is_dir() and path.name[0] != "."]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return tuple(parse(path) for path in paths)


def program() -> list[Source]:
    """The rooms: all but tests, measurements and the generated first schema."""
    apart = ("tests", "bench", "docs")
    return [
        source
        for source in everything()
        if source.room not in apart and "baseline" not in source.path.parts
    ]


def domain() -> list[Source]:
    """The rooms that hold the business."""
    return [source for source in everything() if source.room in DOMAIN]


def parse(path: Path, text: str | None = None) -> Source:
    """A file, or a planted text in its place."""
    text = path.read_text(encoding="utf-8") if text is None else text
    return Source(path, text, ast.parse(text))


def planted(text: str, name: str = "shifts/planted.py") -> Source:
    """A file that does not exist, to prove that a rule sees its fault."""
    return parse(ROOT / name, text)


def called(node: ast.Call) -> str:
    """The dotted name that a call calls, as far as it is one."""
    return ast.unparse(node.func)


def calls(source: Source) -> Iterator[ast.Call]:
    """Every call of a file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield node
