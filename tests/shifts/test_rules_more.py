"""Caps of a red post and of a fund, coefficients, and the second signature under a version."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kit import ids
from kit.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from messages.models import Message
from people import communities, households
from people.models import Person
from reports import sentences
from shifts.approval import awards
from shifts.review import corrections
from shifts.rota import red_posts
from shifts.rules import signing, versions
from shifts.tables.rota import AwardRule, RuleSignature
from tests import factories
from tests.shifts.factories import (
    NOW,
    Town,
    approve,
    local,
    make_attendance,
    make_fund,
    make_rule,
    make_shift,
)

TODAY = date(2026, 11, 22)


def _points(session: Session, town: Town, person: Person, hour: int, **place: Any) -> int:
    """Serve one hour, be approved, and have so many points for it."""
    hours = {"starts_at": local(hour), "ends_at": local(hour + 1)}
    row = make_attendance(session, make_shift(session, town, **place, **hours), person)
    approve(session, town, row, by="manager")
    award = awards.of(session, town.id, row.id)
    assert award is not None
    return award.points


class TestCaps:
    """Of one person on one day: at one red post, and from one fund."""

    def test_of_a_red_post(self, session: Session, town: Town) -> None:
        make_rule(session, town, red_post_cap_points=15)
        actor = town.actor("manager")
        other = red_posts.add(session, actor=actor, at=NOW, name="River", kind="environment")
        mine = town.volunteer
        assert [_points(session, town, mine, hour) for hour in (8, 9, 10)] == [10, 5, 0]
        assert _points(session, town, mine, 11, red_post_id=other.id) == 10
        assert _points(session, town, town.other, 12) == 10

    def test_of_a_fund(self, session: Session, town: Town) -> None:
        make_rule(session, town, fund_cap_points=15, daily_cap_points=18)
        actor = town.actor("manager")
        fund_id = make_fund(session, community_id=town.id, points_budget=None)
        told: dict[str, Any] = {"name": "River", "kind": "environment", "fund_id": fund_id}
        other = red_posts.add(session, actor=actor, at=NOW, **told)
        mine = town.volunteer
        assert [_points(session, town, mine, hour) for hour in (8, 9)] == [10, 5]
        # The day's own cap cuts what the other fund would still pay.
        assert _points(session, town, mine, 10, red_post_id=other.id) == 3

    def test_an_amended_stay_leaves_its_part_free(self, session: Session, town: Town) -> None:
        make_rule(session, town, red_post_cap_points=30)
        row = make_attendance(session, make_shift(session, town), town.volunteer)
        approve(session, town, row)
        corrections.amend(
            session,
            actor=town.actor("manager"),
            at=NOW,
            attendance_id=row.id,
            checked_out_at=local(11),
            reason="left at eleven",
        )
        approve(session, town, row, by="second")
        award = awards.of(session, town.id, row.id)
        assert award is not None
        assert award.points == 20


class TestCoefficients:
    """Whoever leads the shift may earn more for the same minutes."""

    def test_captain_deputy_and_the_rest(self, session: Session, town: Town) -> None:
        make_rule(session, town, captain_coefficient=125, deputy_coefficient=110)
        shift = make_shift(session, town)
        found = {}
        for person in (town.captain, town.deputy, town.volunteer):
            row = make_attendance(session, shift, person)
            approve(session, town, row, by="manager")
            award = awards.of(session, town.id, row.id)
            assert award is not None
            found[person.id] = (award.points, award.inputs.get("role"))
        assert found == {
            town.captain.id: (37, "captain"),
            town.deputy.id: (33, "deputy"),
            town.volunteer.id: (30, None),
        }

    def test_the_sum_says_it(self, session: Session, town: Town) -> None:
        night = versions.NightRate("10:00", "11:00", 16)
        make_rule(session, town, captain_coefficient=125, red_post_cap_points=40, night=night)
        row = make_attendance(session, make_shift(session, town), town.captain)
        approve(session, town, row, by="manager")
        award = awards.of(session, town.id, row.id)
        assert award is not None
        assert sentences.sum_of(award.steps, "zh") == (
            "(120 分钟 × 10 + 60 分钟 × 16) ÷ 60 × 岗长系数 1.25 = 45 分，"
            "同一岗位当日上限 40 分，还可得 40 分，计 40 分"
        )
        assert sentences.sum_of(award.steps, "en").startswith(
            "(120 min × 10 + 60 min × 16) ÷ 60 × 1.25 (captain) = 45 points, Daily cap 40 at one"
        )


@pytest.mark.parametrize(
    "wrong",
    [{"captain_coefficient": 0}, {"deputy_coefficient": 1001}, {"fund_cap_points": -1}],
)
def test_what_cannot_be_is_refused(session: Session, town: Town, wrong: dict[str, int]) -> None:
    with pytest.raises(Invalid):
        make_rule(session, town, **wrong)


class TestSignature:
    """Where the community wants two managers."""

    @pytest.fixture
    def waiting(self, session: Session, town: Town) -> AwardRule:
        """A version that waits for the second one; before it, one that nobody had to sign."""
        make_rule(session, town)
        self._want(session, town)
        return make_rule(session, town, points_per_hour=20, effective_from=TODAY)

    def test_what_is_not_signed_is_not_in_force(
        self, session: Session, town: Town, waiting: AwardRule
    ) -> None:
        assert _points(session, town, town.volunteer, 8) == 10
        # The award of today was made meanwhile; from tomorrow on the version may still count.
        later = make_rule(session, town, points_per_hour=20, effective_from=TODAY)
        assert later.signature_asked_at == NOW
        self._sign(session, town, waiting)
        assert _points(session, town, town.volunteer, 9) == 20

    def test_who_may_sign_is_told_once(
        self, session: Session, town: Town, waiting: AwardRule
    ) -> None:
        rows = session.execute(
            select(Message.person_id, Message.facts).where(
                Message.community_id == town.id, Message.kind == "rule_to_sign"
            )
        )
        ((who, facts),) = rows
        assert who == town.second.id
        assert facts["rule_id"] == str(waiting.id)

    def test_by_another_manager_and_once(
        self, session: Session, town: Town, waiting: AwardRule
    ) -> None:
        for who, code in (("captain", "not_allowed"), ("manager", "own_approval")):
            assert self._refused(session, town, waiting, who) == code
        self._sign(session, town, waiting)
        assert self._refused(session, town, waiting, "second") == "already_decided"
        with pytest.raises(NotFound):
            signing.sign(session, actor=town.actor("second"), at=NOW, rule_id=ids.new())

    def test_not_by_the_household(self, session: Session, town: Town, waiting: AwardRule) -> None:
        pair = [town.manager.id, town.second.id]
        actor = town.actor("manager")
        households.form(session, actor=actor, at=NOW, person_ids=pair)
        assert self._refused(session, town, waiting, "second") == "own_approval"

    def test_the_database_refuses_ones_own(
        self, session: Session, town: Town, waiting: AwardRule
    ) -> None:
        facts = {"rule_id": waiting.id, "signed_by": town.manager.id, "signed_at": NOW}
        with pytest.raises(Exception, match="own_approval"), session.begin_nested():
            session.execute(insert(RuleSignature).values(community_id=town.id, **facts))

    def test_a_late_signature_reaches_no_further_back(
        self, session: Session, town: Town, waiting: AwardRule
    ) -> None:
        _points(session, town, town.volunteer, 8)
        tomorrow = NOW + timedelta(days=1)
        with pytest.raises(Conflict, match="already_applied"):
            signing.sign(session, actor=town.actor("second"), at=tomorrow, rule_id=waiting.id)

    def test_what_nobody_asked_for_is_not_signed(self, session: Session, town: Town) -> None:
        row = make_rule(session, town)
        assert self._refused(session, town, row, "second") == "already_decided"

    def _want(self, session: Session, town: Town) -> None:
        first = factories.make_person(session, community_id=town.id, name="Bai", held=("admin",))
        wanted = {"award_rules": True, "write_offs": False}
        actor = factories.actor_of(first)
        communities.change(session, actor=actor, at=NOW, second_signature=wanted)

    def _sign(self, session: Session, town: Town, row: AwardRule, who: str = "second") -> None:
        signing.sign(session, actor=town.actor(who), at=NOW, rule_id=row.id)

    def _refused(self, session: Session, town: Town, row: AwardRule, who: str) -> str:
        with pytest.raises((NotAllowed, Conflict)) as refused:
            self._sign(session, town, row, who)
        found: DomainError = refused.value
        return found.code
