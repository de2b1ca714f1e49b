"""Strict reading of form fields: what is right comes out typed, what is wrong is named."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from werkzeug.datastructures import MultiDict

from kit.errors import Invalid
from web import forms
from web.forms import Fields

ZONE = "Asia/Shanghai"
ID = "01a203e2-0012-7001-abaf-9754b5cac20e"


def _fields(value: str) -> Fields:
    return Fields(MultiDict({"field": value}))


READS: dict[str, Any] = {
    "text": lambda f: f.text("field", most=5),
    "number": lambda f: f.number("field", least=1, most=100),
    "digits": lambda f: f.digits("field", 6),
    "fen": lambda f: f.fen("field"),
    "id": lambda f: f.id("field"),
    "day": lambda f: f.day("field"),
    "instant": lambda f: f.instant("field", ZONE),
    "hour": lambda f: f.hour("field"),
    "choice": lambda f: f.choice("field", ("a", "b")),
}


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        ("text", "  王芳 ", "王芳"),
        ("number", "40", 40),
        ("number", "４０", 40),
        ("digits", "012345", "012345"),
        ("fen", "12.5", 1250),
        ("fen", "1,200", 120_000),
        ("fen", "", None),
        ("id", ID, UUID(ID)),
        ("day", "2026-11-22", date(2026, 11, 22)),
        ("instant", "2026-11-22T14:00", datetime(2026, 11, 22, 6, 0, tzinfo=UTC)),
        ("hour", "22:30", "22:30"),
        ("choice", "b", "b"),
    ],
)
def test_what_is_right_is_read(kind: str, typed: str, read: object) -> None:
    fields = _fields(typed)
    assert READS[kind](fields) == read
    fields.done()


@pytest.mark.parametrize(
    ("kind", "typed", "fault"),
    [
        ("text", "", "needed"),
        ("text", "六个字的名字", "too_long"),
        ("text", "a\x00b", "no_text"),
        ("text", "\ud800", "no_text"),
        ("number", "", "needed"),
        ("number", "四十", "number"),
        ("number", "4.5", "number"),
        ("number", "-4", "number"),
        ("number", "1e3", "number"),
        ("number", "NaN", "number"),
        ("number", "9" * 40, "number"),
        ("number", "0", "out_of_range"),
        ("number", "101", "out_of_range"),
        ("digits", "12345", "six_digits"),
        ("digits", "12345a", "six_digits"),
        ("fen", "0.125", "money"),
        ("fen", "-1", "money"),
        ("fen", "1e9", "money"),
        ("id", "", "choose"),
        ("id", "1; drop table", "choose"),
        ("day", "22/11/2026", "date"),
        ("day", "2026-02-30", "date"),
        ("instant", "2026-11-22 14:00", "time"),
        ("instant", "2026-11-22T25:00", "time"),
        ("instant", "0001-01-01T00:00", "time"),
        ("hour", "24:00", "time"),
        ("choice", "c", "choose"),
    ],
)
def test_what_is_wrong_is_named(kind: str, typed: str, fault: str) -> None:
    fields = _fields(typed)
    READS[kind](fields)
    assert fields.errors == {"field": fault}
    with pytest.raises(Invalid):
        fields.done()


def test_all_faults_are_told_at_once() -> None:
    fields = Fields(MultiDict({"a": "x"}))
    fields.number("a")
    fields.text("b")
    with pytest.raises(Invalid) as refused:
        fields.done()
    assert refused.value.errors == {"a": "number", "b": "needed"}


def test_an_instant_stands_in_its_field_as_it_was_typed() -> None:
    at = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    assert forms.local_value(at, ZONE) == "2026-11-22T14:00"
    assert forms.local_value(None, ZONE) == ""
