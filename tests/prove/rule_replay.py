"""A draft rule over thousands of past attendances: how fast, that it is right, that it changes
nothing, and that adopting it touches no award.

Invariant: what the draft would have given is worked out a second time here, without ``sums``.
"""

import random
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.db import Database
from shifts.approval import approvals
from shifts.review import corrections
from shifts.rota import making
from shifts.rules import replay, versions
from shifts.tables.attendance import Award
from tests import factories
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.shifts.factories import Town, make_town

FIRST = datetime(2026, 1, 5, 1, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, 1, tzinfo=UTC)
AFTER = datetime(2027, 6, 1, 4, tzinfo=UTC)
CROWD = 50
MOST_SECONDS = 10
DRAFT: dict[str, Any] = {
    "name": "Draft",
    "points_per_hour": 14,
    "round_down_minutes": 15,
    "min_minutes": 60,
    "daily_cap_points": 30,
}


@proof("rule_replay", "a draft rule tried on 10,000 attendances under 10 s, and adopted")
def rule_replay(run: Run) -> list[Figure]:
    figures = []
    wanted = run.length(10_000, 100)
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            town = database.write(make_town)
            made = _serve(database, town, wanted, random.Random(run.seed))
            before = _awards(database, town.id)
            rows = _counts(database, town.id)
            began = time.process_time()
            found = database.read(partial(_try, town))
            seconds = time.process_time() - began
            written = _counts(database, town.id) - rows
            database.write(partial(_adopt, town))
            figures += [
                at_least(f"{engine}: attendances", found.whole.attendances, wanted),
                exactly(f"{engine}: points of the draft", found.whole.would, sum(made.values())),
                exactly(
                    f"{engine}: people whose points differ",
                    sum(found.people[who].would != points for who, points in made.items()),
                    0,
                ),
                Figure(
                    f"{engine}: tenths of a second of this processor",
                    round(seconds * 10),
                    f"≤ {MOST_SECONDS * 10}",
                    seconds <= MOST_SECONDS,
                ),
                exactly(f"{engine}: awards written by the trial", written, 0),
                exactly(
                    f"{engine}: awards changed by adopting it",
                    len(before ^ _awards(database, town.id)),
                    0,
                ),
            ]
            database.dispose()
    return figures


def _serve(database: Database, town: Town, wanted: int, chance: random.Random) -> Counter[UUID]:
    """Stays entered by one manager, approved by another; what the draft would give, by person."""
    crowd = database.write(lambda session: _begin(session, town))
    would: Counter[UUID] = Counter()
    for number in range(-(-wanted // CROWD)):
        starts = FIRST + timedelta(days=number)
        stays = {who: chance.randrange(20, 240) for who in crowd}
        database.write(partial(_one_shift, town, starts, stays))
        for who, minutes in stays.items():
            paid = minutes // 15 * 15
            would[who] += min(paid * 14 // 60, 30) if paid >= 60 else 0
    return would


def _begin(session: Session, town: Town) -> list[UUID]:
    actor = town.actor("manager")
    versions.add(
        session,
        actor=actor,
        at=BEFORE,
        name="Rule",
        points_per_hour=10,
        effective_from=date(2026, 1, 1),
    )
    return [
        factories.make_person(session, community_id=town.id, name=f"P{number}").id
        for number in range(CROWD)
    ]


def _one_shift(town: Town, starts: datetime, stays: dict[UUID, int], session: Session) -> None:
    at, actor = starts + timedelta(hours=6), town.actor("manager")
    shift = making.add(
        session,
        actor=actor,
        at=starts - timedelta(hours=1),
        title="Round",
        red_post_id=town.red_post.id,
        starts_at=starts,
        ends_at=starts + timedelta(hours=4),
        captain_id=town.captain.id,
    )
    rows = [
        corrections.by_hand(
            session,
            actor=actor,
            at=at,
            shift_id=shift.id,
            person_id=who,
            checked_in_at=starts,
            checked_out_at=starts + timedelta(minutes=minutes),
            reason="on paper",
        ).id
        for who, minutes in stays.items()
    ]
    for one in rows:
        approvals.approve(session, actor=town.actor("second"), at=at, attendance_id=one)


def _try(town: Town, session: Session) -> replay.Comparison:
    return replay.compare(
        session,
        actor=town.actor("manager"),
        at=AFTER,
        since=date(2026, 1, 1),
        until=AFTER.date(),
        effective_from=AFTER.date(),
        **DRAFT,
    )


def _adopt(town: Town, session: Session) -> None:
    actor, on = town.actor("manager"), AFTER.date()
    versions.add(session, actor=actor, at=AFTER, effective_from=on, **DRAFT)


def _awards(database: Database, community_id: UUID) -> set[tuple[Any, ...]]:
    query = select(Award.id, Award.points, Award.rule_id, Award.transfer_id).where(
        Award.community_id == community_id
    )
    return database.read(lambda session: {tuple(row) for row in session.execute(query)})


def _counts(database: Database, community_id: UUID) -> int:
    query = select(func.count()).where(Award.community_id == community_id)
    return database.read(lambda session: session.execute(query).scalar_one())
