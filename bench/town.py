"""A town's past in bulk: shifts that were scanned, approved and credited; orders; corrections.

Invariant: every row is what the program writes for that deed, fingerprints and digests included, so
`lovebank check` finds nothing; what only bulk leaves out is the way through the calls.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from audit import leaves
from audit.actions import Action
from bench import bulk, ledger_rows, town_shop
from bench.deeds import ZONE, Deed
from bench.ledger_rows import Ledger, Row
from bench.town_shop import ORDER_POINTS
from kit import ids, tokens
from kit.clock import local_date
from kit.db import Database
from ledger import accounts
from ledger.drafts import Leg
from ledger.kinds import MINUTES
from people import register
from qr.models import Scan, ScanTrace
from redemption import goods as shelves
from shifts.approval import awards
from shifts.rota import making, red_posts
from shifts.rules import sums, versions
from shifts.tables.attendance import Approval, Attendance, AttendanceRecord, Award
from shifts.tables.rota import Shift, SignUp
from tests import factories

STARTS = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
SHIFT_SEATS = 40
#: how often a visit is reversed; every n-th visit of a person ends in an order
REVERSED_IN, ORDER_EVERY = 90, 3
_TIERS = [8, 12]


@dataclass
class Town:
    """A community with its people, and what a day there writes."""

    community_id: UUID
    fund_id: UUID
    captain_id: UUID
    deputy_id: UUID
    treasurer_id: UUID
    clerk_id: UUID
    red_post_id: UUID
    goods_id: UUID
    manager_id: UUID
    terms: sums.Terms
    people: list[UUID]
    visits: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))


def fill(database: Database, postings: int, *, people: int = 400, seed: int = 1) -> Town:
    """A new community with at least so many postings, made day by day from January on."""
    town = database.write(lambda session: _found(session, people))
    chance = Random(seed)
    with bulk.filling(database) as rows:
        books = ledger_rows.opened(database, town.community_id, rows, STARTS)
        town_shop.stock(town.goods_id, town.fund_id, town.treasurer_id, books, STARTS)
        days = itertools.count()
        while books.postings < postings:
            _day(town, books, chance, STARTS + timedelta(days=next(days)))
        books.close()
    return town


def _found(session: Session, people: int) -> Town:
    community, manager = factories.make_community(session, at=STARTS)

    def person(name: str, *held: str) -> UUID:
        made = factories.make_person(
            session, community_id=community.id, name=name, held=held, at=STARTS
        )
        return made.id

    boss = factories.actor_of(manager)
    treasurer_id = person("Qian Duo", "treasurer")
    treasurer = factories.actor_of(register.person(session, community.id, treasurer_id))
    rule = versions.add(
        session, actor=boss, at=STARTS, name="Patrol", points_per_hour=10,
        effective_from=STARTS.date(), daily_cap_points=40,
    )  # fmt: skip
    red_post = red_posts.add(session, actor=boss, at=STARTS, name="East gate", kind="patrol")
    rice = shelves.add(session, actor=treasurer, at=STARTS, name="Rice", points=ORDER_POINTS)
    return Town(
        community_id=community.id,
        fund_id=community.general_fund_id,
        captain_id=person("Li Guo", "captain"),
        deputy_id=person("Zhao Min", "captain"),
        treasurer_id=treasurer_id,
        clerk_id=person("Wu Fang", "clerk"),
        red_post_id=red_post.id,
        goods_id=rice.id,
        manager_id=manager.id,
        terms=versions.terms(rule),
        people=[person(f"Volunteer {number}") for number in range(people)],
    )


def _day(town: Town, books: Ledger, chance: Random, at: datetime) -> None:
    """Half the town serves, in shifts of forty, from nine to twelve."""
    there = chance.sample(town.people, len(town.people) // 2)
    for start in range(0, len(there), SHIFT_SEATS):
        crew = there[start : start + SHIFT_SEATS]
        made = Deed(books, town.manager_id, at - timedelta(hours=1))
        shift = made.add(Shift, {
            "id": ids.new(), "red_post_id": town.red_post_id,
            "code_ref": tokens.random_ref(making.CODE_CHARACTERS), "title": "Patrol",
            "starts_at": at, "ends_at": at + timedelta(hours=3), "seats_taken": len(crew),
            "seats_min": 0, "revision": 0,
            "captain_id": town.captain_id, "status": "published", "made_by": town.manager_id,
            "made_at": made.at,
        })  # fmt: skip
        made.tell(Action.SHIFT_ADDED, ("shift", shift["id"]), after={"status": "published"})
        for person_id in crew:
            late = timedelta(minutes=chance.randrange(0, 20))
            _visit(town, books, chance, shift, person_id, at + late)


def _visit(
    town: Town, books: Ledger, chance: Random, shift: Row, person_id: UUID, came: datetime
) -> None:
    """In by scan, out by scan, approved by the captain; sometimes reversed, sometimes spent."""
    left = shift["ends_at"] - timedelta(minutes=chance.randrange(0, 10))
    stay = {"id": ids.new(), "shift_id": shift["id"], "person_id": person_id}
    _scan(books, stay, "checked_in", came, came, None)
    _scan(books, stay, "checked_out", left, came, left)
    signed = {"id": ids.new(), "shift_id": shift["id"], "person_id": person_id,
              "status": "confirmed", "signed_up_at": came, "walked_in_at": came}  # fmt: skip
    Deed(books, person_id, came).add(SignUp, signed)
    undone = chance.randrange(REVERSED_IN) == 0
    award = _credit(town, books, shift, stay, came, left)
    Deed(books, person_id, came).add(Attendance, stay | {
        "status": "voided" if undone else "credited", "checked_in_at": came,
        "checked_out_at": left, "entered": "scan", "evidence": "b",
        "flags": ["late", "left_early", "walk_in"], "revision": 1, "scanned_at": left,
        "seen": {}, "breaks": [],
    })  # fmt: skip
    if undone:
        _undo(town, books, stay, award, left + timedelta(hours=2))
        return
    town.visits[person_id] += 1
    wallet = books.spendable(accounts.wallet(person_id))
    if town.visits[person_id] % ORDER_EVERY == 0 and wallet >= ORDER_POINTS:
        at = left + timedelta(hours=1)
        town_shop.order(town.goods_id, town.clerk_id, books, person_id, at, chance)


def _scan(
    books: Ledger, stay: Row, outcome: str, at: datetime, came: datetime, left: datetime | None
) -> None:
    """One scan of the shift's code: the record with its entry, then the scan with its own."""
    deed = Deed(books, stay["person_id"], at)
    arrived = outcome == "checked_in"
    times = {"checked_in_at": came, "checked_out_at": left}
    record = deed.add(AttendanceRecord, {
        "id": ids.new(), "attendance_id": stay["id"], "actor_id": stay["person_id"],
        "kind": "check_in" if arrived else "check_out", "at": at,
        "before": None if arrived else leaves.plain(times | {"checked_out_at": None}),
        "after": leaves.plain(times),
    })  # fmt: skip
    told = {"shift_id": stay["shift_id"], "person_id": stay["person_id"],
            "status": "open" if arrived else "submitted", "revision": 1,
            "flags": ["late", "walk_in"]}  # fmt: skip
    deed.tell(Action.CHECKED_IN if arrived else Action.CHECKED_OUT, ("attendance", stay["id"]),
              before=record["before"], after=times | told, row=record)  # fmt: skip
    scan = deed.add(Scan, {
        "id": ids.new(), "actor_id": stay["person_id"], "code_kind": "shift", "outcome": outcome,
        "shift_id": stay["shift_id"], "person_id": stay["person_id"],
        "attendance_id": stay["id"], "received_at": at, "nonce": str(ids.new()),
    })  # fmt: skip
    deed.add(ScanTrace, {"scan_id": scan["id"], "address": "127.0.0.1", "agent": "phone"})
    deed.tell(Action.SCANNED, ("scan", scan["id"]), row=scan)


def _credit(
    town: Town, books: Ledger, shift: Row, stay: Row, came: datetime, left: datetime
) -> Row:
    """The captain's approval, the transfer and the award."""
    deed = Deed(books, town.captain_id, shift["ends_at"] + timedelta(minutes=30))
    subject = ("attendance", stay["id"])
    approval = deed.add(Approval, {
        "id": ids.new(), "attendance_id": stay["id"], "revision": 1, "step": 1,
        "decision": "approve", "decided_by": town.captain_id, "decided_at": deed.at,
    })  # fmt: skip
    deed.tell(Action.APPROVED, subject, after={"step": 1, "revision": 1}, row=approval)
    found = sums.worked(
        town.terms,
        *(came, left, shift["starts_at"], shift["ends_at"]),
        zone=ZONE,
        caps_left=sums.Left(day=40),
    )
    person_id = stay["person_id"]
    legs = [
        Leg(accounts.fund_points(town.fund_id), accounts.wallet(person_id), found.points),
        Leg(accounts.contra("served", MINUTES), accounts.hours(person_id), found.minutes),
    ]
    transfer_id = deed.record("award", awards.key_of(stay["id"], 1), legs, subject,
                              fund_id=town.fund_id, evidence="b")  # fmt: skip
    award = deed.add(Award, {
        "id": ids.new(), "attendance_id": stay["id"], "revision": 1, "person_id": person_id,
        "service_on": local_date(shift["starts_at"], ZONE), "rule_id": town.terms.rule_id,
        "minutes": found.minutes, "points": found.points, "steps": found.steps,
        "inputs": found.inputs | {"evidence": "b", awards.TIERS: _TIERS},
        "fund_id": town.fund_id, "transfer_id": transfer_id, "awarded_at": deed.at,
    })  # fmt: skip
    after = {"award_id": award["id"], "transfer_id": transfer_id, "minutes": found.minutes,
             "points": found.points, "rule_id": town.terms.rule_id}  # fmt: skip
    deed.tell(Action.CREDITED, subject, after=after, row=award)
    return award


def _undo(town: Town, books: Ledger, stay: Row, award: Row, at: datetime) -> None:
    """The treasurer reverses the award, and its attendance is void."""
    deed = Deed(books, town.treasurer_id, at)
    person_id, first = stay["person_id"], award["transfer_id"]
    legs = [
        Leg(accounts.wallet(person_id), accounts.fund_points(town.fund_id), award["points"]),
        Leg(accounts.hours(person_id), accounts.contra("served", MINUTES), award["minutes"]),
    ]
    made = deed.record(
        "reversal", f"transfer:{first}:reversal", legs, ("attendance", stay["id"]),
        fund_id=town.fund_id, reason_code="other", reverses_id=first, takes_first=(first,),
    )  # fmt: skip
    after = {"reversal_id": made}
    deed.tell(Action.TRANSFER_REVERSED, ("transfer", first), reason="other", after=after)
    deed.tell(Action.VOIDED, ("attendance", stay["id"]), before={"status": "credited"},
              after=after)  # fmt: skip
