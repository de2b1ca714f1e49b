"""Random questions to the books, on both engines: each answer equals a recount in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy.orm import Session

from kit import ids
from kit.clock import StandingClock, local_date
from kit.db import Database
from ledger import accounts, statements
from ledger.accounts import Place
from ledger.kinds import ACCOUNT_KINDS, TRANSFER_KINDS
from people import access, communities, register
from tests import quick
from tests.api import world as worlds
from tests.api.world import World
from tests.ledger.books import Books
from tests.reports import recount
from tests.reports.past import ZONE, Past
from tests.reports.recount import Recount, Told

PASTS, DEEDS, QUERIES = 2, 80, 520 if quick.LONG else 200
LIMITS = (1, 2, 3, 7, 20)


@dataclass
class Asking:
    """Somebody who asks the books at random, and the recount that knows the answers."""

    world: World
    past: Past
    truth: Recount
    chance: Random
    asked: Counter[str] = field(default_factory=Counter)
    #: how many answers held anything at all
    told: Counter[str] = field(default_factory=Counter)

    def some(self) -> None:
        """Ask one question; a list is asked for page by page, and each page counts."""
        name = self.chance.choice(KINDS)
        pages = getattr(self, f"_{name}")()
        self.asked[name] += pages

    def _trial(self) -> int:
        commodity, on, at = self._commodity(), self._day(), self._instant()
        found = self.world.database.read(
            lambda session: statements.trial_balance(
                session, self.world.community_id, commodity, on, at
            )
        )
        rows = [{name: getattr(row, name) for name in TRIAL} for row in found]
        self._same("trial", rows, self.truth.trial(commodity, on, at))
        return 1

    def _trial_over_http(self) -> int:
        commodity, on, at = self._commodity(), self._day(), self._instant()
        if at is not None and self.chance.random() < 0.3:
            day = local_date(at, ZONE)
            asked: object = day
            at = datetime.fromisoformat(f"{day}T23:59:59.999999+08:00")
        else:
            asked = at.isoformat() if at else None
        answer = self._get(
            "/ledger/trial-balance", commodity=commodity, effective_on=on, known_at=asked
        )
        wanted = _plain(self.truth.trial(commodity, on, at))
        self._same("trial_over_http", answer["rows"], wanted)
        assert answer["total"] == 0
        return 1

    def _balance(self) -> int:
        place, on, at = self._place(), self._day(), self._instant()
        found = self.world.database.read(
            lambda session: statements.balance_of(
                session, self.world.community_id, place, effective_on=on, known_at=at
            )
        )
        rows = [row for row in self.truth.trial(None, on, at) if row["code"] == place.code]
        wanted = rows[0]["balance"] if rows else 0
        self._same("balance", [found] if found else [], [wanted] if wanted else [])
        return 1

    def _accounts(self) -> int:
        wanted: dict[str, Any] = {
            "kind": self._maybe(list(ACCOUNT_KINDS)),
            "commodity": self._commodity(),
            "owner_id": self._maybe([*self.past.people, *self.past.goods]),
        }
        wanted = {name: value for name, value in wanted.items() if value is not None}
        return self._pages("accounts", "/ledger/accounts", self.truth.accounts_listed, wanted)

    def _transfers(self) -> int:
        kind, person_id = self._maybe(list(TRANSFER_KINDS)), self._maybe(self.past.people)
        source_type = self.chance.choice(("test", "person")) if person_id else None
        wanted = {"kind": kind, "source_type": source_type, "source_id": person_id}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        asked = {"kind": kind, "source": f"{source_type}:{person_id}" if person_id else None}
        find = self.truth.transfers_listed
        return self._pages("transfers", "/ledger/transfers", find, wanted, asked)

    def _statement(self) -> int:
        person_id = self.chance.choice(self.past.people)
        on, at = self._maybe([self._day()]), self._maybe([self._instant()])
        path = f"/people/{person_id}/statement"
        asked = {"effective_on": on, "known_at": at and at.isoformat()}
        asked = {name: value for name, value in asked.items() if value is not None}
        return self._pages(
            "statement", path, lambda: self.truth.statement(person_id, on, at), {}, asked
        )

    def _wallet(self) -> int:
        """Now, and on days to come on which tick has not come by."""
        person_id = self.chance.choice(self.past.people)
        wanted = self.truth.wallet(person_id, self._some_day_to_come())
        if wanted["next_expiry"]:
            wanted["next_expiry"] = _plain([wanted["next_expiry"]])[0]
            self.told["expiry"] += 1
        self._same("wallet", [self._get(f"/people/{person_id}/wallet")], [wanted])
        return 1

    def _wallet_then(self) -> int:
        """As of a day, as known at an instant."""
        person_id, today = self.chance.choice(self.past.people), self._some_day_to_come()
        on, at = self._day(), self._instant()
        if on is None and at is None:
            return 0
        wanted = self.truth.wallet_then(person_id, today, on, at)
        path = f"/people/{person_id}/wallet"
        found = self._get(path, effective_on=on, known_at=at and at.isoformat())
        self._same("wallet_then", [found], [wanted])
        return 1

    def _some_day_to_come(self) -> date:
        """Moves the clock; tick does not come by."""
        self.world.clock.at = self.past.now + timedelta(days=self.chance.choice((0, 1, 3, 6, 12)))
        return local_date(self.world.clock.at, ZONE)

    def _pages(
        self,
        name: str,
        path: str,
        find: Callable[..., list[Told]],
        wanted: dict[str, Any],
        asked: dict[str, Any] | None = None,
    ) -> int:
        """Read some pages of a list, from the first on, or all; each with a limit of its own."""
        truth = _plain(find(**wanted))
        cursor, seen, pages = None, 0, 0
        for _ in range(self.chance.randint(1, 6)):
            limit = self.chance.choice(LIMITS)
            answer = self._get(
                path, **(wanted if asked is None else asked), limit=limit, cursor=cursor
            )
            part = truth[seen : seen + limit]
            found = [{key: item[key] for key in part[0]} for item in answer["items"] if part]
            self._same(name, found, part)
            assert len(answer["items"]) == len(part)
            seen, pages, cursor = seen + limit, pages + 1, answer["next"]
            assert (cursor is None) == (seen >= len(truth))
            if cursor is None:
                break
        return pages

    def _same(self, name: str, found: list[Any], wanted: list[Any]) -> None:
        assert found == wanted, name
        self.told[name] += bool(wanted)

    def _get(self, path: str, **query: Any) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        answer = self.world["auditor"].get(f"{path}?{urlencode(given)}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    def _maybe(self, values: list[Any]) -> Any:
        """One of these, or, as often as not, no filter."""
        return self.chance.choice(values) if self.chance.random() < 0.5 else None

    def _commodity(self) -> str | None:
        found: str | None = self._maybe(
            ["points", "minutes", "fen", *(f"goods:{one}" for one in self.past.goods)]
        )
        return found

    def _day(self) -> date | None:
        days = [local_date(at, ZONE) for at in self.past.instants]
        day = self._maybe(days)
        return None if day is None else day + timedelta(days=self.chance.choice((-11, -1, 0, 0, 1)))

    def _instant(self) -> datetime | None:
        at = self._maybe(self.past.instants)
        return None if at is None else at + timedelta(microseconds=self.chance.choice((-1, 0, 1)))

    def _place(self) -> Place:
        account = self.chance.choice(list(self.truth.accounts.values()))
        if self.chance.random() < 0.05:
            return accounts.wallet(ids.new())
        return Place(account.kind, account.owner_id, account.commodity)


KINDS = (
    "trial",
    "trial_over_http",
    "balance",
    "accounts",
    "transfers",
    "statement",
    "wallet",
    "wallet_then",
)
TRIAL = ("account_id", "code", "kind", "owner_id", "commodity", "debits", "credits", "balance")


def _plain(rows: list[Told]) -> list[Told]:
    """The rows as JSON tells them."""
    return [{name: _told(value) for name, value in row.items()} for row in rows]


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return _plain(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value) if isinstance(value, UUID | date) else value


def _past(world: World, seed: int) -> Past:
    """A past of people who are there, so that they may be asked about over HTTP."""
    fund_id = world.database.read(
        lambda session: communities.settings_of(session, world.community_id).general_fund_id
    )
    ours = Books(world.database, world.community_id, fund_id)
    past = Past(ours, Random(seed))
    past.people = [found for _ in range(3) if (found := world.join(str(ids.new())).id)]
    past.go_on(DEEDS)
    world.clock.at = past.now
    auditor = world["auditor"]
    auditor.token = world.write(lambda session: _token(session, world, past.now, auditor.id))
    return past


def _token(session: Session, world: World, at: datetime, person_id: UUID | None) -> str:
    """A token that is good for the days after the past."""
    assert person_id is not None
    person = register.person(session, world.community_id, person_id)
    return access.make(session, person=person, kind="api", limited=False, at=at)[0]


def test_queries_equal_a_recount_of_the_postings(
    database: Database,
    clock: StandingClock,
    record_property: Callable[[str, object], None],
) -> None:
    world = worlds.make(database, clock)
    asked: Counter[str] = Counter()
    told: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for seed in range(PASTS):
        past = _past(world, seed)
        truth = database.read(recount.read(world.community_id))
        asking = Asking(world, past, truth, Random(seed))
        while asking.asked.total() < QUERIES // PASTS:
            asking.some()
        asked, told, done = asked + asking.asked, told + asking.told, done + past.done
    record_property("cases", asked.total())
    assert asked.total() >= QUERIES
    assert set(asked) == set(KINDS) == set(told) - {"expiry"}, (
        "each kind of question found something"
    )
    assert done["reverse"] > 5
    assert done["give_back"] > 0
    assert done["tick"] > 0
    assert told["expiry"] > 0
