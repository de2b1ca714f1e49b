"""One picture of a live code, or of a poster, in a group chat: looked at, and not credited unseen.

Nobody is refused by it: a person who looks decides.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kit.db import Database
from shifts import queries
from shifts.approval import approvals, clean_rows
from shifts.presence import head_counts, signals
from tests.qr import desk


@pytest.mark.parametrize("counted", [0, 20])
def test_twenty_people_by_one_picture(
    database: Database, counted: int, record_property: Callable[[str, object], None]
) -> None:
    gate = desk.open_desk(database)
    town, shift = gate.town, gate.another_shift(starts=1)
    town.at = shift.starts_at
    picture, people = gate.code(shift), [town.person() for _ in range(20)]
    rows = [gate.scan(who, picture).attendance for who in people]
    town.later(minutes=5)
    town.do(gate.captain, head_counts.add, shift_id=shift.id, counted=counted)
    town.at = shift.ends_at
    again = gate.code(shift)
    assert {gate.scan(who, again).outcome for who in people} == {"checked_out"}
    marks = {signals.HEAD_COUNT, signals.BURST} if counted == 0 else set()
    listed = town.do(gate.captain, queries.attendances, shift_id=shift.id, limit=100)
    assert [set(one.flags) & set(signals.ALL) for one in listed] == [marks] * 20
    record_property("cases", len(listed))
    done = town.do(gate.captain, clean_rows.approve, shift_id=shift.id)
    assert (len(done.clean), done.credited, len(done.exceptions)) == (
        counted,
        counted,
        20 - counted,
    )
    assert all(marks <= set(one.reasons) for one in done.exceptions)
    if counted == 0:
        # A signal is no verdict: the captain looks, and decides.
        first = rows[0]
        assert first is not None
        seen = town.do(gate.captain, approvals.approve, attendance_id=first.id)
        assert seen.status == "credited"


def test_a_photo_of_the_poster_never_credits_by_itself(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    gate.scan(li, gate.poster())
    gate.town.later(minutes=50)
    out = gate.scan(li, gate.poster()).attendance
    assert out is not None
    assert (out.evidence, out.status) == ("d", "submitted")
    gate.town.at = gate.shift.ends_at + timedelta(hours=2)
    done = gate.town.do(gate.captain, clean_rows.approve, shift_id=gate.shift.id)
    assert (done.clean, [one.id for one in done.exceptions]) == ([], [out.id])
    assert {"poster_in", "poster_out"} <= set(done.exceptions[0].reasons)


def test_nobody_sees_a_signal_in_their_own_row(database: Database) -> None:
    gate = desk.open_desk(database)
    li = gate.town.person()
    gate.scan(li, gate.code())
    gate.town.do(gate.captain, head_counts.add, shift_id=gate.shift.id, counted=0)
    own = gate.town.do(li, queries.attendances, limit=10)
    theirs = gate.town.do(gate.captain, queries.attendances, limit=10)
    assert [signals.HEAD_COUNT in one.flags for one in (*own, *theirs)] == [False, True]
