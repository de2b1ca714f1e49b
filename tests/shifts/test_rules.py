"""Award rules: versions, what is in force, and that none reaches back over an award."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from shifts.rota import activities, red_posts
from shifts.rules import versions
from shifts.rules.sums import Night
from shifts.rules.versions import NightRate
from tests.shifts import factories
from tests.shifts.factories import NOW, Town, make_attendance, make_rule, make_shift

TODAY = date(2026, 11, 22)


def test_the_same_name_makes_the_next_version(session: Session, town: Town) -> None:
    first, second, other = (make_rule(session, town, name=name) for name in ("A", "A", "B"))
    assert [row.version for row in (first, second, other)] == [1, 2, 1]


def test_what_is_in_force(session: Session, town: Town) -> None:
    january = make_rule(session, town, name="A", effective_from=date(2026, 1, 1))
    june = make_rule(session, town, name="B", effective_from=date(2026, 6, 1))
    own = make_rule(
        session, town, name="C", effective_from=date(2026, 3, 1), red_post_id=town.red_post.id
    )

    def found(red_post_id: Any, day: date) -> Any:
        terms = versions.in_force(session, town.id, red_post_id, day)
        return terms and terms.rule_id

    assert found(None, date(2025, 12, 31)) is None
    assert found(None, date(2026, 5, 31)) == january.id
    assert found(None, date(2026, 6, 1)) == june.id
    assert found(town.red_post.id, date(2026, 2, 28)) == january.id
    assert found(town.red_post.id, date(2026, 7, 1)) == own.id


def test_of_two_from_one_day_the_last_made_counts(session: Session, town: Town) -> None:
    make_rule(session, town)
    last = make_rule(session, town, points_per_hour=12)
    terms = versions.in_force(session, town.id, None, TODAY)
    assert terms is not None
    assert terms.rule_id == last.id


def test_terms_are_what_was_said(session: Session, town: Town) -> None:
    row = make_rule(
        session,
        town,
        points_per_hour=12,
        round_down_minutes=30,
        min_minutes=60,
        daily_cap_points=40,
        night=NightRate("22:00", "06:00", 18),
    )
    terms = versions.terms(row)
    assert (terms.points_per_hour, terms.round_down_minutes, terms.min_minutes) == (12, 30, 60)
    assert (terms.daily_cap_points, terms.night) == (40, Night(time(22), time(6), 18))


NONSENSE: list[dict[str, Any]] = [
    {"points_per_hour": -1},
    {"points_per_hour": versions.RATE_MAX + 1},
    {"round_down_minutes": 0},
    {"min_minutes": -1},
    {"daily_cap_points": -1},
    {"name": " "},
    {"night": NightRate("22:00", "22:00", 1)},
    {"night": NightRate("24:00", "06:00", 1)},
    {"night": NightRate("22:00+08:00", "06:00", 1)},
    {"night": NightRate("22:00", "6:00", 1)},
    {"night": NightRate("２２:00", "06:00", 1)},
]


def test_what_makes_no_sense_is_invalid(session: Session, town: Town) -> None:
    for wrong in NONSENSE:
        with pytest.raises(Invalid) as refused:
            make_rule(session, town, **wrong)
        assert list(refused.value.errors) == list(wrong), wrong


def test_only_a_manager_makes_rules(session: Session, town: Town) -> None:
    for who in ("captain", "volunteer", "treasurer"):
        with pytest.raises(NotAllowed):
            versions.add(session, actor=town.actor(who), at=NOW, name="A", points_per_hour=1,
                      effective_from=TODAY)  # fmt: skip


def test_a_red_post_that_is_not_there(session: Session, town: Town) -> None:
    with pytest.raises(NotFound):
        make_rule(session, town, red_post_id=ids.new())


class TestReachingBack:
    """An award was made on 22 November at the red post; it is the 23rd now."""

    NEXT_DAY = factories.local(12, day=23)

    def _award(self, session: Session, town: Town) -> None:
        row = make_attendance(session, make_shift(session, town), town.volunteer)
        factories.approve(session, town, row)

    def _add(self, session: Session, town: Town, **facts: Any) -> None:
        told: dict[str, Any] = {"name": "Late", "points_per_hour": 1, "effective_from": TODAY}
        versions.add(session, actor=town.actor("manager"), at=self.NEXT_DAY, **(told | facts))

    def test_over_an_award_without_any_rule(self, session: Session, town: Town) -> None:
        self._award(session, town)
        with pytest.raises(Conflict, match="already_applied"):
            self._add(session, town)

    def test_over_an_award_of_an_earlier_rule(self, session: Session, town: Town) -> None:
        make_rule(session, town)
        self._award(session, town)
        with pytest.raises(Conflict, match="already_applied"):
            self._add(session, town, effective_from=date(2026, 2, 1))
        with pytest.raises(Conflict, match="already_applied"):
            self._add(session, town, red_post_id=town.red_post.id)

    def test_where_another_governs_all_the_same(self, session: Session, town: Town) -> None:
        make_rule(session, town, effective_from=date(2026, 6, 1))
        self._award(session, town)
        self._add(session, town, effective_from=date(2026, 5, 1))

    def test_a_general_rule_below_the_red_posts_own(self, session: Session, town: Town) -> None:
        make_rule(session, town, red_post_id=town.red_post.id)
        self._award(session, town)
        self._add(session, town)

    def test_another_red_post(self, session: Session, town: Town) -> None:
        other = red_posts.add(
            session, actor=town.actor("manager"), at=NOW, name="Culture", kind="culture"
        )
        self._award(session, town)
        self._add(session, town, red_post_id=other.id)

    def test_a_red_posts_rule_and_an_activitys_award(self, session: Session, town: Town) -> None:
        fair = activities.add(session, actor=town.actor("manager"), at=NOW, name="Fair")
        shift = make_shift(session, town, activity_id=fair.id)
        factories.approve(session, town, make_attendance(session, shift, town.volunteer))
        self._add(session, town, red_post_id=town.red_post.id)
        with pytest.raises(Conflict, match="already_applied"):
            self._add(session, town)

    def test_after_the_award(self, session: Session, town: Town) -> None:
        self._award(session, town)
        self._add(session, town, effective_from=date(2026, 11, 23))
