"""Writes migrations/baseline/ from the models: `make baseline`, until the first release.

Invariant: what it writes are plain Alembic operations, which a reader compares with the models and
which no longer change once a release stands on them.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import render_python_code
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import BigInteger, Index, LargeBinary, Table
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.types import TypeDecorator

from migrations import tables

FOLDER = Path(__file__).resolve().parent / "baseline"
LINES_MAX = 300
LINES_AROUND = 20

HEAD = '''"""Tables of `{room}` in the first schema; written by regenerate.py, never by hand."""

import sqlalchemy as sa
from alembic import op

from kit import types
'''


def main() -> None:
    """Write the folder anew; a file that stays the same is not touched."""
    FOLDER.mkdir(exist_ok=True)
    made = rendered()
    for path in FOLDER.glob("*.py"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    print(f"{len(made)} files in {FOLDER.name}/: {', '.join(sorted(made))}")


def rendered() -> dict[str, str]:
    """Each file of the folder and its text, as the models want it now."""
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder)
        names = []
        for room, found in tables.of_rooms().items():
            names += _write_room(draft, room, found)
        (draft / "__init__.py").write_text(_index(names), encoding="utf-8")
        _format(draft)
        return {path.name: path.read_text(encoding="utf-8") for path in draft.glob("*.py")}


def _write_room(draft: Path, room: str, found: list[Table]) -> list[str]:
    """One room's tables, in as many files as their length asks for; the names of these."""
    chunks: list[list[Table]] = [[]]
    lines = 0
    for table in found:
        more = _length(draft, table)
        if chunks[-1] and lines + more > LINES_MAX - LINES_AROUND - 2 * len(chunks[-1]):
            chunks.append([])
            lines = 0
        chunks[-1].append(table)
        lines += more
    names = [room] if len(chunks) == 1 else [f"{room}_{n}" for n in range(1, len(chunks) + 1)]
    for name, chunk in zip(names, chunks, strict=True):
        (draft / f"{name}.py").write_text(_module(room, chunk), encoding="utf-8")
    return names


def _length(draft: Path, table: Table) -> int:
    """How many lines the formatter gives to one table's function."""
    path = draft / "measured.py"
    path.write_text(_function(table), encoding="utf-8")
    _format(path)
    lines = len(path.read_text(encoding="utf-8").splitlines()) + 2
    path.unlink()
    return lines


def _module(room: str, chunk: list[Table]) -> str:
    text = HEAD.format(room=room)
    text += "\n\ndef upgrade() -> None:\n"
    text += "".join(f"    _{table.name}()\n" for table in chunk)
    text += "\n\ndef downgrade() -> None:\n"
    text += "".join(f'    op.drop_table("{table.name}")\n' for table in reversed(chunk))
    return text + "".join(f"\n\n{_function(table)}" for table in chunk)


def _function(table: Table) -> str:
    return f"def _{table.name}() -> None:\n{_operations(table)}\n"


def _operations(table: Table) -> str:
    made: list[ops.MigrateOperation] = [ops.CreateTableOp.from_table(table)]
    indexes: list[Index] = sorted(table.indexes, key=lambda index: str(index.name))
    made += [ops.CreateIndexOp.from_index(index) for index in indexes]
    code = render_python_code(
        ops.UpgradeOps(ops=made),
        render_item=_render_item,
        migration_context=MigrationContext.configure(dialect=sqlite_dialect()),
    )
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("#")]
    # The renderer indents all lines but the first, which its template would have placed.
    return "\n".join(["    " + lines[0].lstrip(), *lines[1:]])


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Our own column types by their names; everything else as Alembic writes it."""
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator):
        return f"types.{type(item).__name__}()"
    if isinstance(item, BigInteger):
        return "types.Amount"
    if isinstance(item, LargeBinary):
        return "types.Octets"
    return False


def _index(names: list[str]) -> str:
    listed = ", ".join(names)
    return (
        '"""The tables of the first schema, one module per room; written by regenerate.py."""\n\n'
        f"from migrations.baseline import {', '.join(sorted(names))}\n\n"
        "#: in the order in which they can be made: no foreign key points at a later part\n"
        f"PARTS = ({listed},)\n"
    )


def _format(path: Path) -> None:
    settings = ["--config", str(FOLDER.parent.parent / "pyproject.toml"), "--quiet"]
    for step in (["check", "--fix-only", "--select", "F401,I001"], ["format"]):
        command = [sys.executable, "-m", "ruff", *step, *settings, str(path)]
        subprocess.run(command, check=True)  # noqa: S603 # a command of our own


if __name__ == "__main__":
    main()
