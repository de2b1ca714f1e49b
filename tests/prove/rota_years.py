"""Years of templates, ticked late and at random, against a recount of local dates by hand.

Invariant: the recount shares nothing with the program but the calendar: it lists the weekdays of
each month by ``calendar`` and reads each shift's wall clock back from its instant.
"""

import calendar
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.db import Database
from people import communities
from people.models import Community
from shifts.rota import planning, templates
from shifts.rota.templates import Plan
from shifts.tables.rota import Shift
from shifts.tables.templates import ShiftTemplate
from tests import factories
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.shifts.factories import Town, make_town

BEGUN = datetime(2026, 1, 1, 4, tzinfo=UTC)
ZONES = ("Asia/Shanghai", "America/New_York", "Africa/Cairo")
HOURS = ("20:00", "02:30", "01:30", "23:45", "00:00")


@proof("rota_years", "years of nightly and random templates: one shift a date, however late a tick")
def rota_years(run: Run) -> list[Figure]:
    figures = []
    chance = random.Random(run.seed)
    days = run.length(5 * 366, 120)
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            counted: Counter[str] = Counter()
            for zone in ZONES:
                counted += _zone(database, zone, days, run.length(6, 2), chance)
            database.dispose()
            figures += [
                at_least(f"{engine}: shifts", counted["shifts"], days * len(ZONES)),
                exactly(f"{engine}: dates without their shift", counted["missing"], 0),
                exactly(f"{engine}: shifts of no date, or a second one", counted["more"], 0),
                exactly(f"{engine}: at another time of day", counted["elsewhen"], 0),
                exactly(f"{engine}: made by a second ticker", counted["twice"], 0),
            ]
    return figures


def _zone(
    database: Database, zone: str, days: int, more: int, chance: random.Random
) -> Counter[str]:
    """One community: a nightly patrol and some random plans, ticked now and then."""
    town = database.write(make_town)

    def begin(session: Session) -> list[UUID]:
        community = session.get(Community, town.id)
        assert community is not None
        community.zone = zone
        session.flush()
        plans = [_plan(town, (), (), "20:00"), *(_random(town, chance) for _ in range(more))]
        actor, red_post_id = factories.actor_of(town.manager), town.red_post.id
        return [
            templates.add(session, actor=actor, at=BEGUN, plan=plan, red_post_id=red_post_id)[0].id
            for plan in plans
        ]

    database.write(begin)
    at, twice = BEGUN, 0
    while at < BEGUN + timedelta(days=days):
        at += timedelta(days=chance.randrange(1, 90), minutes=chance.randrange(1440))
        while _tick(database, town.id, at):
            pass
        twice += _tick(database, town.id, at)
    found = database.read(lambda session: _differences(session, town.id, zone, at))
    found["twice"] = twice
    return found


def _tick(database: Database, community_id: UUID, at: datetime) -> int:
    return database.write(lambda session: planning.tick(session, community_id, at))


def _plan(
    town: Town, weekdays: tuple[int, ...], weeks: tuple[int, ...], starts: str, **more: date
) -> Plan:
    return Plan(
        title="Round",
        starts=starts,
        minutes=180,
        valid_from=more.get("valid_from", date(2026, 1, 1)),
        valid_until=more.get("valid_until"),
        captain_id=town.captain.id,
        weekdays=weekdays or (1, 2, 3, 4, 5, 6, 7),
        weeks=weeks,
    )


def _random(town: Town, chance: random.Random) -> Plan:
    weekdays = tuple(sorted(chance.sample(range(1, 8), chance.randrange(1, 8))))
    weeks = tuple(sorted(chance.sample((1, 2, 3, 4, -1), chance.randrange(0, 3))))
    first = date(2026, 1, 1) + timedelta(days=chance.randrange(60))
    last = {"valid_until": first + timedelta(days=chance.randrange(30, 900))}
    ended = last if chance.random() < 0.5 else {}
    return _plan(town, weekdays, weeks, chance.choice(HOURS), valid_from=first, **ended)


def _differences(session: Session, community_id: UUID, zone: str, at: datetime) -> Counter[str]:
    """What stands in the database against what the calendar says."""
    assert communities.settings_of(session, community_id).zone == zone
    local = ZoneInfo(zone)
    last = at.astimezone(local).date() + timedelta(days=planning.DAYS_AHEAD)
    counted: Counter[str] = Counter()
    mine = select(ShiftTemplate).where(ShiftTemplate.community_id == community_id)
    for template in session.scalars(mine):
        wanted = _dates(template, last, local)
        there: Counter[date] = Counter()
        query = select(Shift.starts_at, Shift.ends_at).where(
            Shift.community_id == community_id, Shift.template_id == template.id
        )
        for starts_at, ends_at in session.execute(query):
            wall = starts_at.astimezone(local)
            there[wall.date()] += 1
            counted["shifts"] += 1
            is_there = f"{wall:%H:%M}" == template.starts or _leapt(wall, template.starts)
            counted["elsewhen"] += not is_there or ends_at - starts_at != timedelta(hours=3)
        counted["missing"] += len(wanted - there.keys())
        counted["more"] += sum(there.values()) - len(wanted & there.keys())
    return counted


def _dates(template: ShiftTemplate, last: date, local: ZoneInfo) -> set[date]:
    """The dates of a plan, month by month: the n-th Friday is the n-th in a list of Fridays."""
    plan = template.pattern
    found: set[date] = set()
    begun = BEGUN.astimezone(local)
    for year in range(2026, last.year + 1):
        for month in range(1, 13):
            for weekday in plan.weekdays:
                weeks = calendar.monthcalendar(year, month)
                days = [week[weekday - 1] for week in weeks if week[weekday - 1]]
                chosen = [days[week if week < 0 else week - 1] for week in plan.weeks] or days
                found |= {date(year, month, day) for day in chosen}
    until = last if plan.valid_until is None or plan.valid_until > last else plan.valid_until
    return {
        day
        for day in found
        if plan.valid_from <= day <= until and (day, plan.starts) > (begun.date(), f"{begun:%H:%M}")
    }


def _leapt(wall: datetime, starts: str) -> bool:
    """Whether this time of day was left out on that day, so that the shift began after the leap."""
    hour, minute = starts.split(":")
    naive = wall.replace(hour=int(hour), minute=int(minute))
    return naive.astimezone(UTC).astimezone(wall.tzinfo).replace(fold=0) != naive.replace(fold=0)
