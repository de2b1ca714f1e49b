"""``export attendance``: the same attendances, whatever their ids and whenever received."""

import csv
import io
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from kit.clock import StandingClock
from kit.db import Database
from lovebank import exporting
from shifts.rota import activities, red_posts
from tests import factories
from tests.factories import AT
from tests.imports.scene import Town, open_town
from tests.imports.writing import PEOPLE

HEADINGS = ("姓名", "日期", "开始时间", "结束时间", "岗位")
ROWS = (
    ("王芳", "2026-03-05", "20:00", "23:00", "夜巡"),
    ("李强", "2026-03-05", "20:00", "23:00", "夜巡"),
    ("王芳", "2026-03-01", "8:00", "9:00", "=邻里节"),
)


@pytest.fixture
def towns(shared_database: Database, clock: StandingClock, tmp_path: Path) -> list[Town]:
    """Two communities alike, whose lists came in two orders."""
    made = []
    for number in range(2):
        town = open_town(shared_database, clock, tmp_path)
        people = [("王芳", f"1370000000{number}"), ("李强", "")]
        town.bring("people", (PEOPLE, *people[:: -1 if number else 1]))
        shared_database.write(partial(_furnish, town=town))
        for row in ROWS[:: -1 if number else 1]:
            assert town.bring("attendance", (HEADINGS, row)).faults == []
        made.append(town)
    return made


def test_the_same_attendances_are_the_same_bytes(towns: list[Town]) -> None:
    first, second = (_printed(town) for town in towns)
    assert first == second
    rows = list(csv.DictReader(io.StringIO(first)))
    assert [(row["occasion"], row["person"], row["minutes"]) for row in rows] == [
        ("'=邻里节", "王芳", "60"),
        ("夜巡", "李强", "180"),
        ("夜巡", "王芳", "180"),
    ]
    assert rows[1]["starts_at"] == "2026-03-05T20:00:00+08:00"
    assert (rows[1]["status"], rows[1]["points"], rows[1]["entered"]) == ("submitted", "", "hand")


def test_no_id_is_in_it(towns: list[Town]) -> None:
    told = _printed(towns[0])
    assert str(towns[0].community.id)[:13] not in told
    assert str(towns[0].id_of("王芳")) not in told


def _furnish(session: Session, town: Town) -> None:
    actor = factories.actor_of(town.first)
    red_posts.add(session, actor=actor, at=AT, name="夜巡", kind="patrol")
    activities.add(session, actor=actor, at=AT, name="=邻里节")


def _printed(town: Town) -> str:
    out = io.BytesIO()
    exporting.attendance(town.program.database, town.community.id, AT, out)
    return out.getvalue().decode()
