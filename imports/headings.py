"""Columns by their headings, Chinese or English; titles above them and totals below are no rows.

Invariant: a sheet that has some of the headings but not what is needed is a fault; one without any
is left alone and said so.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from imports.faults import Fault
from imports.sheets import Sheet

#: so many rows may stand above the headings: titles, dates, who made the list
ABOVE_MAX = 30
_SIGNS = re.compile(r"[\s*:：_()\[\]【】]+")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_TOTAL = re.compile(
    r"(合\s*计|总\s*计|小计|共计|total)\s*(人|[:：\d]|$)|(备注|说明|注|制表人?|填表人?|审核人?|notes?)\s*[:：]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Layout:
    """The headings of one kind of list: key → its names; and the keys that are needed.

    Each item of ``needed`` is a set of which one is enough.
    """

    names: Mapping[str, Sequence[str]]
    needed: Sequence[frozenset[str]]

    def key(self, heading: Any) -> str | None:
        """The key of a heading; none where it is not one of ours."""
        # 时长（分钟） is not 时长; 手机号（必填） is 手机号.
        return self._keys.get(_joined(heading)) or self._keys.get(_plain(heading))

    @cached_property
    def _keys(self) -> dict[str, str]:
        return {_joined(name): key for key, names in self.names.items() for name in names}


def layout(needed: Sequence[str], *tables: str) -> Layout:
    """The layout of these tables of headings.toml; of ``a|b`` in ``needed`` one is enough."""
    path = Path(__file__).with_name("headings.toml")
    known = tomllib.loads(path.read_text(encoding="utf-8"))
    names = {key: told for table in tables for key, told in known[table].items()}
    return Layout(names, [frozenset(one.split("|")) for one in needed])


@dataclass(frozen=True)
class Line:
    """One row below the headings: what stands in the columns that are read."""

    sheet: str
    row: int
    cells: dict[str, Any]

    def fault(self, code: str, **facts: Any) -> Fault:
        """A fault of this row."""
        return Fault(self.sheet, self.row, code, facts)

    @property
    def place(self) -> str:
        """Its sheet and row."""
        return f"{self.sheet}!{self.row}"


@dataclass
class Read:
    """What a file holds: its lines, its faults and notes."""

    lines: list[Line] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)


def lines(sheets: Sequence[Sheet], layout: Layout) -> Read:
    """The lines of every sheet that has the headings."""
    found = Read()
    is_any = False
    for sheet in sheets:
        is_any |= _read(sheet, layout, found)
    if not is_any and not found.faults:
        wanted = "、".join(layout.names[min(one)][0] for one in layout.needed)
        name = sheets[0].name if sheets else "FILE"
        found.faults.append(Fault(name, 0, "nothing_to_read", {"value": wanted}))
    return found


def _read(sheet: Sheet, layout: Layout, found: Read) -> bool:
    at = _heading(sheet, layout)
    if at is None:
        if sheet.rows:
            found.notes.append(Fault(sheet.name, 0, "note_sheet"))
        return False
    number, cells = sheet.rows[at]
    columns = _columns(cells, layout)
    missing = [one for one in layout.needed if not one & columns.keys()]
    for one in missing:
        told = " / ".join(layout.names[key][0] for key in sorted(one))
        found.faults.append(Fault(sheet.name, number, "heading_missing", {"value": told}))
    if missing:
        return True
    read = set(columns.values())
    for place, heading in enumerate(cells):
        if place not in read and _plain(heading) not in ("", "序号", "编号", "no", "no."):
            found.notes.append(Fault(sheet.name, number, "note_column", {"value": heading}))
    for number, row in sheet.rows[at + 1 :]:
        _take(Line(sheet.name, number, {}), row, columns, layout, found)
    return True


def _take(
    line: Line, row: Sequence[Any], columns: dict[str, int], layout: Layout, found: Read
) -> None:
    """One row below the headings."""
    if _columns(row, layout) == columns:
        # The headings stand on each printed page.
        return
    if _is_remark(row, columns):
        found.notes.append(line.fault("note_total"))
        return
    taken = {key: row[place] for key, place in columns.items() if place < len(row)}
    if any(str(cell).strip() for cell in taken.values()):
        found.lines.append(replace(line, cells=taken))


def _heading(sheet: Sheet, layout: Layout) -> int | None:
    """Where the headings stand: the first row that has all that is needed, or else most of them."""
    best, most = None, 1
    for place, (_number, cells) in enumerate(sheet.rows[:ABOVE_MAX]):
        columns = _columns(cells, layout)
        if columns and all(one & columns.keys() for one in layout.needed):
            return place
        if len(columns) > most:
            best, most = place, len(columns)
    return best


def _columns(cells: Sequence[Any], layout: Layout) -> dict[str, int]:
    """Key → place; the first column of a key counts."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        key = layout.key(cell)
        if key is not None:
            found.setdefault(key, place)
    return found


def _is_remark(row: Sequence[Any], columns: Mapping[str, int]) -> bool:
    """A line of totals, or a remark below the list: its first word says so."""
    first = next((str(cell).strip() for cell in row if str(cell).strip()), "")
    if not _TOTAL.match(first):
        return False
    filled = [key for key, place in columns.items() if place < len(row) and _plain(row[place])]
    return len(filled) <= 2


def _plain(heading: Any) -> str:
    """A heading without what stands in brackets."""
    return _joined(_BRACKETS.sub("", heading)) if isinstance(heading, str) else ""


def _joined(heading: Any) -> str:
    """A heading without spaces and signs."""
    if not isinstance(heading, str):
        return ""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", heading)).lower()
