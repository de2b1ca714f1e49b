"""Files as sheets of cells: .xlsx by calamine, .csv in UTF-8 or GB18030, whatever wrote them.

Invariant: a row keeps the number that a spreadsheet shows for it; nothing is changed in a file, and
what cannot be read whole is refused whole.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine as calamine

from kit.errors import Invalid

#: what a town's largest list needs many times over; more would fill the memory of a small machine
BYTES_MAX = 50_000_000
UNPACKED_MAX = 500_000_000
ROWS_MAX = 200_000
_DELIMITERS = (",", ";", "\t", "，")
_FILE = "FILE"


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, and its rows that hold anything, each with its number."""

    name: str
    rows: list[tuple[int, list[Any]]]


@dataclass(frozen=True)
class File:
    """A file as it came: its name, which says its kind, and what is in it."""

    name: str
    content: bytes


def file_at(path: Path) -> File:
    """The file that lies there. Raises Invalid where it cannot be read."""
    try:
        return File(path.name, path.read_bytes())
    except OSError as problem:
        raise _unread(f"cannot be read 无法读取: {problem.strerror}") from problem


def read(file: File) -> list[Sheet]:
    """All visible sheets of a file; Invalid where it is no .xlsx or .csv that can be read."""
    name, content = Path(file.name), file.content
    kind = name.suffix.lower()
    if kind not in (".xlsx", ".csv"):
        raise _unread("want an .xlsx or a .csv file 请用 .xlsx 或 .csv 文件")
    if len(content) > BYTES_MAX:
        raise _unread(f"is larger than {BYTES_MAX // 1_000_000} MB 文件太大")
    sheets = _workbook(content) if kind == ".xlsx" else [_table(name.stem, content)]
    if sum(len(sheet.rows) for sheet in sheets) > ROWS_MAX:
        raise _unread(f"has more than {ROWS_MAX} rows; split it 行数太多，请分成几个文件")
    return sheets


def _workbook(content: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED_MAX:
                raise _unread("is too large when unpacked 文件解压后太大")
        with calamine.load_workbook(io.BytesIO(content)) as book:
            return [
                Sheet(one.name, _filled(book.get_sheet_by_name(one.name)))
                for one in book.sheets_metadata
                if one.typ == calamine.SheetTypeEnum.WorkSheet
                and one.visible == calamine.SheetVisibleEnum.Visible
            ]
    except calamine.PasswordError as problem:
        raise _unread("is protected by a password; save it without 请去掉密码") from problem
    except (calamine.CalamineError, zipfile.BadZipFile) as problem:
        raise _unread("is no .xlsx file, or a broken one 不是有效的 .xlsx 文件") from problem


def _filled(sheet: calamine.CalamineSheet) -> list[tuple[int, list[Any]]]:
    """Its rows; what is merged downwards (one address for a family) stands in each of its rows."""
    rows = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left != right or bottom >= len(rows):
            continue
        for number in range(top + 1, bottom + 1):
            rows[number][left] = rows[top][left]
    return _numbered(rows)


def _table(name: str, content: bytes) -> Sheet:
    text = _decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return Sheet(name, _numbered(reader))
    except csv.Error as problem:
        raise _unread(f"line {reader.line_num} 行: {problem}") from problem


def _numbered(rows: Any) -> list[tuple[int, list[Any]]]:
    return [(number, list(row)) for number, row in enumerate(rows, 1) if any(map(_holds, row))]


def _holds(cell: Any) -> bool:
    return cell is not None and str(cell).strip() != ""


def _decoded(content: bytes) -> str:
    """UTF-8 where it is that to the last byte: a Chinese text in GB18030 never is by chance."""
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _unread("is neither UTF-8 nor GB18030 text 编码既不是 UTF-8 也不是 GB18030")


def _encodings(content: bytes) -> Iterator[str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    yield from ("utf-8-sig", "gb18030")


def _delimiter(text: str) -> str:
    """What stands most often in the line that has most of it, among the first lines."""
    lines = text.splitlines()[:30]
    return max(_DELIMITERS, key=lambda one: max((line.count(one) for line in lines), default=0))


def _unread(told: str) -> Invalid:
    return Invalid(**{_FILE: told})
