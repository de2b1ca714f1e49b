"""The steps done to real books: one community in one database, each step one unit.

Invariant: nothing is decided here; what a step says is recorded through the rooms' own functions,
at the step's time, and a refusal is handed on as its code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import clock, ids
from kit.db import Database
from ledger import accounts, checkpoints, expiry, reversals, settling, transfers
from ledger.accounts import Place, contra
from ledger.drafts import Draft, Leg
from ledger.kinds import MINUTES, POINTS
from people import communities
from redemption import funds
from tests import factories
from tests.machine.model import PICKUP
from tests.machine.steps import FUNDS, GOODS, PEOPLE, ZONE, Step
from treasury import periods

BUDGET = 90
SYSTEM_VIA = "cli"
#: names of the model → ids that are the same in every run
NAMES = {name: UUID(int=0xA0 << 100 | n) for n, name in enumerate((*PEOPLE, *FUNDS, *GOODS))}


class Books(Protocol):
    """Whoever does the steps in one community, and what they call things."""

    community_id: UUID
    #: names of the model → ids
    names: dict[str, UUID]
    #: what the books say in keys → what the model says
    words: dict[str, str]
    #: key, as the model says it → transfer, as whoever looks finds them
    made: dict[str, UUID]

    def do(self, step: Step) -> None:
        """Do a step; raises the refusal, with its ``code``."""
        ...


class Hands:
    """What does the steps in one database."""

    def __init__(self, database: Database, number: int, at: datetime) -> None:
        self.database = database
        self.policy: Any = expiry.NONE
        self.names, self.words = NAMES, dict[str, str]()
        self.made: dict[str, UUID] = {}
        #: hold → what it was
        self.holds: dict[str, Step] = {}
        self.community_id, self.keeper = self._open(number, at)

    def _open(self, number: int, at: datetime) -> tuple[UUID, UUID]:
        def work(session: Session) -> tuple[UUID, UUID]:
            community, keeper = factories.make_community(
                session, name=f"Machine {number}", phone=f"139{number:08d}", at=at
            )
            factories.grant_role(
                session, community_id=community.id, person_id=keeper.id, role="treasurer", at=at
            )
            actor = Actor(community.id, None, SYSTEM_VIA, ids.new())
            for name, budget in (("f0", BUDGET), ("f1", None)):
                funds.open_fund(
                    session, actor=actor, at=at, name=name, points_budget=budget,
                    fund_id=NAMES[name], check_right=False,
                )  # fmt: skip
            return community.id, keeper.id

        return self.database.write(work)

    def do(self, step: Step) -> None:
        """Do a step; raises the refusal of the books."""
        if step.rule == "wait":
            return
        if step.rule == "tick":
            while self._unit(lambda session: settling.tick(session, self.community_id, step.at)):
                pass
            # Some transfers go into the checkpoints, and some never do.
            self._unit(lambda session: checkpoints.fold(session, self.community_id, step.at))
            return
        said = step.parts[0] if step.rule == "again" else step
        # What a unit was told in a run that was given up does not count: compared once it is over.
        told = self._unit(lambda session: self._one(session, said, step.at))
        for key, transfer_id in told.items():
            before = self.made.get(key, transfer_id)
            assert before == transfer_id, f"{key} was {before} and is now {transfer_id}"
        if step.rule == "expiry":
            self.policy = step.policy
        if step.rule == "hold":
            self.holds[step.key] = step

    def _unit(self, work: Callable[[Session], Any]) -> Any:
        return self.database.write(work, community_id=self.community_id)

    def _one(self, session: Session, step: Step, at: datetime) -> dict[str, UUID]:
        """One step in one unit; the transfers that the books name for its keys."""
        actor = Actor(self.community_id, self.keeper, "api", ids.new())
        if step.rule == "close":
            assert step.on is not None
            periods.close(session, actor=actor, at=at, ends_on=step.on)
            return {}
        if step.rule == "expiry":
            communities.change(session, actor=actor, at=at, points_expiry=step.policy)
            return {}
        self._told(session, actor, at)
        if step.rule in ("reverse", "undo_reserved"):
            self._reverse(session, actor, step, at)
            return {}
        if step.rule != "half_done":
            return self._record(session, actor, step.parts or (step,), at)
        for part in step.parts:
            self._record(session, actor, [part], at)
        return {}

    def _record(
        self, session: Session, actor: Actor, steps: Sequence[Step], at: datetime
    ) -> dict[str, UUID]:
        drafts = [self._draft(step) for step in steps]
        found = transfers.record_all(session, actor=actor, drafts=drafts, at=at)
        told = {step.key: one for step, one in zip(steps, found, strict=True)}
        assert [told[step.key] for step in steps] == found, "one key, and two transfers"
        return told

    def _reverse(self, session: Session, actor: Actor, step: Step, at: datetime) -> None:
        reversals.reverse(
            session,
            actor=actor,
            transfer_id=self.made.get(step.target, ids.NIL),
            at=at,
            effective_on=step.on or clock.local_date(at, ZONE),
            reason_code="mistake",
        )

    def _told(self, session: Session, actor: Actor, at: datetime) -> None:
        """The audit entry that every unit leaves."""
        subject = ("community", self.community_id)
        trail.record(session, actor=actor, action=Action.CREDITED, subject=subject, at=at)

    def _draft(self, step: Step) -> Draft:
        found: Draft = getattr(self, f"_{_DRAFTS[step.rule]}")(step)
        return found

    def _award(self, step: Step) -> Draft:
        person, today = NAMES[step.person], clock.local_date(step.at, ZONE)
        first = today + timedelta(days=step.notice)
        leg = Leg(
            accounts.fund_points(NAMES[step.fund]),
            accounts.pending(person) if step.notice else accounts.wallet(person),
            step.points,
            expires_on=expiry.last_day(self.policy, first),
            available_on=first if step.notice else None,
        )
        legs = [leg]
        if step.minutes:
            legs.append(Leg(contra("served", MINUTES), accounts.hours(person), step.minutes))
        return self._made(step, "award", legs, step.on or today, fund=NAMES[step.fund])

    def _adjust(self, step: Step) -> Draft:
        wallet = accounts.wallet(NAMES[step.person])
        kind, other = _CONTRA[step.rule]
        today = clock.local_date(step.at, ZONE)
        leg = Leg(wallet, contra(other, POINTS), abs(step.points))
        if step.points > 0:
            day = None if step.forever else expiry.last_day(self.policy, today)
            leg = Leg(contra(other, POINTS), wallet, step.points, expires_on=day)
        return self._made(step, kind, [leg], today)

    def _stock(self, step: Step) -> Draft:
        place = accounts.shelf(NAMES[step.goods])
        leg = Leg(contra("supplied", place.commodity), place, step.points, unit_cost_fen=250)
        on = clock.local_date(step.at, ZONE)
        return self._made(step, "receipt", [leg], on, fund=NAMES[step.fund])

    def _hold(self, step: Step) -> Draft:
        legs = [Leg(source, aside, amount) for source, aside, _gone, amount in _of(step)]
        return self._made(step, "hold", legs, clock.local_date(step.at, ZONE))

    def _collect(self, step: Step) -> Draft:
        moves = _of(self.holds[step.target])
        legs = [Leg(aside, gone, amount) for _source, aside, gone, amount in moves]
        return self._made(step, "collect", legs, clock.local_date(step.at, ZONE))

    def _release(self, step: Step) -> Draft:
        hold = self.holds[step.target]
        legs = [Leg(aside, source, amount) for source, aside, _gone, amount in _of(hold)]
        # Who comes by after its time finds that it lapsed by itself, on that day.
        lapsed = clock.local_date(hold.at, ZONE) + timedelta(days=PICKUP)
        on = min(lapsed, clock.local_date(step.at, ZONE))
        return self._made(step, "release", legs, on, back=self.made[step.target])

    def _give_back(self, step: Step) -> Draft:
        moves = _of(self.holds[step.target])
        legs = [Leg(gone, source, amount) for source, _aside, gone, amount in moves]
        on = clock.local_date(step.at, ZONE)
        return self._made(step, "return", legs, on, back=self.made[step.target])

    def _made(
        self,
        step: Step,
        kind: str,
        legs: list[Leg],
        on: date,
        *,
        fund: UUID | None = None,
        back: UUID | None = None,
    ) -> Draft:
        source = NAMES.get(step.person) or NAMES["g0"]
        return Draft(
            kind, step.key, tuple(legs), on, ("test", source), fund, gives_back=back,
            dated=step.dated,
        )  # fmt: skip


_DRAFTS = {
    "award": "award", "notice": "award", "backdate": "award", "adjust": "adjust",
    "carry_over": "adjust", "stock": "stock", "hold": "hold", "collect": "collect",
    "release": "release", "give_back": "give_back",
}  # fmt: skip
_CONTRA = {"adjust": ("adjustment", "adjusted"), "carry_over": ("opening", "carried_over")}


def _of(hold: Step) -> list[tuple[Place, Place, Place, int]]:
    """What a hold moves: from, to, where it goes when it is collected, how much."""
    person = NAMES[hold.person]
    spent = (accounts.wallet(person), accounts.held(person), contra("redeemed", POINTS))
    moves = [(*spent, hold.points)]
    if hold.goods:
        shelf, aside = accounts.shelf(NAMES[hold.goods]), accounts.set_aside(NAMES[hold.goods])
        moves.append((shelf, aside, contra("handed_over", shelf.commodity), 1))
    return moves
