"""Communities and their settings; consents; the checks that find what should not be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from audit.models import Entry
from kit import ids
from kit.db import Database
from kit.errors import Invalid, NotAllowed, NotFound
from ledger import books
from people import access, checks, communities, consents, masking, register, roles
from people.credential_models import Card
from people.models import Consent, Person, RoleGrant, SignInHandle, Unit
from people.roles import Held
from tests import factories
from tests.people.village import EVERYBODY, Village


def test_a_community_opens_with_its_first_person(database: Database) -> None:
    community, first = database.write(lambda s: factories.make_community(s, name="幸福社区"))
    held = database.read(lambda s: roles.of(s, community.id, first.id))
    assert held == (Held("admin"), Held("manager"))
    with pytest.raises(Invalid) as refused:
        database.write(lambda s: factories.make_community(s, name=" 幸福社区 "))
    assert refused.value.errors.keys() == {"name"}
    other, _ = database.write(lambda s: factories.make_community(s, name="Another"))
    assert database.read(lambda s: list(checks.problems(s, other.id))) == []


def test_the_settings_begin_as_the_contract_says(village: Village) -> None:
    settings = village.read(lambda s: communities.settings_of(s, village.community_id))
    told = settings.told()
    assert told.pop("name").startswith("Community")
    assert UUID(told.pop("general_fund_id")).version == 7
    assert told == {
        "zone": "Asia/Shanghai",
        "notice_days": 0,
        "points_expiry": "none",
        "approval_tiers_hours": [8, 12],
        "grade_caps_hours": None,
        "order_approval_above": None,
        "pickup_days": 14,
        "rest_hours": 0,
        "week_hours": 0,
        "second_signature": {"award_rules": False, "write_offs": False},
        "sample_percent": 5,
        "objection_days": 15,
        "decision_days": 7,
    }
    # What is told may be sent back as it is.
    del told["zone"]
    village.perform("admin", communities.change, **told)


def test_a_change_is_read_by_the_next_call_and_audited(village: Village) -> None:
    village.perform("admin", communities.change, approval_tiers_hours=[4, 6], pickup_days=3)
    settings = village.read(lambda s: communities.settings_of(s, village.community_id))
    assert (settings.approval_tiers_hours, settings.pickup_days) == ((4, 6), 3)
    last = max(village.rows(Entry), key=lambda entry: entry.id)
    assert last.before == {"approval_tiers_hours": [8, 12], "pickup_days": 14}
    assert last.after == {
        "approval_tiers_hours": [4, 6],
        "fields": ["approval_tiers_hours", "pickup_days"],
        "pickup_days": 3,
    }


def test_nobody_loses_days_in_which_to_object(village: Village) -> None:
    """What was decided before a change keeps the days that it had then."""
    first = village.clock.now()
    hour = timedelta(hours=1)
    for days in (20, 20, 5):
        village.perform("admin", communities.change, objection_days=days)
        village.clock.at += hour
    found = village.read(lambda s: communities.settings_of(s, village.community_id))
    days_of = [found.objection_days_at(first + part) for part in (-hour, 0 * hour, hour, 2 * hour)]
    assert days_of == [15, 20, 20, 5]
    assert len(found.objection_days_were) == 2


def test_an_admin_changes_settings(village: Village) -> None:
    for who in EVERYBODY:
        if who == "admin":
            assert village.perform(who, communities.change, name="Renamed").name == "Renamed"
        else:
            with pytest.raises(NotAllowed):
                village.perform(who, communities.change, name="Renamed")


def _books(village: Village) -> tuple[str, date | None]:
    found = village.read(lambda s: books.of(s, village.community_id))
    return found.zone, found.grace_until


def test_expiry_that_is_switched_on_leaves_a_whole_period(village: Village) -> None:
    assert _books(village) == ("Asia/Shanghai", None)
    settings = village.perform("admin", communities.change, points_expiry={"months": 12})
    assert settings.points_expiry == {"months": 12}
    assert _books(village)[1] == date(2027, 11, 30)
    # Between two policies the promise stays; switched off, there is nothing to wait for.
    village.perform("admin", communities.change, points_expiry="end_of_next_year", notice_days=60)
    assert _books(village)[1] == date(2027, 11, 30)
    village.perform("admin", communities.change, points_expiry="none")
    assert _books(village)[1] is None
    village.perform("admin", communities.change, points_expiry="end_of_next_year")
    assert _books(village)[1] == date(2027, 12, 31)
    told = village.read(lambda s: communities.settings_of(s, village.community_id)).told()
    assert (told["notice_days"], told["points_expiry"]) == (60, "end_of_next_year")


def test_the_books_go_by_the_zone(village: Village) -> None:
    village.perform(
        "admin", communities.change, zone="Pacific/Auckland", points_expiry={"months": 1}
    )
    assert _books(village) == ("Pacific/Auckland", date(2026, 12, 31))


IMPOSSIBLE: list[tuple[str, Any]] = [
    ("name", ""),
    ("zone", "Asia/Atlantis"),
    ("zone", "../etc/passwd"),
    ("zone", ""),
    ("approval_tiers_hours", [12, 8]),
    ("approval_tiers_hours", [8]),
    ("approval_tiers_hours", [True, 12]),
    ("approval_tiers_hours", [8, 25]),
    ("approval_tiers_hours", "8"),
    ("pickup_days", 0),
    ("pickup_days", True),
    ("pickup_days", 366),
    ("notice_days", -1),
    ("notice_days", 61),
    ("notice_days", False),
    ("notice_days", "5"),
    ("points_expiry", "never"),
    ("points_expiry", None),
    ("points_expiry", {"months": 0}),
    ("points_expiry", {"months": True}),
    ("points_expiry", {"months": 601}),
    ("points_expiry", {"months": 12, "days": 1}),
    ("points_expiry", 12),
    ("grade_caps_hours", {"a": 1, "b": 1, "c": 1}),
    ("grade_caps_hours", {"a": 1, "b": 2, "c": 1, "d": 1}),
    ("grade_caps_hours", {"a": 25, "b": 2, "c": 1, "d": 0}),
    ("grade_caps_hours", {"a": 1, "b": 1, "c": 1, "d": True}),
    ("grade_caps_hours", {"a": 1, "b": 1, "c": 1, "d": 0, "e": 0}),
    ("grade_caps_hours", [1, 1, 1, 1]),
    ("order_approval_above", -1),
    ("order_approval_above", True),
    ("order_approval_above", "100"),
    ("order_approval_above", 2**53),
    ("second_signature", {"award_rules": True, "write_offs": 1}),
    ("second_signature", {"award_rules": True}),
    ("second_signature", True),
    ("sample_percent", 0),
    ("objection_days", 61),
    ("decision_days", 0),
    ("objection_days_were", []),
    ("general_fund_id", "x"),
    ("nonsense", 1),
]


def test_a_setting_that_cannot_be_is_refused(village: Village) -> None:
    for field, value in IMPOSSIBLE:
        with pytest.raises(Invalid) as refused:
            village.perform("admin", communities.change, **{field: value})
        assert refused.value.errors.keys() == {field}, value


def test_a_name_belongs_to_one_community(village: Village) -> None:
    village.database.write(lambda s: factories.make_community(s, name="Elsewhere"))
    with pytest.raises(Invalid):
        village.perform("admin", communities.change, name="Elsewhere")
    with pytest.raises(NotFound):
        village.read(lambda s: communities.settings_of(s, ids.new()))


def test_consent_is_given_and_withdrawn_on_record(village: Village) -> None:
    whose = village.people["volunteer"]
    wanted = {"person_id": whose, "purpose": "board", "field": "name", "text_version": "2026-1"}
    first = village.perform("manager", consents.give, **wanted)
    assert (first.given_by, first.given_to) == (whose, village.people["manager"])
    assert _consents(village, whose, "name")
    assert not _consents(village, whose, "photo")
    second = village.perform("volunteer", consents.give, **{**wanted, "text_version": "2026-2"})
    village.perform("volunteer", consents.withdraw, consent_id=second.id)
    assert not _consents(village, whose, "name")
    rows = village.read(lambda s: consents.of(s, village.community_id, whose))
    assert [(row.text_version, row.withdrawn_at is None) for row in rows] == [
        ("2026-2", False),
        ("2026-1", False),
    ]
    for who in ("captain", "clerk", "treasurer", "auditor", "admin"):
        with pytest.raises(NotAllowed):
            village.perform(who, consents.give, **wanted)
        with pytest.raises(NotAllowed):
            village.perform(who, consents.withdraw, consent_id=first.id)
    with pytest.raises(Invalid):
        village.perform("manager", consents.give, **{**wanted, "purpose": "advertising"})


def test_the_guardian_consents_for_a_child(village: Village) -> None:
    parent = village.people["parent"] = village.person(birth_year=1990).id
    child = village.people["child"] = village.person(birth_year=2016, guardian_id=parent).id
    wanted = {"person_id": child, "purpose": "photo", "field": "photo", "text_version": "1"}
    for who, giver in (("child", child), ("manager", None), ("manager", village.people["clerk"])):
        with pytest.raises(Invalid):
            village.perform(who, consents.give, given_by=giver, **wanted)
    assert village.perform("manager", consents.give, given_by=parent, **wanted).given_by == parent
    given = village.perform("parent", consents.give, given_by=parent, **wanted)
    assert given.given_to == parent
    village.perform("parent", consents.withdraw, consent_id=given.id)
    assert len([row for row in village.rows(Consent) if row.withdrawn_at]) == 2
    grown = {**wanted, "person_id": village.people["volunteer"]}
    with pytest.raises(Invalid):
        village.perform("manager", consents.give, given_by=parent, **grown)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王芳", "王〇"),
        ("王小芳", "王〇芳"),
        ("欧阳小芳", "欧〇〇芳"),
        ("王", "〇"),
        ("Li Mei", "L〇 M〇"),
        ("Li", "L〇"),
        ("José", "J〇〇é"),
        ("", ""),
    ],
)
def test_a_masked_name_is_never_whole(name: str, shown: str) -> None:
    assert masking.masked(name) == shown


def test_a_village_that_lives_is_clean(village: Village) -> None:
    person = village.person(phone="13800138000", held=("clerk",))
    facts: dict[str, Any] = {"keys": factories.KEYS, "person_id": person.id}
    village.perform("founder", register.change, roles=["captain", "treasurer"], **facts)
    village.perform("founder", register.change, active=False, phone=None, **facts)
    assert _found(village) == []


def _no_card(session: Session, village: Village) -> None:
    session.execute(
        update(Card)
        .where(
            Card.community_id == village.community_id,
            Card.person_id == village.people["clerk"],
        )
        .values(revoked_at=factories.AT)
    )


def _no_handle(session: Session, village: Village) -> None:
    founder = village.people["founder"]
    session.execute(delete(SignInHandle).where(SignInHandle.person_id == founder))


def _stray_handle(session: Session, village: Village) -> None:
    row = {"handle_hash": b"x" * 32, "person_id": village.people["clerk"]}
    session.execute(insert(SignInHandle), [{**row, "community_id": village.community_id}])


def _wrong_grant(session: Session, village: Village) -> None:
    row = {
        "community_id": village.community_id,
        "id": ids.new(),
        "person_id": village.people["volunteer"],
        "role": "treasurer",
        "unit_id": None,
        "granted_by": village.people["manager"],
        "granted_at": factories.AT,
    }
    session.execute(insert(RoleGrant), [row])


def _circle(session: Session, village: Village) -> None:
    made: dict[str, Any] = {"community_id": village.community_id}
    top = factories.make_unit(session, **made)
    below = factories.make_unit(session, parent_id=top.id, **made)
    where = (Unit.community_id == village.community_id, Unit.id == top.id)
    session.execute(update(Unit).where(*where).values(parent_id=below.id))


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (_no_card, "person_without_card"),
        (_no_handle, "phone_handles"),
        (_stray_handle, "handle_without_phone"),
        (_wrong_grant, "grant_without_right"),
        (_circle, "units_in_a_circle"),
    ],
)
def test_the_check_finds_what_should_not_be(
    village: Village, harm: Callable[[Session, Village], None], code: str
) -> None:
    assert _found(village) == []
    village.write(lambda s: harm(s, village))
    assert set(_found(village)) == {code}


def test_the_check_finds_a_sign_in_of_somebody_who_left(village: Village) -> None:
    person = village.person(phone="13800138000", password=factories.PASSWORD)
    village.write(
        lambda s: access.make(s, person=person, kind="api", limited=False, at=factories.AT)
    )
    village.write(
        lambda s: s.execute(
            update(Person)
            .where(Person.community_id == village.community_id, Person.id == person.id)
            .values(deactivated_at=factories.AT)
        )
    )
    assert _found(village) == ["token_of_nobody"]


def _found(village: Village) -> list[str]:
    return village.read(lambda s: [one.code for one in checks.problems(s, village.community_id)])


def _consents(village: Village, person_id: UUID, field: str) -> bool:
    facts = {"purpose": "board", "field": field}
    return village.read(lambda s: consents.holds(s, village.community_id, person_id, **facts))


def test_localtime_is_no_zone_and_nought_is_not_false(village: Village) -> None:
    signatures = {"award_rules": False, "write_offs": False}
    wrong: list[dict[str, object]] = [
        {"zone": "localtime"},
        {"second_signature": signatures | {"award_rules": 0}},
        {"second_signature": signatures | {"write_offs": 0.0}},
        {"notice_days": False},
    ]
    for facts in wrong:
        with pytest.raises(Invalid):
            village.perform("admin", communities.change, **facts)
    village.perform("admin", communities.change, zone="Europe/Paris", second_signature=signatures)
    signatures["award_rules"] = True
    village.perform("admin", communities.change, second_signature=signatures)
