"""Files as other people's programs write them, for the tests of imports.

Invariant: every file is written anew from the rows that a test names; nothing is read from disk.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

Rows = Sequence[Sequence[Any]]
PEOPLE = ("姓名", "手机号", "出生年份", "所属网格", "户号", "监护人")


def xlsx(path: Path, sheets: Mapping[str, Rows], title: str | None = None) -> Path:
    """An .xlsx; with a title that is merged over its columns."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            above = 1 if title is not None else 0
            if title is not None:
                sheet.merge_range(0, 0, 0, max(*map(len, rows), 2) - 1, title)
            for number, row in enumerate(rows, above):
                for column, cell in enumerate(row):
                    if hasattr(cell, "isoformat"):
                        sheet.write_datetime(number, column, cell, day)
                    else:
                        sheet.write(number, column, cell)
    return path


def text_file(path: Path, rows: Rows, encoding: str = "gb18030", delimiter: str = ",") -> Path:
    """A .csv in an encoding."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path
