"""Files are read as communities have them: whichever program, encoding, title and spelling."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from imports import cells, claims, headings, sheets
from imports.cells import Unclear
from kit.errors import Invalid
from tests.imports.writing import Rows, text_file, xlsx

#: as a spreadsheet has it: without a zone
EVENING = datetime.fromisoformat("2026-03-05T20:30:00")
ROWS = (("姓名", "手机"), ("林岚", "13800000001"), ("王秀英", ""))


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_is_read_in_each_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = text_file(tmp_path / "名单.csv", ROWS, encoding, delimiter)
    (sheet,) = sheets.read(sheets.file_at(path))
    assert sheet.name == "名单"
    assert sheet.rows == [(number, list(row)) for number, row in enumerate(ROWS, 1)]


def test_titles_totals_and_repeated_headings_are_no_people(tmp_path: Path) -> None:
    first: Rows = [
        ["制表人：林岚", "", "2026年3月"],
        [],
        ["序号", "姓　名 *", "手机号码（必填）", "爱好"],
        [1, "王　芳", 13800000001.0, "剪纸"],
        ["序号", "姓　名 *", "手机号码（必填）", "爱好"],
        [2, "李 强", "１３８ ０００ ０００ ０２", ""],
        ["合计", "", 2],
    ]
    path = xlsx(tmp_path / "a.xlsx", {"一号楼": first, "说明": [["请如实填写"]]}, title="花名册")
    read = headings.lines(sheets.read(sheets.file_at(path)), claims.PEOPLE)
    found = [claims.of(line, 2026)[0] for line in read.lines]
    assert [(one.name, one.phone, one.line.place) for one in found if one] == [
        ("王芳", "+8613800000001", "一号楼!5"),
        ("李强", "+8613800000002", "一号楼!7"),
    ]
    assert read.faults == []
    assert [(one.place(), one.code) for one in read.notes] == [
        ("一号楼!4", "note_column"),
        ("一号楼!8", "note_total"),
        ("说明", "note_sheet"),
    ]


def test_what_is_merged_downwards_stands_in_each_row(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["户号", "姓名"])
        sheet.merge_range(1, 0, 2, 0, "3-502")
        sheet.write_column(1, 1, ["王芳", "李强"])
    read = headings.lines(sheets.read(sheets.file_at(path)), claims.PEOPLE)
    assert [line.cells["household"] for line in read.lines] == ["3-502", "3-502"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xls", b"", "want an .xlsx or a .csv"),
        ("a.xlsx", b"PK\x03\x04 broken", "no .xlsx file"),
        ("a.csv", b"\xff\x00\x80\x81", "neither UTF-8 nor GB18030"),
        ("a.csv", '姓名\n"王芳\n'.encode(), "line 2"),
    ],
)
def test_what_cannot_be_read_is_refused_whole(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid) as refusal:
        sheets.read(sheets.file_at(path))
    assert told in refusal.value.errors["FILE"]


def test_a_sheet_without_a_needed_column_says_which(tmp_path: Path) -> None:
    path = text_file(tmp_path / "a.csv", [("手机号", "出生年份"), ("13800000001", 1950)])
    (fault,) = headings.lines(sheets.read(sheets.file_at(path)), claims.PEOPLE).faults
    assert (fault.code, fault.row, fault.facts) == ("heading_missing", 1, {"value": "姓名"})
    nothing = text_file(tmp_path / "b.csv", [("a", "b"), (1, 2)])
    (fault,) = headings.lines(sheets.read(sheets.file_at(nothing)), claims.PEOPLE).faults
    assert fault.code == "nothing_to_read"


def test_a_length_in_minutes_is_not_one_in_hours() -> None:
    layout = headings.layout(["day"], "attendance")
    assert [layout.key(one) for one in ("服务时长（分钟）", "服务时长（小时）", "时长")] == [
        *("minutes", "hours", "hours")
    ]


@pytest.mark.parametrize(
    "cell",
    [
        *("2026年3月5日", "2026/3/5", "2026-03-05", "2026.3.5", "20260305", "２０２６-０３-０５"),
        *("46086", 46086, 46086.75, "2026-03-05 20:00", EVENING, date(2026, 3, 5)),
    ],
)
def test_a_day_is_read_however_it_was_typed(cell: Any) -> None:
    assert cells.day(cell) == date(2026, 3, 5)


@pytest.mark.parametrize("cell", ["2026-02-30", "3月5日", "明天", "2026", "13800000001"])
def test_what_is_no_day_is_unclear(cell: str) -> None:
    with pytest.raises(Unclear):
        cells.day(cell)


@pytest.mark.parametrize(
    "cell",
    [
        *("20:30", "20：30", "20点30分", "晚上8:30", "下午8点30", "8:30 PM", "20:30:00"),
        *(time(20, 30), EVENING, 0.8541666667, "2026-03-05 20:30"),
    ],
)
def test_a_time_is_read_however_it_was_typed(cell: Any) -> None:
    assert cells.clock(cell) == time(20, 30)


@pytest.mark.parametrize("cell", ["25:00", "晚上", "20-30"])
def test_what_is_no_time_is_unclear(cell: str) -> None:
    with pytest.raises(Unclear):
        cells.clock(cell)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (13800138000.0, "13800138000"),
        ("13800138000.0", "13800138000"),
        ("'13800138000", "13800138000"),
        ("1.3800138E10", "13800138000"),
        ("无", ""),
        (None, ""),
    ],
)
def test_a_number_that_is_a_name_is_whole(cell: Any, told: str) -> None:
    assert cells.digits(cell) == told


@pytest.mark.parametrize("cell", ["1.38E+10", "1.38001E+10", "1E10"])
def test_a_number_that_was_cut_is_never_guessed(cell: str) -> None:
    with pytest.raises(Unclear):
        cells.digits(cell)


@pytest.mark.parametrize(
    ("cell", "unit", "told"),
    [
        *((90, 1, 90), ("1.5", 60, 90), ("90分钟", 60, 90), ("1.5小时", 1, 90), (1.5, 60, 90)),
        *((time(1, 30), 60, 90), ("", 60, None)),
    ],
)
def test_a_length_is_told_in_minutes(cell: Any, unit: int, told: int | None) -> None:
    assert cells.minutes(cell, unit) == told


def test_an_identity_number_gives_the_year_alone() -> None:
    assert claims.year_of_id_number("11010519491231002X") == 1949
    assert claims.year_of_id_number("110105194912310021") is None
    assert claims.year_of_id_number("110105491231002") == 1949
