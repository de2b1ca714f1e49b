"""Templates: one shift a date, whoever makes it, however late, and whatever the clock does."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kit import stroke
from kit.errors import Invalid, NotAllowed, NotFound
from people.models import Community
from shifts import queries, slots
from shifts.presence import cancelling
from shifts.rota import finding, leading, planning, replanning, sign_ups, templates
from shifts.rota.templates import Plan
from shifts.slots import Pattern
from shifts.tables.rota import Shift
from shifts.tables.templates import ShiftTemplate
from tests.shifts.factories import SHANGHAI, Town, local

AT = local(12, day=22)
FIRST_FRIDAY = {"weekdays": (5,), "weeks": (1,)}


def _plan(town: Town, **facts: Any) -> Plan:
    told: dict[str, Any] = {
        "title": "Night patrol",
        "starts": "20:00",
        "minutes": 180,
        "valid_from": date(2026, 11, 1),
        "captain_id": town.captain.id,
        "deputy_ids": [town.deputy.id],
        "seats": 4,
        "seats_min": 2,
    }
    return Plan(**(told | facts))


def _add(session: Session, town: Town, **facts: Any) -> ShiftTemplate:
    plan = _plan(town, **facts)
    return templates.add(
        session, actor=town.actor("manager"), at=AT, plan=plan, red_post_id=town.red_post.id
    )[0]


def _change(session: Session, town: Town, row: ShiftTemplate, at: datetime = AT, **to: Any) -> Any:
    return templates.change(session, actor=town.actor("captain"), at=at, template_id=row.id, **to)[
        1
    ]


def _live(session: Session, town: Town, row: ShiftTemplate) -> list[Shift]:
    query = select(Shift).where(
        Shift.community_id == town.id, Shift.template_id == row.id, Shift.status != "cancelled"
    )
    return list(session.scalars(query.order_by(Shift.starts_at)))


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Africa/Cairo"])
@pytest.mark.parametrize("starts", ["20:00", "02:30", "00:15"])
def test_five_years_have_one_slot_a_night(zone: str, starts: str) -> None:
    pattern = Pattern(slots.EVERY_DAY, (), starts, 180, date(2026, 1, 1))
    found = list(slots.between(pattern, zone, date(2026, 1, 1), date(2030, 12, 31)))
    assert [slot.day for slot in found] == [
        date(2026, 1, 1) + timedelta(days=number) for number in range(1826)
    ]
    assert all(one.ends_at <= two.starts_at for one, two in itertools.pairwise(found))


def test_the_first_friday_and_the_last_sunday() -> None:
    def days(weekday: int, week: int) -> list[int]:
        pattern = Pattern((weekday,), (week,), "19:00", 90, date(2026, 1, 1))
        found = slots.between(pattern, "Asia/Shanghai", date(2026, 1, 1), date(2026, 6, 30))
        return [slot.day.day for slot in found]

    assert days(5, 1) == [2, 6, 6, 3, 1, 5]
    assert days(7, slots.LAST) == [25, 22, 29, 26, 31, 28]


def test_a_day_that_the_zone_left_out_has_no_slot() -> None:
    pattern = Pattern(slots.EVERY_DAY, (), "20:00", 60, date(2011, 12, 29))
    found = slots.between(pattern, "Pacific/Apia", date(2011, 12, 29), date(2011, 12, 31))
    assert [slot.day.day for slot in found] == [29, 31]


def test_shifts_are_made_ahead_and_only_from_now_on(session: Session, town: Town) -> None:
    row = _add(session, town)
    made = _live(session, town, row)
    assert [shift.slot_on for shift in made] == [
        date(2026, 11, 22) + timedelta(days=number) for number in range(36)
    ]
    first = made[0]
    assert (first.starts_at, first.ends_at) == (local(20), local(23))
    assert (first.seats_min, first.seats, first.status) == (2, 4, "published")
    assert leading.deputy_ids(session, first) == [town.deputy.id]
    assert planning.tick(session, town.id, AT) == 0
    assert planning.tick(session, town.id, AT + timedelta(days=3)) == 1
    assert planning.tick(session, town.id, AT + timedelta(days=3)) == 0
    assert len(_live(session, town, row)) == 39


def test_a_late_tick_changes_no_answer(session: Session, town: Town) -> None:
    """What a list shows before the tick is what the tick writes down: ids, times, codes."""
    _add(session, town)
    later = AT + timedelta(days=20)

    def seen() -> list[Any]:
        return queries.shifts(
            session, actor=town.actor("volunteer"), at=later, limit=100, since=later
        )

    before = seen()
    assert len(before) == 36
    one = queries.shift(session, actor=town.actor("other"), at=later, shift_id=before[0].id)
    assert one == before[0]
    while planning.tick(session, town.id, later):
        pass
    session.expire_all()
    assert seen() == before


def test_a_call_that_writes_makes_what_is_due(session: Session, town: Town) -> None:
    _add(session, town)
    later = AT + timedelta(days=60)
    actor = town.actor("volunteer")
    wanted = queries.shifts(session, actor=actor, at=later, limit=1)[0]
    row = sign_ups.sign_up(session, actor=actor, at=later, shift_id=wanted.id)
    assert (row.shift_id, row.status) == (wanted.id, "confirmed")


def test_the_code_of_a_night_finds_it_before_any_tick(session: Session, town: Town) -> None:
    _add(session, town)
    night = local(20) + timedelta(days=90)
    found = finding.open_shifts_at(session, town.id, night, red_post_id=town.red_post.id)
    assert [shift.starts_at for shift in found] == [night]
    writing = stroke.Unit(bind=session.connection(), join_transaction_mode="create_savepoint")
    with writing:
        again = finding.open_shifts_at(writing, town.id, night, red_post_id=town.red_post.id)
        assert [shift.id for shift in again] == [found[0].id]


def test_a_change_moves_what_nobody_touched_and_names_the_rest(
    session: Session, town: Town
) -> None:
    row = _add(session, town)
    nights = _live(session, town, row)
    at = local(20, 30)  # the first night has begun
    actor = town.actor("volunteer")
    sign_ups.sign_up(session, actor=actor, at=at, shift_id=nights[3].id)
    gone = sign_ups.sign_up(session, actor=actor, at=at, shift_id=nights[4].id)
    sign_ups.withdraw(session, actor=actor, at=at, sign_up_id=gone.id)
    cancelling.cancel(
        session, actor=town.actor("captain"), at=at, shift_id=nights[5].id, reason="holiday"
    )
    found = _change(session, town, row, at, starts="21:00", seats=6)
    assert (found.added, found.changed, found.cancelled) == (0, 33, 0)
    assert [(one.shift_id, one.why) for one in found.kept] == [(nights[3].id, replanning.SIGNED_UP)]
    after = _live(session, town, row)
    assert len(after) == 35
    assert [one.slot_on for one in after if one.starts_at.astimezone(SHANGHAI).hour == 20] == [
        date(2026, 11, 22), date(2026, 11, 25),
    ]  # fmt: skip
    again = _change(session, town, row, at)
    assert (again.added, again.changed, again.cancelled) == (0, 0, 0)


def test_days_given_up_and_taken_back_get_one_new_shift_each(session: Session, town: Town) -> None:
    row = _add(session, town)
    found = _change(session, town, row, weekdays=(1, 3))
    assert (found.cancelled, len(_live(session, town, row))) == (26, 10)
    found = _change(session, town, row, weekdays=slots.EVERY_DAY)
    assert (found.added, len(_live(session, town, row))) == (26, 36)
    days = [shift.slot_on for shift in _live(session, town, row)]
    assert len(set(days)) == 36


def test_an_ended_template_makes_no_more(session: Session, town: Town) -> None:
    row = _add(session, town)
    nights = _live(session, town, row)
    actor, boss = town.actor("volunteer"), town.actor("manager")
    sign_ups.sign_up(session, actor=actor, at=AT, shift_id=nights[9].id)
    last = date(2026, 11, 24)
    found = templates.end(session, actor=boss, at=AT, template_id=row.id, last_on=last)[1]
    assert (found.cancelled, [one.slot_on for one in found.kept]) == (32, [date(2026, 12, 1)])
    assert planning.tick(session, town.id, AT + timedelta(days=50)) == 0
    assert len(_live(session, town, row)) == 4
    with pytest.raises(Invalid):
        templates.end(session, actor=boss, at=AT, template_id=row.id, last_on=date(2026, 10, 1))


def test_the_database_keeps_one_shift_a_date(session: Session, town: Town) -> None:
    row = _add(session, town)
    slot = slots.Slot(date(2026, 11, 22), local(18), local(19))
    with pytest.raises(IntegrityError), session.begin_nested():
        planning.make(session, row, "Asia/Shanghai", [slot], AT)


def test_a_zone_with_daylight_saving(session: Session, town: Town) -> None:
    """A year of nights at half past two: the hour that is missing and the one that comes twice."""
    community = session.get(Community, town.id)
    assert community is not None
    community.zone = "America/New_York"
    session.flush()
    row = _add(session, town, starts="02:30", minutes=60)
    at = datetime(2027, 11, 20, tzinfo=UTC)
    while planning.tick(session, town.id, at):
        pass
    counted = session.execute(
        select(func.count(), func.count(Shift.starts_at.distinct())).where(
            Shift.community_id == town.id, Shift.template_id == row.id
        )
    ).one()
    assert tuple(counted) == (398, 398)


def test_who_sets_a_template(session: Session, town: Town) -> None:
    row = _add(session, town)
    for name in ("volunteer", "other_captain", "treasurer"):
        with pytest.raises(NotAllowed):
            templates.change(
                session, actor=town.actor(name), at=AT, template_id=row.id, title="Mine"
            )
    with pytest.raises(NotAllowed):
        templates.add(session, actor=town.actor("other"), at=AT, plan=_plan(town),
                      red_post_id=town.red_post.id)  # fmt: skip
    with pytest.raises(NotFound):
        _change(session, town, ShiftTemplate(id=town.id))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (8,)}, "weekdays"),
        ({"weeks": (5,)}, "weeks"),
        ({"starts": "24:00"}, "starts"),
        ({"minutes": 1441}, "minutes"),
        ({"valid_until": date(2026, 10, 1)}, "valid_until"),
        ({"seats_min": 5}, "seats_min"),
        ({"title": " "}, "title"),
    ],
)
def test_a_plan_that_makes_no_sense(
    session: Session, town: Town, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _add(session, town, **wrong)
    assert list(refused.value.errors) == [field]
