"""What tests of the shifts room make in one line: a community at work, shifts and attendances.

Invariant: rows are made through the room's own functions by people who may, so books and trail are
whole; the one exception is the fund with a budget, which its own room opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from audit.actor import Actor, system
from kit import ids
from people import communities
from people.models import Person
from redemption import funds
from shifts.approval import approvals, awards
from shifts.presence import attendance, stays
from shifts.review import corrections
from shifts.rota import finding, making, red_posts
from shifts.rules import versions
from shifts.rules.rule_book import RuleBook
from shifts.tables.attendance import Approval, Attendance
from shifts.tables.rota import AwardRule, RedPost, Shift
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(hour: int, minute: int = 0, day: int = 22) -> datetime:
    """Local time in November 2026, as UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


#: late on the day on which the shifts of these tests are
NOW = local(23)
#: when they were made: before they began
MADE = local(18, day=21)


@dataclass(frozen=True)
class Town:
    """A community at work: one red post and somebody for each role that decides."""

    id: UUID
    fund_id: UUID
    manager: Person
    second: Person
    captain: Person
    deputy: Person
    other_captain: Person
    volunteer: Person
    other: Person
    treasurer: Person
    red_post: RedPost

    def actor(self, name: str) -> Actor:
        """One of them as the one who acts, in a request of their own."""
        person = getattr(self, name)
        assert isinstance(person, Person)
        return factories.actor_of(person)


def make_town(session: Session, *, budget: int | None = None) -> Town:
    """A community; its red post is paid by a fund with this budget, or by the general fund."""
    community, manager = factories.make_community(session)
    fund_id = community.general_fund_id
    if budget is not None:
        fund_id = make_fund(session, community_id=community.id, points_budget=budget)

    def person(name: str, *held: str) -> Person:
        return factories.make_person(session, community_id=community.id, name=name, held=held)

    return Town(
        id=community.id,
        fund_id=fund_id,
        manager=manager,
        second=person("Shen Fang", "manager"),
        captain=person("Li Guo", "captain"),
        deputy=person("Zhao Min", "captain"),
        other_captain=person("Sun Ping", "captain"),
        volunteer=person("Zhou Ying"),
        other=person("He Yun"),
        treasurer=person("Qian Duo", "treasurer"),
        red_post=red_posts.add(
            session,
            actor=factories.actor_of(manager),
            at=NOW,
            name="Safety patrol",
            kind="patrol",
            fund_id=fund_id if budget is not None else None,
        ),
    )


def make_fund(session: Session, *, community_id: UUID, points_budget: int | None) -> UUID:
    """A fund with a budget of points, or without a limit."""
    actor = system(community_id, "cli")
    return funds.open_fund(
        session,
        actor=actor,
        at=NOW,
        name=f"Fund {ids.new()}",
        points_budget=points_budget,
        check_right=False,
    ).id


def make_rule(session: Session, town: Town, **facts: Any) -> AwardRule:
    """A general rule of 10 points an hour since January, unless told otherwise."""
    told: dict[str, Any] = {
        "name": "Patrol",
        "points_per_hour": 10,
        "effective_from": date(2026, 1, 1),
    }
    return versions.add(session, actor=town.actor("manager"), at=NOW, **(told | facts))


def make_shift(session: Session, town: Town, **facts: Any) -> Shift:
    """A shift from 9 to 12 on 22 November at the red post, with captain and deputy."""
    told: dict[str, Any] = {
        "title": "Morning patrol",
        "starts_at": local(9),
        "ends_at": local(12),
        "captain_id": town.captain.id,
        "deputy_ids": [town.deputy.id],
    }
    if "activity_id" not in facts:
        told["red_post_id"] = town.red_post.id
    made = facts.pop("made", MADE)
    return making.add(session, actor=town.actor("manager"), at=made, **(told | facts))


def scan(
    session: Session, shift: Shift, person: Person, at: datetime, by: Person | None = None
) -> tuple[str, Attendance]:
    """The person scans the shift's code, or somebody scans the person's card."""
    return attendance.scan_in_or_out(
        session,
        actor=factories.actor_of(by or person),
        at=at,
        shift=shift,
        person_id=person.id,
        entered="scan" if by is None else "card",
    )


def make_attendance(
    session: Session,
    shift: Shift,
    person: Person,
    *,
    by: Person | None = None,
    came: datetime | None = None,
    left: datetime | None = None,
) -> Attendance:
    """A stay that was scanned in and out, by default for the whole shift; it is submitted."""
    scan(session, shift, person, came or shift.starts_at, by)
    return scan(session, shift, person, left or shift.ends_at, by)[1]


def enter(
    session: Session,
    shift: Shift,
    person: Person,
    *,
    by: Person,
    came: datetime | None = None,
    left: datetime | None = None,
    at: datetime = NOW,
) -> Attendance:
    """A stay that was entered by hand, by default for the whole shift."""
    return corrections.by_hand(
        session,
        actor=factories.actor_of(by),
        at=at,
        shift_id=shift.id,
        person_id=person.id,
        checked_in_at=came or shift.starts_at,
        checked_out_at=left or shift.ends_at,
        reason="forgot the phone",
    )


def approve(
    session: Session, town: Town, row: Attendance, by: str = "captain", at: datetime = NOW
) -> Attendance:
    """Approve as one of the town's people."""
    return approvals.approve(session, actor=town.actor(by), at=at, attendance_id=row.id)


def plant(
    session: Session,
    town: Town,
    row: Attendance,
    signed_by: list[UUID],
    book: RuleBook | None = None,
) -> None:
    """Decisions and credit as somebody with the runtime's own rights would write them."""
    for number, decided_by in enumerate(signed_by):
        facts = {
            "community_id": town.id,
            "id": ids.new(),
            "attendance_id": row.id,
            "revision": row.revision,
            "step": number + 1,
            "decision": "approve",
            "decided_by": decided_by,
            "decided_at": NOW,
        }
        session.execute(insert(Approval), [facts])
    session.execute(
        update(Attendance)
        .where(Attendance.community_id == town.id, Attendance.id == row.id)
        .values(status="credited")
    )
    shift = finding.get(session, town.id, row.shift_id)
    reckoned = awards.reckon(
        session,
        attendance=row,
        shift=shift,
        stay=stays.to_decide(row, shift, NOW),
        settings=communities.settings_of(session, town.id),
        at=NOW,
        book=book,
    )
    awards.credit(session, actor=town.actor("captain"), at=NOW, reckoned=[reckoned])


def long_shift(session: Session, town: Town, hours: int) -> Shift:
    """A shift of so many hours from seven in the morning."""
    return make_shift(session, town, starts_at=local(7), ends_at=local(7) + timedelta(hours=hours))


def crowd(session: Session, town: Town, shift_id: UUID, many: int) -> list[Attendance]:
    """So many people with a stay each, without what each of them would leave in the trail."""
    crowd = [
        {"community_id": town.id, "id": ids.new(), "name": f"Person {number}", "added_at": NOW}
        for number in range(many)
    ]
    session.execute(insert(Person), crowd)
    rows = [
        Attendance(
            community_id=town.id,
            id=ids.new(),
            shift_id=shift_id,
            person_id=person["id"],
            status="submitted",
            checked_in_at=local(9),
            checked_out_at=local(12) + timedelta(seconds=1),
            entered="scan",
            evidence="b",
            flags=[],
            revision=1,
            scanned_at=None,
        )
        for person in crowd
    ]
    session.add_all(rows)
    return rows
