"""The work that is measured: credit one of many wallets from one issuer, as an approval does.

Invariant: ours goes through the doors that the rooms use (`Database.write`, `transfers.record`,
`trail.record`); the floors write the same rows into the same tables, over the bare driver, and
nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from bench.crews import Deed
from bench.databases import plain
from kit import ids
from kit.db import Database
from ledger import accounts, hopes, transfers
from ledger.drafts import Draft, Leg
from ledger.found import Opened
from ledger.models import Account, Balance
from redemption import funds
from tests import factories

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ON = date(2026, 11, 22)
WALLETS = 10_000
POINTS = 10
BUDGET = 10**12
HISTORY = 300


@dataclass(frozen=True)
class Stage:
    """A database made ready: who is paid, and by whom."""

    url: str
    community_id: UUID
    manager_id: UUID
    #: the fund without a budget: its points have no balance row (D4)
    fund_id: UUID
    #: the fund with one: its row is charged by each credit
    budgeted_id: UUID
    person_ids: tuple[UUID, ...]
    wallet_ids: tuple[UUID, ...]
    issuer_id: UUID
    budget_id: UUID


def stage(url: str, wallets: int = WALLETS, history: int = HISTORY) -> Stage:
    """A community with its funds, and this many wallets that are open already.

    With some history, which PostgreSQL has counted: as a server has it after its first minute. On
    tables that it believes to be empty it plans as if they stayed so.
    """
    database = Database(url)
    try:
        made = _staged(database, wallets)
        deeds = (Ours(made).deed(database), Ours(made).budgeted().deed(database))
        for _ in range(history):
            for deed in deeds:
                deed()
    finally:
        database.dispose()
    if database.dialect == "postgresql":
        with psycopg.connect(plain(url), autocommit=True) as connection:
            connection.execute("ANALYZE")
    return made


def _staged(database: Database, wallets: int) -> Stage:
    def opened(session: Session) -> tuple[UUID, UUID, UUID, UUID]:
        community, first = factories.make_community(session, name="Bench", at=AT)
        actor = Actor(community.id, None, "cli")
        budgeted = funds.open_fund(
            session, actor=actor, at=AT, name="Budget", points_budget=BUDGET, check_right=False
        )
        general = community.general_fund_id
        return community.id, first.id, general, budgeted.id

    community_id, manager_id, general_id, budgeted_id = database.write(opened)
    people = [ids.new() for _ in range(wallets)]
    found: dict[UUID | None, UUID] = {}
    for start in range(0, wallets, 500):
        some = people[start : start + 500]
        # Who was credited before has both: what is measured is not the first credit of a life.
        places = [one(person) for person in some for one in (accounts.wallet, accounts.owed)]

        def open_wallets(session: Session, places: list[accounts.Place] = places) -> None:
            known = accounts.open_all(session, community_id=community_id, places=places, at=AT)
            found.update({p.owner_id: known[p].id for p in places if p.kind == "wallet"})

        database.write(open_wallets, community_id=community_id)
    issuers = [accounts.fund_points(general_id), accounts.fund_points(budgeted_id)]
    known = database.read(lambda session: _ids_of(session, community_id, issuers))
    return Stage(
        database.url, community_id, manager_id, general_id, budgeted_id,
        tuple(people), tuple(found[person] for person in people), *known,
    )  # fmt: skip


def _ids_of(session: Session, community_id: UUID, places: list[accounts.Place]) -> list[UUID]:
    found = accounts.find(session, community_id, places)
    return [found[place].id for place in places]


@dataclass(frozen=True)
class Ours:
    """A credit as the rooms make it; ``locked``: the issuer's row is held from the start."""

    stage: Stage
    locked: bool = False

    def opened(self) -> Callable[[], Deed]:
        """One database for the process, as the server has it."""
        database = Database(self.stage.url)
        self.learn(database)
        return lambda: self.deed(database)

    def learn(self, database: Database) -> None:
        """Know every wallet, as a process does that has credited each of them before."""
        stage = self.stage
        people = [
            place(one) for one in stage.person_ids for place in (accounts.wallet, accounts.owed)
        ]
        funds = [accounts.fund_points(one) for one in (stage.fund_id, stage.budgeted_id)]

        def work(session: Session) -> None:
            for start in range(0, len(people), 1000):
                some = [*funds, *people[start : start + 1000]]
                known = accounts.find(session, stage.community_id, some)
                opened = {place: Opened(row.id, row.floor) for place, row in known.items()}
                hopes.learn(session, stage.community_id, opened)

        database.write(work, community_id=stage.community_id)

    def deed(self, database: Database) -> Deed:
        """One credit to a random wallet in one unit."""
        stage = self.stage
        chance = random.Random(ids.new().int)

        def credit() -> None:
            person_id = stage.person_ids[chance.randrange(len(stage.person_ids))]
            actor = Actor(stage.community_id, stage.manager_id)

            def work(session: Session) -> None:
                if self.locked:
                    _hold_issuer(session, stage)
                record(session, actor, stage.fund_id, person_id)

            database.write(work, community_id=stage.community_id)

        return credit

    def budgeted(self) -> Ours:
        """The same from the fund whose row is charged by each credit (D4)."""
        return replace(self, stage=replace(self.stage, fund_id=self.stage.budgeted_id))


def record(session: Session, actor: Actor, fund_id: UUID, person_id: UUID) -> None:
    """One credit and its entry in the trail."""
    attendance_id = ids.new()
    draft = Draft(
        kind="award",
        key=f"attendance:{attendance_id}:award",
        legs=(Leg(accounts.fund_points(fund_id), accounts.wallet(person_id), POINTS),),
        effective_on=ON,
        source=("attendance", attendance_id),
        fund_id=fund_id,
        evidence="a",
    )
    transfers.record(session, actor=actor, draft=draft, at=AT)
    trail.record(
        session,
        actor=actor,
        action=Action.CREDITED,
        subject=("attendance", attendance_id),
        at=AT,
        after={"points": POINTS},
    )


def _hold_issuer(session: Session, stage: Stage) -> None:
    """What a ledger does that keeps a balance for its issuer: read it, under a lock, first."""
    query = (
        select(Balance.balance)
        .join(
            Account,
            (Account.community_id == Balance.community_id) & (Account.id == Balance.account_id),
        )
        .where(
            Balance.community_id == stage.community_id,
            Account.community_id == stage.community_id,
            Balance.account_id == stage.budget_id,
        )
        .with_for_update(of=Balance)
    )
    session.execute(query).one()
