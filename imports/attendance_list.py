"""``import attendance``: who served when, from lists on paper.

Invariant: what is imported is submitted and marked, never credited: somebody else approves it, and
the rules in force on its day award it as any other attendance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from imports import cells, headings, importers, occasions, persons, times
from imports.faults import Fault
from imports.headings import Line
from imports.occasions import Occasion, Programme, Slot
from imports.runs import Report
from imports.sheets import Sheet
from imports.times import Interval
from kit.clock import local_date
from kit.keys import KeyRing
from people import communities
from people.enrolment import Known
from shifts.presence import past_entries
from shifts.presence.attendance import GONE
from shifts.presence.past_entries import Kept, Stay
from shifts.rota import finding, making, terms
from shifts.tables.rota import RedPost

LAYOUT = headings.layout(["name|phone", "day|begin"], "person", "attendance")
REASON = "来自纸质签到表 · from a list of attendance on paper"


@dataclass
class _Found:
    """A line that could be read: who, when, at what."""

    line: Line
    person: Known
    times: Interval
    occasion: Occasion
    title: str


@dataclass
class AttendanceList:
    """A judged list of attendances."""

    actor: Actor
    at: datetime
    report: Report
    programme: Programme
    stays: list[tuple[UUID, UUID, Interval]] = field(default_factory=list)

    def carry_out(self, session: Session) -> None:
        """Make the shifts that are missing, and enter every stay."""
        for slot, shift_id in self.programme.planned.items():
            making.add(
                session,
                actor=self.actor,
                at=self.at,
                title=slot.title,
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                captain_id=self.actor.person,
                red_post_id=slot.occasion_id if slot.is_red_post else None,
                activity_id=None if slot.is_red_post else slot.occasion_id,
                shift_id=shift_id,
            )
        made = {
            shift_id: finding.get(session, self.actor.community_id, shift_id)
            for shift_id in {shift_id for _, shift_id, _ in self.stays}
        }
        stays = [
            Stay(person_id, made[shift_id], on.starts_at, on.ends_at)
            for person_id, shift_id, on in self.stays
        ]
        past_entries.enter_all(session, actor=self.actor, at=self.at, stays=stays, reason=REASON)


def judge(
    session: Session,
    sheets: list[Sheet],
    actor: Actor,
    *,
    keys: KeyRing,
    at: datetime,
    by: str | UUID | None,
) -> AttendanceList:
    """Judge a list against the register, the programme and the attendances there are."""
    community_id = actor.community_id
    zone = communities.settings_of(session, community_id).zone
    read = headings.lines(sheets, LAYOUT)
    this_year = local_date(at, zone).year
    there, known, faults = persons.found(session, keys, community_id, read, this_year)
    about = [person.id for _, person in known]
    importer = importers.choose(
        session, keys, community_id, there, role="manager", by=by, about=about
    )
    programme = occasions.programme(past_entries.occasions(session, community_id), [])
    found: list[_Found] = []
    for line, person in known:
        one, wrong = _read(line, person, programme, zone, at)
        faults += wrong
        if one is not None:
            found.append(one)
    if found:
        first = min(one.times.starts_at for one in found)
        last = max(one.times.starts_at for one in found)
        shifts = past_entries.shifts_between(session, community_id, first, last)
        programme = occasions.programme([one.occasion for one in found], shifts)
    made = AttendanceList(replace(actor, person_id=importer.id), at, _NOTHING, programme)
    kept = past_entries.kept_of(session, community_id, {one.person.id for one in found})
    same = _place(found, kept, made, faults)
    made.report = Report(
        added={"attendances": len(made.stays), "shifts": len(programme.planned)},
        lines=len(read.lines),
        known=same,
        faults=persons.in_order(read, [*read.faults, *faults]),
        notes=read.notes,
        by=importer.name,
    )
    return made


_NOTHING = Report({}, 0, 0)


def _read(
    line: Line, person: Known, programme: Programme, zone: str, at: datetime
) -> tuple[_Found | None, list[Fault]]:
    interval, wrong = times.of(line, zone, at)
    occasion, unknown = programme.occasion(line, cells.text(line.cells.get("occasion")))
    if interval is None or occasion is None:
        return None, [one for one in (wrong, unknown) if one is not None]
    title = cells.text(line.cells.get("title"))[: terms.TITLE_MAX] or occasion.name
    return _Found(line, person, interval, occasion, title), []


def _place(
    found: list[_Found],
    kept: dict[UUID, list[Kept]],
    made: AttendanceList,
    faults: list[Fault],
) -> int:
    """Find each line's shift; returns how many are in the books already."""
    same = 0
    listed: dict[UUID, list[_Found]] = defaultdict(list)
    for one in found:
        slot = Slot(
            one.occasion.id,
            isinstance(one.occasion, RedPost),
            one.title,
            one.times.starts_at,
            one.times.ends_at,
        )
        twin = next((other for other in listed[one.person.id] if _overlap(one, other)), None)
        if twin is not None:
            faults.append(one.line.fault("overlap", place=twin.line.place))
            continue
        listed[one.person.id].append(one)
        there = kept.get(one.person.id, [])
        shift_ids = {shift.id for shift in made.programme.there.get(_key(one), [])}
        if any(_is_same(one, stay, shift_ids) for stay in there):
            same += 1
            continue
        fault = _refused(one, there)
        if fault is not None:
            faults.append(fault)
            continue
        made.stays.append((one.person.id, made.programme.shift_id(slot), one.times))
    return same


def _key(one: _Found) -> tuple[UUID, datetime, datetime]:
    return (one.occasion.id, one.times.starts_at, one.times.ends_at)


def _is_same(one: _Found, stay: Kept, shift_ids: Collection[UUID]) -> bool:
    """Whether this very stay is in the books, whatever was decided about it."""
    return stay.shift_id in shift_ids and (stay.checked_in_at, stay.checked_out_at) == (
        one.times.starts_at,
        one.times.ends_at,
    )


def _refused(one: _Found, there: list[Kept]) -> Fault | None:
    for stay in there:
        out = stay.checked_out_at or stay.checked_in_at
        apart = out <= one.times.starts_at or stay.checked_in_at >= one.times.ends_at
        if stay.status not in GONE and not apart:
            told = f"{stay.checked_in_at:%Y-%m-%d %H:%M} UTC"
            return one.line.fault("already_there", value=told)
    return None


def _overlap(one: _Found, other: _Found) -> bool:
    return one.times.starts_at < other.times.ends_at and other.times.starts_at < one.times.ends_at
