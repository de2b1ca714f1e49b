"""A draft rule over past attendances: what it would have changed, and that it changes nothing."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import Invalid, NotAllowed, NotFound
from shifts.rota import activities, red_posts
from shifts.rules import replay, versions
from shifts.rules.replay import Comparison
from shifts.tables.attendance import Award
from shifts.tables.rota import AwardRule
from tests.shifts.factories import NOW, Town, approve, local, make_attendance, make_rule, make_shift

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 30)
DRAFT: dict[str, Any] = {
    "name": "Draft",
    "points_per_hour": 20,
    "effective_from": date(2026, 12, 1),
}


def _compare(session: Session, town: Town, who: str = "manager", **facts: Any) -> Comparison:
    told = {"since": SINCE, "until": UNTIL} | DRAFT | facts
    return replay.compare(session, actor=town.actor(who), at=NOW, **told)


@pytest.fixture
def served(session: Session, town: Town) -> Town:
    """The volunteer served three hours, the other one: by 10 an hour."""
    make_rule(session, town)
    shift = make_shift(session, town)
    for person, until in ((town.volunteer, local(12)), (town.other, local(10))):
        approve(session, town, make_attendance(session, shift, person, left=until))
    return town


def test_who_gains_and_what_it_costs(session: Session, served: Town) -> None:
    found = _compare(session, served, min_minutes=90)
    changes = {who: (one.was, one.would) for who, one in found.people.items()}
    assert changes == {served.volunteer.id: (30, 60), served.other.id: (10, 0)}
    assert (found.gain, found.lose) == (1, 1)
    assert [(one.was, one.would) for one in found.funds.values()] == [(40, 60)]
    assert (found.whole.attendances, found.whole.difference) == (2, 20)
    assert [one for one, _ in found.changed(1)] == [served.volunteer.id]


def test_caps_of_the_draft_count_in_the_order_of_approval(session: Session, town: Town) -> None:
    make_rule(session, town)
    for hour in (9, 11, 13):
        shift = make_shift(session, town, starts_at=local(hour), ends_at=local(hour + 1))
        approve(session, town, make_attendance(session, shift, town.volunteer))
    found = _compare(session, town, daily_cap_points=50)
    assert (found.whole.was, found.whole.would) == (30, 50)
    found = _compare(session, town, red_post_cap_points=25)
    assert found.whole.would == 25


def test_only_what_the_draft_would_govern(session: Session, town: Town) -> None:
    """A general draft leaves a red post with its own rule alone, one of a red post all others."""
    actor = town.actor("manager")
    other = red_posts.add(session, actor=actor, at=NOW, name="River", kind="environment")
    fair = activities.add(session, actor=actor, at=NOW, name="Fair")
    make_rule(session, town)
    make_rule(session, town, name="Own", red_post_id=other.id, points_per_hour=6)
    places: list[dict[str, Any]] = [{}, {"red_post_id": other.id}, {"activity_id": fair.id}]
    for number, place in enumerate(places):
        hours = {"starts_at": local(9 + number), "ends_at": local(10 + number)}
        shift = make_shift(session, town, **place, **hours)
        approve(session, town, make_attendance(session, shift, town.volunteer))
    assert _compare(session, town).whole.attendances == 2
    assert _compare(session, town, red_post_id=other.id).whole.was == 6


def test_captain_and_deputy_have_their_coefficient(session: Session, town: Town) -> None:
    make_rule(session, town)
    shift = make_shift(session, town)
    for person in (town.captain, town.deputy, town.volunteer):
        approve(session, town, make_attendance(session, shift, person), by="manager")
    found = _compare(
        session, town, points_per_hour=10, captain_coefficient=150, deputy_coefficient=120
    )
    would = {who: one.would for who, one in found.people.items()}
    assert would == {town.captain.id: 45, town.deputy.id: 36, town.volunteer.id: 30}


def test_nothing_is_written_and_adopting_touches_no_award(session: Session, served: Town) -> None:
    def kept() -> list[Any]:
        session.flush()
        mine = select(Award.id, Award.points).where(Award.community_id == served.id)
        made = select(func.count()).where(AwardRule.community_id == served.id)
        return [*session.execute(mine.order_by(Award.id)).all(), session.scalar(made)]

    before = kept()
    _compare(session, served)
    assert not session.new
    assert kept() == before
    versions.add(session, actor=served.actor("manager"), at=NOW, **DRAFT)
    assert kept()[:-1] == before[:-1]


def test_what_is_refused(session: Session, served: Town) -> None:
    with pytest.raises(NotAllowed):
        _compare(session, served, "captain")
    with pytest.raises(NotFound):
        _compare(session, served, red_post_id=ids.new())
    for wrong in (
        {"until": SINCE - timedelta(days=1)},
        {"since": SINCE - timedelta(days=replay.DAYS_MAX)},
        {"points_per_hour": -1},
        {"captain_coefficient": 0},
    ):
        with pytest.raises(Invalid):
            _compare(session, served, **wrong)
