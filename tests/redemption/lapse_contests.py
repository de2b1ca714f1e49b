"""Many small races at the midnight at which points lapse: tick, and somebody who spends, collects,
cancels, brings goods back or has an award reversed, all at the same instant.

Invariant: each race has a person of its own, and is judged by a reckoning on paper from what the
racers were told: who came first changes who is refused, and never what there is in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.db import Database
from ledger import settling
from ledger.models import Posting, Transfer
from people.models import Person
from redemption import orders, wallets
from redemption.models import Goods, Order
from tests.factories import AT
from tests.ledger.contests import starting_line
from tests.redemption import shop
from tests.redemption.shop import Shop

#: the first second of the next day in Shanghai
MIDNIGHT = AT + timedelta(hours=10, seconds=1)
PRICE = 10
#: deed → the refusals that the others may bring about
DEEDS = {
    "tick": (),
    "spend": ("insufficient_points",),
    "collect": (),
    "cancel": (),
    "give_back": (),
    "reverse": (),
}
CHECKED_EVERY = 250


@dataclass
class Tally:
    """What all races together came to."""

    races: int = 0
    #: how often each deed was done, and each refusal met
    done: Counter[str] = field(default_factory=Counter)
    #: races whose points are not those of the reckoning: lost or made
    wrong: list[str] = field(default_factory=list)
    #: refusals that nothing in the race explains
    needless: list[str] = field(default_factory=list)
    #: what the proof of the books found
    problems: list[object] = field(default_factory=list)


@dataclass
class _Race:
    """One person on the evening before, with awards and orders."""

    person: Person
    awards: dict[UUID, int]
    lapsing: int
    ordered: dict[str, Order]
    wanted: int
    undone: UUID


def run(
    database: Database, races: int, seed: int, *, told: Callable[[int], None] = lambda _done: None
) -> Tally:
    """Run so many races; ``told`` is called after each with their number so far."""
    town, chance, tally = shop.open_shop(database), Random(seed), Tally()
    rice = town.goods(PRICE, 100_000)
    with starting_line() as together:
        for number in range(races):
            town.at = AT
            race = _evening(town, rice, chance)
            town.at = MIDNIGHT
            names = ["tick", *chance.sample(list(DEEDS)[1:], chance.randint(1, 4))]
            answers = together([_deed(town, rice, race, name) for name in names])
            outcomes = dict(zip(names, answers, strict=True))
            _judge(town, race, outcomes, tally, f"race {number} of seed {seed}")
            told(number + 1)
            if number % CHECKED_EVERY == CHECKED_EVERY - 1 or number == races - 1:
                tally.problems += town.problems()
    return tally


def _evening(town: Shop, rice: Goods, chance: Random) -> _Race:
    """Points of which some lapse tonight; an order to collect, one to cancel, one collected."""
    person = town.person()
    lapsing, lasting, waiting = (PRICE * chance.randint(2, 5) for _ in range(3))
    kinds: list[tuple[int, dict[str, Any]]] = [
        (lapsing, {"lasts": 0}),
        (lasting, {"lasts": chance.choice((None, 1, 40))}),
    ]
    if chance.random() < 0.5:
        kinds.append((waiting, {"waits": 1, "lasts": chance.choice((None, 5))}))
    awards = {_award(town, person, points, facts): points for points, facts in kinds}
    pieces = {"cancel": chance.randint(1, 2), "give_back": 1, "collect": 1}
    ordered = {name: town.order(person, (rice, many)) for name, many in pieces.items()}
    town.collect(ordered["give_back"])
    taken = PRICE * sum(pieces.values())
    wanted = chance.randint(1, 6)
    left = max(0, lapsing - taken)
    return _Race(person, awards, left, ordered, wanted, chance.choice(list(awards)))


def _award(town: Shop, person: Person, points: int, facts: dict[str, Any]) -> UUID:
    return town.write(lambda session: town.award(session, person.id, points, **facts))


def _deed(town: Shop, rice: Goods, race: _Race, name: str) -> Callable[[], object]:
    facts = {"order_id": race.ordered[name].id} if name in race.ordered else {}
    code = town.code(race.ordered["collect"]) if name == "collect" else ""
    deeds: dict[str, Callable[[], object]] = {
        "tick": lambda: town.write(lambda s: settling.tick(s, town.community_id, MIDNIGHT)),
        "spend": lambda: town.order(race.person, (rice, race.wanted)),
        "collect": lambda: town.collect(race.ordered["collect"], code=code),
        "cancel": lambda: town.do(race.person, orders.cancel, **facts),
        "give_back": lambda: town.do(town.clerk, orders.give_back, reason="broken", **facts),
        "reverse": lambda: town.write(lambda s: town.reverse(s, race.undone)),
    }
    return deeds[name]


def _judge(town: Shop, race: _Race, outcomes: dict[str, object], tally: Tally, name: str) -> None:
    refused = {deed: told for deed, told in outcomes.items() if isinstance(told, str)}
    done = outcomes.keys() - refused.keys()
    while town.write(lambda session: settling.tick(session, town.community_id, MIDNIGHT)):
        pass
    wallet = town.read(
        lambda session: wallets.of(session, town.community_id, race.person.id, MIDNIGHT)
    )
    order = {deed: one.points for deed, one in race.ordered.items()}
    held = order["cancel"] * ("cancel" not in done) + order["collect"] * ("collect" not in done)
    held += race.wanted * PRICE * ("spend" in done)
    spent = order["give_back"] * ("give_back" not in done) + order["collect"] * ("collect" in done)
    earned = sum(race.awards.values()) - race.awards[race.undone] * ("reverse" in done)
    found = (
        wallet.available - wallet.owed, wallet.held, wallet.pending, _lapsed(town, race.person),
    )  # fmt: skip
    wanted = (earned - race.lapsing - held - spent, held, 0, race.lapsing)
    if found != wanted or (wallet.owed and wallet.available):
        tally.wrong.append(f"{name}: {outcomes}: {found} for {wanted}")
    for deed, code in refused.items():
        late = deed == "spend" and wallet.available >= race.wanted * PRICE
        brought = {"cancel", "give_back"} & done
        if code not in DEEDS[deed] or (late and not brought):
            tally.needless.append(f"{name}: {outcomes}")
    tally.races += 1
    tally.done.update(done)
    tally.done.update(refused.values())
    tally.done["owing"] += bool(wallet.owed)
    tally.done["lapsed"] += bool(race.lapsing)


def _lapsed(town: Shop, person: Person) -> int:
    """What the books show as lapsed of a person's points."""

    def work(session: Session) -> int:
        total = session.scalar(
            select(func.sum(Posting.amount))
            .join(Transfer, Transfer.id == Posting.transfer_id)
            .where(
                Posting.community_id == town.community_id,
                Transfer.community_id == town.community_id,
                Transfer.kind == "lapse",
                Transfer.source_id == person.id,
            )
        )
        return int(total or 0)

    return town.read(work)
