"""Many small races for one guarded account: everybody starts at once and wants a random part of it.

Invariant: each race is on an account of its own, whose balance, number of clients and amounts come
from the seed; it is judged by what the clients were told and by what the books hold afterwards.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from kit import ids
from kit.errors import DomainError
from ledger import accounts
from ledger.accounts import Place, contra
from ledger.drafts import Leg
from ledger.kinds import POINTS
from tests.ledger.books import AT, Books

WIDEST = 6
REFUSED = {"wallet": "insufficient_points", "shelf": "out_of_stock", "fund_points": "over_budget"}
#: what a transfer is that fills such an account, and one that takes from it
FILLED = {"wallet": "award", "shelf": "receipt", "fund_points": "opening"}
TAKEN = {"wallet": "hold", "shelf": "hold", "fund_points": "award"}


@dataclass
class Tally:
    """What all races together came to."""

    races: int = 0
    done: int = 0
    refused: int = 0
    #: taken beyond what was there, in all
    excess: int = 0
    #: refusals although there was enough at the end still
    needless: int = 0
    #: races in which the books and what the clients were told differ
    untrue: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


@contextmanager
def starting_line(
    width: int = WIDEST,
) -> Iterator[Callable[[list[Callable[[], object]]], list[object]]]:
    """Runs deeds in threads that start together; a refusal's answer is its code."""

    with ThreadPoolExecutor(width) as pool:

        def together(deeds: list[Callable[[], object]]) -> list[object]:
            line = threading.Barrier(len(deeds))

            def go(deed: Callable[[], object]) -> object:
                line.wait(60)
                try:
                    return deed()
                except DomainError as refusal:
                    return refusal.code

            return list(pool.map(go, deeds))

        yield together


def overdraft(
    ours: Books, races: int, seed: int, *, told: Callable[[int], None] = lambda _done: None
) -> Tally:
    """Run so many races; ``told`` is called after each with their number so far."""
    chance, tally = Random(seed), Tally()
    with starting_line() as together:
        for number in range(races):
            _race(ours, chance, together, tally)
            told(number + 1)
    return tally


def _race(
    ours: Books,
    chance: Random,
    together: Callable[[list[Callable[[], object]]], list[object]],
    tally: Tally,
) -> None:
    kind = chance.choice(list(REFUSED))
    there = chance.randint(1, 60)
    source, target = _fill(ours, kind, there, chance)
    wanted = [
        [chance.randint(1, max(1, there)) for _ in range(chance.randint(1, 3))]
        for _ in range(chance.randint(2, WIDEST))
    ]
    answers = together([_client(ours, source, target, amounts) for amounts in wanted])
    taken, refused = 0, []
    for found in answers:
        assert isinstance(found, list)
        taken += sum(amount for amount, code in found if code == "done")
        refused += [amount for amount, code in found if code != "done"]
        tally.done += sum(code == "done" for _amount, code in found)
        assert {code for _amount, code in found} <= {"done", REFUSED[kind]}, found
    left = ours.balance(source)
    tally.races += 1
    tally.kinds[kind] += 1
    tally.refused += len(refused)
    tally.excess += max(0, taken - there)
    tally.needless += sum(amount <= left for amount in refused)
    tally.untrue += left != there - taken


def _client(
    ours: Books, source: Place, target: Place | None, amounts: list[int]
) -> Callable[[], list[tuple[int, str]]]:
    """Takes one amount after the other; tells of each what became of it."""

    goal = target or accounts.wallet(ids.new())

    def go() -> list[tuple[int, str]]:
        return [(amount, _take(ours, source, goal, amount)) for amount in amounts]

    return go


def _take(ours: Books, source: Place, target: Place, amount: int) -> str:
    try:
        ours.record(
            ours.draft(TAKEN[source.kind], f"race:{ids.new()}", Leg(source, target, amount))
        )
    except DomainError as refusal:
        return refusal.code
    return "done"


def _fill(ours: Books, kind: str, amount: int, chance: Random) -> tuple[Place, Place | None]:
    """A new account with this balance, in up to three lots; and where it goes from there, or none
    where each client gives to somebody else."""
    owner_id = ids.new()
    if kind == "wallet":
        source, target = accounts.wallet(owner_id), accounts.held(owner_id)
        origin = accounts.fund_points(ours.fund_id)
    elif kind == "shelf":
        source, target = accounts.shelf(owner_id), accounts.set_aside(owner_id)
        origin = contra("supplied", source.commodity)
    else:
        source, target = accounts.fund_points(owner_id), None
        origin = contra("granted", POINTS)
        ours.write(
            lambda session: accounts.open_all(
                session, community_id=ours.community_id, places=[source], at=AT, budgeted=True
            )
        )
    cuts = sorted({0, amount, *(chance.randint(0, amount) for _ in range(2))})
    parts = [end - start for start, end in itertools.pairwise(cuts)]
    drafts = [
        ours.draft(FILLED[kind], f"race:{ids.new()}", Leg(origin, source, part)) for part in parts
    ]
    ours.record(*drafts)
    return source, target
