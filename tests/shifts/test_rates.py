"""The rule beside each red post: the one that an award of today would be made by."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from people.models import Community
from shifts.rota import red_posts
from shifts.rules import rates, signing, versions
from shifts.tables.rota import RedPost
from tests.shifts.factories import NOW, Town, make_rule


def _add(session: Session, town: Town, **facts: Any) -> RedPost:
    told: dict[str, Any] = {"name": "Garden", "kind": "environment"} | facts
    return red_posts.add(session, actor=town.actor("manager"), at=NOW, **told)


def test_each_red_post_has_the_rule_of_its_awards_beside_it(session: Session, town: Town) -> None:
    garden, corner = _add(session, town), _add(session, town, earns="hours")
    posts = [town.red_post, garden, corner]
    assert rates.now(session, town.id, posts, NOW) == {}
    make_rule(session, town, name="A")
    general = make_rule(session, town, name="B", points_per_hour=12)
    make_rule(session, town, name="C", effective_from=date(2026, 11, 23))
    own = make_rule(session, town, name="D", points_per_hour=15, red_post_id=garden.id)
    found = rates.now(session, town.id, posts, NOW)
    assert {one: row.id for one, row in found.items()} == {
        town.red_post.id: general.id,
        garden.id: own.id,
    }
    for one, row in found.items():
        terms = versions.in_force(session, town.id, one, date(2026, 11, 22))
        assert terms is not None
        assert terms.rule_id == row.id


def test_what_is_not_signed_stands_beside_nothing(session: Session, town: Town) -> None:
    community = session.get_one(Community, town.id)
    community.settings = {"second_signature": {"award_rules": True, "write_offs": False}}
    rule = make_rule(session, town)
    assert rates.now(session, town.id, [town.red_post], NOW) == {}
    signing.sign(session, actor=town.actor("second"), at=NOW, rule_id=rule.id)
    assert list(rates.now(session, town.id, [town.red_post], NOW)) == [town.red_post.id]
