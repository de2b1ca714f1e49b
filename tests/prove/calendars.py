"""Calendar feeds before programs that know nothing of ours: each reads the same shifts from them.

Invariant: what a reader says is compared with the rows, entry by entry; none is lenient.
"""

import random
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import ics
import vobject
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from kit.db import Database
from shifts.presence import cancelling
from shifts.rota import feeds, planning, sign_ups, templates
from shifts.rota.templates import Plan
from shifts.tables.rota import RedPost, Shift
from tests.factories import KEYS, actor_of
from tests.prove.stage import ENGINES, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof
from tests.shifts.factories import SHANGHAI, Town, make_shift, make_town

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
TITLES = (
    "夜间巡逻",
    "Evening, round; two\\three",
    "环境监督岗：楼道、绿地与垃圾分类的日常巡查和登记" * 3,
    "a",
)
#: uid → begin, end, title, status, sequence
Read = dict[str, tuple[datetime, datetime, str, str, int]]
Reading = Callable[[Session], str]


@proof(
    "calendar_readers",
    "three independent readers read each feed alike; what was cancelled stays so in each",
)
def calendar_readers(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES[: run.length(2, 1)]:
        with stage(engine, serving=False) as one:
            database = Database(one.url)
            figures += _read_alike(database, engine, run)
            figures += _stays_cancelled(database, engine, run)
            database.dispose()
    return figures


def _read_alike(database: Database, engine: str, run: Run) -> list[Figure]:
    """Many shifts of every fate: each reader finds what the rows say, entry by entry."""
    figures, count = [], run.length(300, 24)
    town = database.write(make_town)
    wanted = database.write(partial(_furnish, town, count, random.Random(run.seed)))
    told = {name: database.read(read(AT)) for name, read in _feeds(database, town).items()}
    for name, text in told.items():
        for reader, read in READERS.items():
            same = read(text) == wanted[name]
            figures.append(exactly(f"{engine}: {name} as {reader} reads it", same, True))
    cancelled = sum(entry[3] == "CANCELLED" for entry in wanted["red post"].values())
    return [
        *figures,
        exactly(f"{engine}: entries", len(wanted["red post"]), count),
        at_least(f"{engine}: cancelled ones among them", cancelled, run.length(40, 3)),
    ]


def _stays_cancelled(database: Database, engine: str, run: Run) -> list[Figure]:
    """A nightly plan read week after week, while nights are called off and the plan is changed.

    Each reader keeps a calendar as a strict phone does: by UID, what has a higher SEQUENCE alone.
    """
    chance = random.Random(run.seed)
    town = database.write(make_town)
    plan = database.write(partial(_nightly, town))
    feed = _feeds(database, town)["red post"]
    kept: dict[str, Read] = {reader: {} for reader in READERS}
    off: set[str] = set()
    untold, at = 0, AT
    for week in range(run.length(12, 4)):
        text = database.read(feed(at))
        untold += sum(_merged(kept[reader], read(text)) for reader, read in READERS.items())
        off.add(database.write(partial(_call_off, town, at, chance)))
        if week % 3 == 1:
            minute = f"20:{week:02d}"
            database.write(partial(_replan, town, plan, at, minute))
        at += timedelta(days=7)
        while database.write(partial(_tick, town, at)):
            pass
    last = database.read(feed(at))
    figures = []
    for reader, read in READERS.items():
        untold += _merged(kept[reader], read(last))
        stands = [one for one in kept[reader].values() if one[3] != "CANCELLED"]
        nights = [one[0].astimezone(SHANGHAI).date() for one in stands]
        gone = sum(kept[reader][uid][3] == "CANCELLED" for uid in off)
        figures += [
            exactly(f"{engine}: called off, and so in {reader} to the end", gone, len(off)),
            at_least(f"{engine}: nights that stand in {reader}", len(nights), 7 * len(off)),
            exactly(f"{engine}: nights twice in {reader}", len(nights) - len(set(nights)), 0),
        ]
    return [*figures, exactly(f"{engine}: changes without a higher SEQUENCE", untold, 0)]


def _merged(kept: Read, found: Read) -> int:
    """Take what is new or of a higher SEQUENCE; how many others say something else than before."""
    newer = {uid: one for uid, one in found.items() if uid not in kept or one[4] > kept[uid][4]}
    untold = sum(one != kept[uid] for uid, one in found.items() if uid not in newer)
    kept |= newer
    return untold


def _nightly(town: Town, session: Session) -> UUID:
    told = Plan(
        title="夜巡", starts="20:00", minutes=180, valid_from=AT.date(), captain_id=town.captain.id
    )
    actor, place = town.actor("manager"), town.red_post.id
    return templates.add(session, actor=actor, at=AT, plan=told, red_post_id=place)[0].id


def _replan(town: Town, template_id: UUID, at: datetime, starts: str, session: Session) -> None:
    actor = town.actor("captain")
    templates.change(session, actor=actor, at=at, template_id=template_id, starts=starts)


def _tick(town: Town, at: datetime, session: Session) -> int:
    return planning.tick(session, town.id, at)


def _call_off(town: Town, at: datetime, chance: random.Random, session: Session) -> str:
    """One of the coming nights; its UID."""
    coming = session.scalars(
        select(Shift)
        .where(Shift.community_id == town.id, Shift.starts_at > at, Shift.status == "published")
        .order_by(Shift.starts_at)
    ).all()
    one = chance.choice(coming)
    cancelling.cancel(session, actor=town.actor("captain"), at=at, shift_id=one.id, reason="storm")
    return f"{one.id}@{town.id}"


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


def _feeds(database: Database, town: Town) -> dict[str, Callable[[datetime], Reading]]:
    """How each feed is read at a time; the addresses are made first."""

    def make(session: Session) -> list[str]:
        found = session.scalar(
            select(RedPost).where(RedPost.community_id == town.id, RedPost.id == town.red_post.id)
        )
        assert found is not None
        person = feeds.renew(session, actor=actor_of(town.volunteer), keys=KEYS, at=AT)
        captain = actor_of(town.captain)
        duty = feeds.renew(session, actor=captain, keys=KEYS, at=AT, red_post_id=found.id)
        return [feeds.token_of(KEYS, person), feeds.token_of(KEYS, duty)]

    def reading(token: str) -> Callable[[datetime], Reading]:
        return lambda at: (
            lambda session: feeds.read(session, keys=KEYS, community_id=town.id, token=token, at=at)
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
