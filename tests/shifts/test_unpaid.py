"""Duties that count hours and never points: by a declared fact, whatever a rule says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from audit.models import Entry
from kit import ids
from kit.errors import Invalid
from reports import sentences
from shifts import checks
from shifts.approval import awards
from shifts.rota import activities, red_posts
from shifts.rules import replay
from shifts.rules.rule_book import RuleBook
from shifts.tables.attendance import Award
from shifts.tables.rota import Activity, RedPost
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, make_attendance, make_rule, make_shift


def _activity(session: Session, town: Town, **facts: Any) -> Activity:
    told = {"name": "Council of the yard"} | facts
    return activities.add(session, actor=town.actor("manager"), at=NOW, **told)


def _credited(session: Session, town: Town, **facts: Any) -> Award:
    row = make_attendance(session, make_shift(session, town, **facts), town.volunteer)
    factories.approve(session, town, row, by="manager")
    found = awards.of(session, town.id, row.id)
    assert found is not None
    return found


def test_a_deliberation_counts_hours_and_never_points(session: Session, town: Town) -> None:
    make_rule(session, town)
    meeting = _activity(session, town, kind="deliberation")
    award = _credited(session, town, activity_id=meeting.id)
    assert (award.minutes, award.points, award.rule_id) == (180, 0, None)
    assert [step["step"] for step in award.steps] == ["counted", "unpaid"]
    assert sentences.sum_of(award.steps, "zh") == "这项只记时长，不计积分"
    assert sentences.sum_of(award.steps, "en") == "This duty counts hours and never points"
    assert not list(checks.problems(session, town.id))


def test_a_red_post_may_be_declared_so(session: Session, town: Town) -> None:
    """Even where a rule was made for this very red post."""
    duty = red_posts.add(
        session,
        actor=town.actor("manager"),
        at=NOW,
        name="Study corner",
        kind="publicity",
        earns="hours",
    )
    make_rule(session, town, red_post_id=duty.id)
    award = _credited(session, town, red_post_id=duty.id)
    assert (award.minutes, award.points) == (180, 0)
    assert not list(checks.problems(session, town.id))
    told = session.scalar(
        select(Entry.after).where(Entry.community_id == town.id, Entry.subject_id == duty.id)
    )
    assert told is not None
    assert told["earns"] == "hours"


def test_what_a_kind_earns(session: Session, town: Town) -> None:
    assert _activity(session, town).earns == "points"
    assert _activity(session, town, earns="hours").earns == "hours"
    assert _activity(session, town, kind="study").earns == "hours"
    for wrong in ({"kind": "study", "earns": "points"}, {"kind": "party"}, {"earns": "fen"}):
        with pytest.raises(Invalid):
            _activity(session, town, **wrong)


def test_no_rule_is_tried_on_it_or_held_up_by_it(session: Session, town: Town) -> None:
    meeting = _activity(session, town, kind="study")
    _credited(session, town, activity_id=meeting.id)
    tried = replay.compare(
        session,
        actor=town.actor("manager"),
        at=NOW,
        since=date(2026, 11, 1),
        until=date(2026, 11, 30),
        name="Draft",
        points_per_hour=10,
        effective_from=date(2026, 1, 1),
    )
    assert (tried.whole.attendances, tried.whole.would) == (0, 0)
    make_rule(session, town, effective_from=date(2026, 11, 1))


def test_points_from_it_are_refused_by_the_database(session: Session, town: Town) -> None:
    meeting = _activity(session, town, kind="study")
    award = _credited(session, town, activity_id=meeting.id)
    row = {column.name: getattr(award, column.name) for column in Award.__table__.columns}
    forged = row | {"id": ids.new(), "revision": 2, "points": 30}
    with pytest.raises(DBAPIError, match="lovebank:not_allowed"), session.begin_nested():
        session.execute(insert(Award), [forged])


@pytest.mark.parametrize("table", [Activity, RedPost])
def test_what_it_earns_is_declared_once(session: Session, town: Town, table: Any) -> None:
    _activity(session, town)
    wanted = update(table).where(table.community_id == town.id).values(earns="hours")
    with pytest.raises(DBAPIError, match="lovebank:append_only"), session.begin_nested():
        session.execute(wanted)


@pytest.mark.parametrize("kind", ["study", "service"])
def test_an_award_off_its_duty_is_named(session: Session, town: Town, kind: str) -> None:
    """Paid as what it is not: a study meeting like a duty without a rule, or service like one."""
    meeting, other = (_activity(session, town, kind=one) for one in _both(kind))
    shift = make_shift(session, town, activity_id=meeting.id)
    row = make_attendance(session, shift, town.volunteer)
    book = RuleBook(occasions={shift.id: other})
    factories.plant(session, town, row, [town.captain.id], book)
    award = awards.of(session, town.id, row.id)
    assert award is not None
    found = [(one.code, one.subject) for one in checks.problems(session, town.id)]
    assert found == [("duty_differs", f"award:{award.id}")]


def _both(kind: str) -> tuple[str, str]:
    return ("study", "service") if kind == "study" else ("service", "study")
