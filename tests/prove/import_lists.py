"""A list of residents as a town has it, with faults of twelve kinds whose rows are known.

Invariant: the list and its faults follow from the seed alone; every fault is one row's own, so the
rows that must be named are exactly those that were spoilt.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import escape, quoteattr

SHEETS = ("东片", "西片")
TITLE = "幸福里社区居民花名册（2026年3月）"
HEADINGS = (
    "序号",
    "姓　名",
    "手机号码（必填）",
    "出生日期",
    "身份证号",
    "所属网格",
    "户号",
    "监护人",
    "备注",
)
#: title, who made it, and the headings stand above the first person
ABOVE = 3
_FAMILY, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
NAME, PHONE, BIRTH, NUMBER, UNIT, HOME, GUARDIAN = range(1, 8)
Row = list[Any]


@dataclass
class List:
    """The rows of each sheet, and what is wrong: ``东片!12`` → code."""

    sheets: dict[str, list[Row]]
    wrong: dict[str, str]


def registered(count: int) -> list[Row]:
    """Some who are in the register before: their phones are taken."""
    return [["姓名", "手机"], *([_name(9000 + n), f"1371{n:07d}"] for n in range(count))]


def whole(count: int, seed: int) -> List:
    """A list of so many people without any fault."""
    chance = Random(seed)
    sheets: dict[str, list[Row]] = {}
    for part, sheet in enumerate(SHEETS):
        rows = sheets[sheet] = []
        for number in range(count // 2):
            who = part * (count // 2) + number
            rows.append(_person(who, number, sheet, chance))
    return List(sheets, {})


def spoilt(count: int, each: int, seed: int) -> List:
    """The same list with ``each`` faults of each kind, in rows by chance."""
    made = whole(count, seed)
    chance = Random(seed + 1)
    places = [(sheet, number) for sheet in SHEETS for number in range(2, count // 2)]
    # Every third only: what a fault refers to, its neighbour, is whole.
    chosen = chance.sample([one for one in places if one[1] % 3 == 2], each * len(SPOILERS))
    for turn, (sheet, number) in enumerate(chosen):
        code, spoil = SPOILERS[turn % len(SPOILERS)]
        rows = made.sheets[sheet]
        spoil(rows[number], rows[number - 1], turn // len(SPOILERS))
        made.wrong[f"{sheet}!{number + ABOVE + 1}"] = code
    return made


def _person(who: int, number: int, sheet: str, chance: Random) -> Row:
    phone = 13600000000 + who
    born = date(1936 + who % 60, who % 12 + 1, who % 28 + 1)
    spelt = chance.choice(
        [phone, str(phone), f"{phone}.0", f" {str(phone)[:3]} {str(phone)[3:7]}-{str(phone)[7:]}"]
    )
    told = chance.choice([born, born.year, f"{born.year}年{born.month}月{born.day}日", f"{born}"])
    unit = f"幸福街道/第{who % 20 + 1}网格"
    home = f"{sheet[0]}{number // 3 + 1}户"
    return [number + 1, _name(who), spelt, told, "", unit, home, "", ""]


def _name(who: int) -> str:
    family, rest = divmod(who, len(_GIVEN) ** 2)
    first, second = divmod(rest, len(_GIVEN))
    return f"{_FAMILY[family % len(_FAMILY)]}{_GIVEN[first]}{_GIVEN[second]}"


Spoil = Callable[[Row, Row, int], None]


def _put(column: int, value: Any) -> Spoil:
    def spoil(row: Row, _before: Row, _turn: int) -> None:
        row[column] = value

    return spoil


def _as_before(row: Row, before: Row, _turn: int) -> None:
    row[PHONE] = before[PHONE]


def _taken(row: Row, _before: Row, turn: int) -> None:
    row[PHONE] = f"1371{turn:07d}"


def _twice(row: Row, before: Row, _turn: int) -> None:
    row[NAME], row[PHONE], row[BIRTH] = before[NAME], before[PHONE], 1997


def _child(row: Row, _before: Row, _turn: int) -> None:
    row[BIRTH] = 2019


def _orphan(row: Row, _before: Row, _turn: int) -> None:
    row[BIRTH], row[GUARDIAN] = 2019, "并无此人的"


def _other_year(row: Row, _before: Row, _turn: int) -> None:
    row[BIRTH], row[NUMBER] = 1961, "11010519491231002X"


SPOILERS: tuple[tuple[str, Spoil], ...] = (
    ("name_missing", _put(NAME, "")),
    ("name_bad", _put(NAME, "13600000000")),
    ("phone_bad", _put(PHONE, "1360000")),
    ("phone_cut", _put(PHONE, "'1.36E+10")),
    ("phone_twice", _as_before),
    ("phone_taken", _taken),
    ("birth_bad", _put(BIRTH, "一九五八")),
    ("id_number_bad", _put(NUMBER, "110105194912310021")),
    ("birth_differs", _other_year),
    ("guardian_needed", _child),
    ("guardian_unknown", _orphan),
    ("same_differs", _twice),
)


def office_file(folder: Path, name: str, made: List) -> Path:
    """The list as an .xlsx that LibreOffice has written."""
    source = folder / f"{name}.fods"
    source.write_text(_document(made), encoding="utf-8")
    profile = (folder / "profile").resolve().as_uri()
    subprocess.run(
        [  # noqa: S607 # whichever LibreOffice is installed
            "soffice",
            f"-env:UserInstallation={profile}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / f"{name}.xlsx"


def _document(made: List) -> str:
    tables = "".join(_sheet(name, rows) for name, rows in made.sheets.items())
    spaces = " ".join(
        f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"'
        for one in ("office", "table", "text")
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {spaces} office:version="1.3"'
        ' office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document>"
    )


def _sheet(name: str, rows: list[Row]) -> str:
    title = (
        f'<table:table-row><table:table-cell table:number-columns-spanned="{len(HEADINGS)}"'
        f' office:value-type="string"><text:p>{TITLE}</text:p></table:table-cell></table:table-row>'
    )
    lines = [["制表：林岚", "", "2026年3月"], list(HEADINGS), *rows, ["合计", len(rows)]]
    told = "".join(
        f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>" for row in lines
    )
    return f"<table:table table:name={quoteattr(name)}>{title}{told}</table:table>"


def _cell(value: Any) -> str:
    if value == "":
        return "<table:table-cell/>"
    if isinstance(value, date):
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if isinstance(value, int):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    return (
        f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p>'
        "</table:table-cell>"
    )
