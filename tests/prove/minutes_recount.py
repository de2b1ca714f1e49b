"""Random shifts with breaks, moves and amendments, against a recount minute by minute.

Invariant: the recount shares nothing with the program but the calendar: it walks through every
minute of every stay, asks the zone for each one's time of day, and keeps its own account of what a
person earned that day.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from kit.db import Database
from people import communities
from people.models import Person
from redemption import wallets
from reports import check
from shifts.approval import approvals, awards
from shifts.presence import attendance, breaks
from shifts.review import corrections, moving
from shifts.review.move_plans import Target
from shifts.rota import making, red_posts
from shifts.rules import versions
from tests import factories
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.shifts.factories import Town, make_town

MINUTE = timedelta(minutes=1)
ZONES = ("America/New_York", "Australia/Lord_Howe", "Asia/Shanghai")
BEGUN = date(2026, 2, 1)
PEOPLE = 12


@dataclass
class Plan:
    """One random rule, as it was said."""

    red_post_id: UUID
    rate: int
    round_down: int
    least: int
    night: tuple[str, str, int] | None
    cap: int | None
    captain: int | None


@dataclass
class Case:
    """One stay, as it is meant to be in the end."""

    person: Person
    on: date
    plan: Plan
    starts: datetime
    ends: datetime
    came: datetime
    left: datetime
    pauses: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    leads: bool = False
    id: UUID | None = None


@dataclass
class Books:
    """What the recount has found, and what the program says."""

    town: Town
    zone: str
    chance: random.Random
    plans: list[Plan]
    people: list[Person]
    earned: dict[tuple[UUID, date], dict[UUID, int]] = field(default_factory=dict)
    minutes: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)

    def local(self, on: date, minutes: int) -> datetime:
        """So many minutes after the local midnight."""
        midnight = datetime(on.year, on.month, on.day, tzinfo=ZoneInfo(self.zone))
        return midnight.astimezone(UTC) + minutes * MINUTE


@proof("minutes_recount", "random shifts, breaks, moves and amendments, recounted by the minute")
def minutes_recount(run: Run) -> list[Figure]:
    figures = []
    shifts = run.length(10_000, 120)
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            counted: Counter[str] = Counter()
            for number, zone in enumerate(ZONES):
                chance = random.Random(f"{run.seed} {zone}")
                share = shifts // (2 * len(ZONES)) + 1
                counted += _zone(database, zone, chance, share, number)
            problems = database.read(check.every_problem)
            database.dispose()
        figures += [
            at_least(f"{engine}: shifts recounted", counted["shifts"], shifts // 2),
            at_least(f"{engine}: breaks", counted["breaks"], shifts // 4),
            at_least(f"{engine}: shifts moved", counted["moved"], shifts // 20),
            at_least(f"{engine}: amendments before credit", counted["amended"], shifts // 20),
            at_least(f"{engine}: amendments after credit", counted["late"], shifts // 20),
            exactly(f"{engine}: other minutes", counted["other minutes"], 0),
            exactly(f"{engine}: other points", counted["other points"], 0),
            exactly(f"{engine}: people with other hours in the books", counted["other hours"], 0),
            exactly(f"{engine}: problems of the check", len(problems), 0),
        ]
    return figures


def _zone(
    database: Database, zone: str, chance: random.Random, shifts: int, number: int
) -> Counter[str]:
    town = database.write(make_town)
    books = database.write(lambda session: _opened(session, town, zone, chance, number))
    cases: list[tuple[date, Person, int]] = []
    on = BEGUN
    while len(cases) < shifts:
        cases += [(on, one, slot) for one in books.people for slot in (0, 1)]
        # A stay may go on past midnight, never into the person's next one.
        on += timedelta(days=2)
    for on, person, slot in cases[:shifts]:
        case = _drawn(books, on, person, slot)
        database.write(partial(_live, books, case))
    database.read(lambda session: _compare_hours(session, books))
    return books.counted


def _opened(session: Session, town: Town, zone: str, chance: random.Random, number: int) -> Books:
    told: dict[str, Any] = {"zone": zone, "approval_tiers_hours": (24, 24)}
    admin = factories.make_person(session, community_id=town.id, name="Bai", held=("admin",))
    at = datetime(2026, 1, 2, 4, tzinfo=UTC)
    communities.change(session, actor=factories.actor_of(admin), at=at, **told)
    books = Books(town, zone, chance, [], [])
    for one in range(5):
        books.plans.append(_rule(session, books, at, one))
    books.people += [
        factories.make_person(session, community_id=town.id, name=f"P{number}-{one}")
        for one in range(PEOPLE)
    ]
    books.people.append(town.captain)
    return books


def _rule(session: Session, books: Books, at: datetime, number: int) -> Plan:
    chance, actor = books.chance, books.town.actor("manager")
    place = red_posts.add(session, actor=actor, at=at, name=f"Place {number}", kind="patrol")
    nights = [("20:00", "06:00"), ("00:30", "03:15"), ("12:00", "13:00"), ("23:59", "00:01")]
    night = (*chance.choice(nights), chance.randrange(0, 40)) if number != 1 else None
    made = Plan(
        red_post_id=place.id,
        rate=chance.randrange(0, 30),
        round_down=chance.choice((1, 1, 5, 15, 30, 60)),
        least=chance.choice((0, 0, 20, 60)),
        night=night,
        cap=chance.choice((None, 30, 60)),
        captain=chance.choice((None, 133, 150)),
    )
    versions.add(
        session,
        actor=actor,
        at=at,
        name=f"Rule {number}",
        points_per_hour=made.rate,
        effective_from=date(2026, 1, 1),
        round_down_minutes=made.round_down,
        min_minutes=made.least,
        daily_cap_points=made.cap,
        captain_coefficient=made.captain,
        night=night and versions.NightRate(*night),
        red_post_id=place.id,
    )
    return made


def _drawn(books: Books, on: date, person: Person, slot: int) -> Case:
    """A shift of the early or the late part of the day, and a stay of odd seconds in it."""
    chance = books.chance
    starts = books.local(on, chance.randrange(0, 480) + 900 * slot)
    ends = starts + chance.randrange(30, 330) * MINUTE
    came = starts + timedelta(seconds=chance.randrange(-1700, 900))
    latest = int((ends - came).total_seconds()) + 1800
    left = came + timedelta(seconds=chance.randrange(700, latest))
    leads = person.id == books.town.captain.id
    case = Case(person, on, chance.choice(books.plans), starts, ends, came, left, leads=leads)
    at = came
    for number in range(chance.choice((0, 1, 1, 2, 3))):
        begins = at + timedelta(seconds=chance.randrange(1, 1500))
        done = begins + timedelta(seconds=chance.randrange(1, 1500))
        if begins >= left:
            break
        if done >= left or (number == 2 and chance.random() < 0.5):
            # Nobody ends it: it lasts as long as the stay.
            case.pauses.append((begins, None))
            break
        case.pauses.append((begins, done))
        at = done
    return case


def _live(books: Books, case: Case, session: Session) -> None:
    """Everything that happens to one stay, each at its time; then both counts of it."""
    town, chance = books.town, books.chance
    lead = town.captain.id if case.leads else town.other_captain.id
    shift = making.add(
        session,
        actor=town.actor("manager"),
        at=case.starts - timedelta(hours=2),
        title="Round",
        red_post_id=case.plan.red_post_id,
        starts_at=case.starts,
        ends_at=case.ends,
        captain_id=lead,
    )
    me = factories.actor_of(case.person)
    facts: dict[str, Any] = {"shift": shift, "person_id": case.person.id, "entered": "scan"}
    row = attendance.scan_in_or_out(session, actor=me, at=case.came, **facts)[1]
    case.id = row.id
    for begins, done in case.pauses:
        breaks.begin(session, actor=me, at=begins, attendance_id=row.id)
        if done is not None:
            breaks.end(session, actor=me, at=done, attendance_id=row.id)
    attendance.scan_in_or_out(session, actor=me, at=case.left, **facts)
    books.counted["breaks"] += len(case.pauses)
    at = max(case.left, case.ends) + timedelta(hours=3)
    if chance.random() < 0.25:
        _amend(session, books, case, at)
        books.counted["amended"] += 1
    if chance.random() < 0.25:
        _move(session, books, case, shift.id, at)
    _approve(session, books, case, at)
    if chance.random() < 0.25:
        _amend(session, books, case, at + timedelta(hours=1))
        _approve(session, books, case, at + timedelta(hours=2))
        books.counted["late"] += 1
    books.counted["shifts"] += 1


def _amend(session: Session, books: Books, case: Case, at: datetime) -> None:
    chance = books.chance
    length = int((case.ends - case.starts).total_seconds())
    came = case.starts + timedelta(seconds=chance.randrange(-600, length - 300))
    longest = int((case.ends - came).total_seconds()) + 1200
    left = came + timedelta(seconds=chance.randrange(700, longest))
    case.came, case.left = came, left
    corrections.amend(
        session,
        actor=books.town.actor("manager"),
        at=at,
        attendance_id=_id(case),
        checked_in_at=came,
        checked_out_at=left,
        reason="as the list says",
    )


def _move(session: Session, books: Books, case: Case, shift_id: UUID, at: datetime) -> None:
    """The whole shift at other times; the stay goes along, or stays where it is."""
    # Breaks have times of their own: such a stay does not go along.
    along = not case.pauses and books.chance.random() < 0.8
    by = books.chance.choice((-1, 1)) * books.chance.randrange(1, 40) * MINUTE
    starts, ends = case.starts + by, case.ends + by
    was = (starts - by, ends - by) if along else (starts, ends)
    if min(case.left, was[1]) <= max(case.came, was[0]):
        # Who left before it began has no place in it: the move would be refused, and say so.
        return
    moving.move(
        session,
        actor=books.town.actor("manager"),
        at=at,
        shift_id=shift_id,
        target=Target(starts_at=starts, ends_at=ends),
        along=along,
        reason="another hour",
    )
    case.starts, case.ends = starts, ends
    if along:
        case.came, case.left = case.came + by, case.left + by
    books.counted["moved"] += 1


def _approve(session: Session, books: Books, case: Case, at: datetime) -> None:
    approvals.approve(session, actor=books.town.actor("second"), at=at, attendance_id=_id(case))
    award = awards.of(session, books.town.id, _id(case))
    assert award is not None
    served = list(_served(case))
    points = _points(books, case, served)
    books.earned.setdefault((case.person.id, _day(books, case)), {})[_id(case)] = points
    books.minutes.setdefault(case.person.id, {})[_id(case)] = len(served)
    books.counted["other minutes"] += award.minutes != len(served)
    books.counted["other points"] += award.points != points


def _served(case: Case) -> Iterator[datetime]:
    """Each minute that counts, by its first instant."""
    minute = max(case.came, case.starts)
    while minute + MINUTE <= min(case.left, case.ends):
        if not any(begins <= minute < (done or case.left) for begins, done in case.pauses):
            yield minute
        minute += MINUTE


def _points(books: Books, case: Case, served: list[datetime]) -> int:
    plan, zone = case.plan, ZoneInfo(books.zone)
    while len(served) % plan.round_down:
        served = served[:-1]
    if len(served) < plan.least:
        return 0
    sixtieths = 0
    for minute in served:
        clock = minute.astimezone(zone).strftime("%H:%M:%S")
        sixtieths += plan.night[2] if plan.night and _within(plan.night, clock) else plan.rate
    points = sixtieths * 100 // 6000
    if case.leads and plan.captain:
        points = sixtieths * plan.captain // 6000
    if plan.cap is None:
        return points
    others = books.earned.get((case.person.id, _day(books, case)), {})
    had = sum(one for stay, one in others.items() if stay != case.id)
    return max(min(points, plan.cap - had), 0)


def _within(night: tuple[str, str, int], clock: str) -> bool:
    begins, ends = f"{night[0]}:00", f"{night[1]}:00"
    inside = clock >= begins, clock < ends
    return all(inside) if begins < ends else any(inside)


def _day(books: Books, case: Case) -> date:
    return case.starts.astimezone(ZoneInfo(books.zone)).date()


def _id(case: Case) -> UUID:
    assert case.id is not None
    return case.id


def _compare_hours(session: Session, books: Books) -> None:
    """The hours book of each person against all their minutes."""
    at = datetime(2036, 1, 1, tzinfo=UTC)
    for person_id, stays in books.minutes.items():
        found = wallets.of(session, books.town.id, person_id, at).minutes
        books.counted["other hours"] += found != sum(stays.values())
