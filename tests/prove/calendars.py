"""Calendar feeds before programs that know nothing of ours: each reads the same shifts from them.

Invariant: what a reader says is compared with the rows, entry by entry; none is lenient.
"""

import random
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import ics
import vobject
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.db import Database
from shifts.presence import cancelling
from shifts.rota import feeds, sign_ups
from shifts.tables.rota import RedPost, Shift
from tests.factories import KEYS, actor_of
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.shifts.factories import Town, make_shift, make_town

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
TITLES = (
    "夜间巡逻",
    "Evening, round; two\\three",
    "环境监督岗：楼道、绿地与垃圾分类的日常巡查和登记" * 3,
    "a",
)
#: uid → begin, end, title, status, sequence
Read = dict[str, tuple[datetime, datetime, str, str, int]]


@proof("calendar_readers", "three independent readers of iCalendar read each feed alike")
def calendar_readers(run: Run) -> list[Figure]:
    figures = []
    chance = random.Random(run.seed)
    for engine in ENGINES:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            town = database.write(make_town)
            wanted = database.write(partial(_furnish, town, run.length(300, 24), chance))
            told = {name: database.read(read) for name, read in _feeds(database, town).items()}
            database.dispose()
        for name, text in told.items():
            for reader, read in READERS.items():
                found = read(text)
                figures += [
                    exactly(f"{engine}: {name} as {reader} reads it", found == wanted[name], True),
                ]
        cancelled = sum(entry[3] == "CANCELLED" for entry in wanted["red post"].values())
        figures += [
            exactly(f"{engine}: entries", len(wanted["red post"]), run.length(300, 24)),
            at_least(f"{engine}: cancelled ones among them", cancelled, run.length(40, 3)),
        ]
    return figures


def _furnish(town: Town, count: int, chance: random.Random, session: Session) -> dict[str, Read]:
    """Shifts of which some are signed up for, some withdrawn from and some cancelled."""
    captain, volunteer = actor_of(town.captain), actor_of(town.volunteer)
    mine: Read = {}
    everything: Read = {}
    for number in range(count):
        begin = AT + timedelta(hours=7 * number)
        shift = make_shift(
            session,
            town,
            title=chance.choice(TITLES),
            starts_at=begin,
            ends_at=begin + timedelta(minutes=chance.randrange(10, 400)),
            captain_id=town.other_captain.id,
            deputy_ids=[town.captain.id],
        )
        fate = number % 4
        if fate in (1, 2):
            row = sign_ups.sign_up(session, actor=volunteer, at=AT, shift_id=shift.id)
            if fate == 2:
                sign_ups.withdraw(session, actor=volunteer, at=AT, sign_up_id=row.id)
        if fate == 3 or (fate == 1 and chance.random() < 0.5):
            cancelling.cancel(session, actor=captain, at=AT, shift_id=shift.id, reason="storm")
        entry = _entry(shift, "CANCELLED" if shift.status == "cancelled" else "CONFIRMED")
        everything[f"{shift.id}@{town.id}"] = entry
        if fate in (1, 2):
            status = "CANCELLED" if fate == 2 else entry[3]
            mine[f"{shift.id}@{town.id}"] = (*entry[:3], status, entry[4])
    return {"person": mine, "red post": everything}


def _entry(shift: Shift, status: str) -> tuple[datetime, datetime, str, str, int]:
    return (shift.starts_at, shift.ends_at, shift.title, status, shift.revision)


def _feeds(database: Database, town: Town) -> dict[str, Callable[[Session], str]]:
    """How each feed is read; the addresses are made first."""

    def make(session: Session) -> list[str]:
        found = session.scalar(
            select(RedPost).where(RedPost.community_id == town.id, RedPost.id == town.red_post.id)
        )
        assert found is not None
        person = feeds.renew(session, actor=actor_of(town.volunteer), keys=KEYS, at=AT)
        captain = actor_of(town.captain)
        duty = feeds.renew(session, actor=captain, keys=KEYS, at=AT, red_post_id=found.id)
        return [feeds.token_of(KEYS, person), feeds.token_of(KEYS, duty)]

    def reading(token: str) -> Callable[[Session], str]:
        return lambda session: feeds.read(
            session, keys=KEYS, community_id=town.id, token=token, at=AT
        )

    person, duty = database.write(make)
    return {"person": reading(person), "red post": reading(duty)}


def _by_icalendar(text: str) -> Read:
    return {
        str(one["UID"]): (
            one.decoded("DTSTART"), one.decoded("DTEND"), str(one["SUMMARY"]),
            str(one["STATUS"]), int(str(one["SEQUENCE"])),
        )
        for one in Calendar.from_ical(text).walk("VEVENT")
    }  # fmt: skip


def _by_vobject(text: str) -> Read:
    found: Any = vobject.readOne(text)
    return {
        one.uid.value: (
            one.dtstart.value.astimezone(UTC), one.dtend.value.astimezone(UTC), one.summary.value,
            one.status.value, int(one.sequence.value),
        )
        for one in found.vevent_list
    }  # fmt: skip


def _by_ics(text: str) -> Read:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: Any = ics.Calendar(text)
    return {
        one.uid: (
            one.begin.datetime.astimezone(UTC), one.end.datetime.astimezone(UTC), one.name,
            one.status, int(next(more.value for more in one.extra if more.name == "SEQUENCE")),
        )
        for one in found.events
    }  # fmt: skip


READERS: dict[str, Callable[[str], Read]] = {
    "icalendar": _by_icalendar,
    "vobject": _by_vobject,
    "ics": _by_ics,
}
