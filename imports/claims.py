"""What a line says of a person: read cell by cell, before anything is asked of the register.

Invariant: a claim that is returned has a clean name, a phone in its one spelling and a possible
year; an identity number gives the year of birth and is kept nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from imports import cells, headings
from imports.faults import Fault
from imports.headings import Line
from kit.errors import Invalid
from people import age, names, phones

PEOPLE = headings.layout(["name"], "person", "people")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True)
class Claim:
    """One line's person."""

    line: Line
    name: str
    phone: str | None
    birth_year: int | None
    unit: str = ""
    household: str = ""
    guardian: str = ""

    @property
    def differing(self) -> tuple[object, ...]:
        """What must be the same in two lines about one person."""
        return (self.birth_year, self.unit, self.household, self.guardian)


def of(line: Line, this_year: int) -> tuple[Claim | None, list[Fault]]:
    """The claim of a line, or everything that is wrong with it."""
    faults: list[Fault] = []
    name = _name(line, faults, needed=True)
    phone = _phone(line, faults)
    born = _born(line, faults, this_year)
    if faults:
        return None, faults
    rest = {key: cells.text(line.cells.get(key)) for key in ("unit", "household", "guardian")}
    rest["guardian"] = _whole_number(line.cells.get("guardian"), rest["guardian"])
    return Claim(line, name, phone, born, **rest), []


def somebody(line: Line, this_year: int) -> tuple[Claim | None, list[Fault]]:
    """Who a line is about: a name, a phone or both, for lists of what people did."""
    faults: list[Fault] = []
    name = _name(line, faults, needed=False)
    phone = _phone(line, faults)
    born = _born(line, faults, this_year)
    if not faults and not name and phone is None:
        faults.append(line.fault("who_missing"))
    return (None, faults) if faults else (Claim(line, name, phone, born), [])


def _name(line: Line, faults: list[Fault], *, needed: bool) -> str:
    found = cells.text(line.cells.get("name"))
    if not found:
        if needed:
            faults.append(line.fault("name_missing"))
        return ""
    try:
        clean = names.clean("name", found)
    except Invalid:
        clean = ""
    # A phone in the wrong column, or a cell that the spreadsheet could not work out.
    if not clean or re.search(r"[0-9@#=<>{}|\\]", clean):
        faults.append(line.fault("name_bad", value=found))
    return clean


def _phone(line: Line, faults: list[Fault]) -> str | None:
    cell = line.cells.get("phone")
    try:
        found = cells.digits(cell)
    except cells.Unclear:
        faults.append(line.fault("phone_cut", value=cells.text(cell)))
        return None
    if not found:
        return None
    number = phones.normal(found)
    if number is None:
        faults.append(line.fault("phone_bad", value=found))
    return number


def _born(line: Line, faults: list[Fault], this_year: int) -> int | None:
    cell = line.cells.get("birth")
    try:
        year = cells.birth_year(cell)
    except cells.Unclear:
        year = 0
    if year is not None and not age.BORN_FIRST <= year <= this_year:
        faults.append(line.fault("birth_bad", value=cells.text(cell)))
        return None
    number = cells.text(line.cells.get("id_number")).replace(" ", "").upper()
    if not number:
        return year
    told = year_of_id_number(number)
    if told is None or not age.BORN_FIRST <= told <= this_year:
        faults.append(line.fault("id_number_bad"))
    elif year is not None and year != told:
        faults.append(line.fault("birth_differs", value=year, other=told))
    return told


def year_of_id_number(number: str) -> int | None:
    """The year of birth in a resident identity number (GB 11643); none where it is not one."""
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return 1900 + int(number[6:8])
    if not re.fullmatch(r"\d{17}[\dX]", number, re.ASCII):
        return None
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return int(number[6:10]) if _CHECKS[total % 11] == number[17] else None


def _whole_number(cell: object, text: str) -> str:
    """A guardian's phone may come as a number, too."""
    try:
        return phones.normal(cells.digits(cell)) or text
    except cells.Unclear:
        return text
