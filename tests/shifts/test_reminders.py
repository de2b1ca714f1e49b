"""Rows that nobody decides on: the captains after a day, the managers after three, each once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from messages.models import Message
from shifts.review import reminders
from tests.shifts.factories import Town, approve, local, make_attendance, make_shift, scan

#: when the row began to wait
SINCE = local(12)


def _told(session: Session, town: Town, at: datetime) -> list[tuple[str, str]]:
    """Who was told what by a tick, and by another one at the same time: nothing."""
    known = set(_messages(session, town))
    count = reminders.tick(session, town.id, at)
    assert reminders.tick(session, town.id, at) == 0
    new = sorted(one for one in _messages(session, town) if one not in known)
    assert len(new) == count
    return new


def _messages(session: Session, town: Town) -> list[tuple[str, str]]:
    names = {getattr(town, name).id: name for name in ("manager", "second", "captain", "deputy")}
    rows = session.execute(
        select(Message.person_id, Message.kind).where(Message.community_id == town.id)
    )
    return [(names[row.person_id], row.kind) for row in rows]


def test_a_reminder_after_a_day_and_the_managers_after_three(session: Session, town: Town) -> None:
    make_attendance(session, make_shift(session, town), town.volunteer)
    second = timedelta(seconds=1)
    day, three = timedelta(hours=24), timedelta(hours=72)
    assert _told(session, town, SINCE + day - second) == []
    leaders = [("captain", "approvals_wait"), ("deputy", "approvals_wait")]
    assert _told(session, town, SINCE + day) == leaders
    assert _told(session, town, SINCE + three - second) == []
    above = [("manager", "approvals_overdue"), ("second", "approvals_overdue")]
    assert _told(session, town, SINCE + three) == above
    assert _told(session, town, SINCE + 9 * three) == []


def test_what_is_decided_reminds_nobody(session: Session, town: Town) -> None:
    row = make_attendance(session, make_shift(session, town), town.volunteer)
    approve(session, town, row)
    assert reminders.tick(session, town.id, SINCE + timedelta(days=9)) == 0


def test_a_stay_that_nobody_ended_waits_from_its_close(session: Session, town: Town) -> None:
    shift = make_shift(session, town)
    scan(session, shift, town.volunteer, local(9))
    closed = shift.ends_at + timedelta(hours=1)
    assert _told(session, town, closed + timedelta(hours=23)) == []
    assert len(_told(session, town, closed + timedelta(hours=24, seconds=1))) == 2
