"""One run: the same deeds on every engine and on paper, compared after each step.

Invariant: what one engine answered or wrote, the others did to the byte; the model is told nothing
but when time was posted, and says everything else by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from types import ModuleType
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.models import Unsealed
from kit.db import Database
from kit.errors import DomainError
from tests.machine import asking, deeds_on_paper, invariants, steps
from tests.machine.deeds import Deed
from tests.machine.doors import Doors, Told
from tests.machine.hands import BUDGET, Books, Hands
from tests.machine.invariants import Look
from tests.machine.model import Model, Refused
from tests.machine.numbered import Numbered, numbered
from tests.machine.sight import Seen, Sight
from tests.machine.steps import OFFSET, PEOPLE, Step

T = TypeVar("T")
#: ten at night on a Sunday in January, in Shanghai: UTC is two days of a month behind soon
START = datetime(2026, 1, 18, 14, 0, tzinfo=UTC)


@dataclass
class Counts:
    """What was tried, over all runs."""

    runs: int = 0
    steps: int = 0
    failed: int = 0
    through_http: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    #: kinds of entries that were written
    kinds: Counter[str] = field(default_factory=Counter)


@dataclass
class Side:
    """One engine's part of a run."""

    database: Database
    hands: Books
    sight: Sight

    def look(self, person: str, at: datetime) -> Look:
        """What stands there now."""
        found: Look = self.read(
            lambda session: invariants.take_look(session, self.sight, person, at)
        )
        return found

    def read(self, work: Callable[[Session], T]) -> T:
        """One snapshot."""
        return self.database.read(work, community_id=self.hands.community_id)


@dataclass
class Play:
    """A run as it goes."""

    sides: dict[str, Side]
    model: Model
    counts: Counts
    numbers: Numbered
    #: what the deeds are and mean: to the books, or to the API
    rules: ModuleType = deeds_on_paper
    number: int = 0

    def step(self, step: Step) -> None:
        """Do one step everywhere and compare."""
        self.number += 1
        self.counts.steps += 1
        self.counts.rules[step.rule] += 1
        told = {name: self._done(side, step) for name, side in self.sides.items()}
        code = self._agreed({name: one[0] for name, one in told.items()})
        looks = {name: one[1] for name, one in told.items()}
        new = self._agreed({name: tuple(look.new) for name, look in looks.items()})
        self._agreed({name: tuple(map(tuple, look.lots)) for name, look in looks.items()})
        before = set(self.model.journal)
        wanted = self._on_paper(step, code, new)
        assert code == wanted, f"{step} was answered with {code}, on paper with {wanted}"
        if code is not None:
            self.counts.refusals[code] += 1
        self.counts.kinds.update(one.kind for one in new)
        for name, look in looks.items():
            self._holds(name, look, before)

    def _done(self, side: Side, step: Step) -> tuple[str | None, Look]:
        self.numbers.turn_to(self.number)
        code = None
        try:
            side.hands.do(step)
        except (DomainError, Told) as refusal:
            code = refusal.code
        return code, side.look(PEOPLE[self.number % len(PEOPLE)], step.at)

    def _on_paper(self, step: Step, code: str | None, new: Sequence[Seen]) -> str | None:
        """Do the step to the model; returns the refusal it expects."""
        trial = self.model.kept()
        trial.now = self.model.now = step.at
        first, then = _posted_by_time(new)
        for person in [*first, *sorted(self.rules.spenders(trial, step) - set(first))]:
            trial.settle(person)
        try:
            self.rules.do(trial, step)
        except Refused as refused:
            return refused.code
        if code is None:
            for person in then:
                trial.settle(person)
            _remember(trial, step)
            self.model = trial
        return None

    def _holds(self, name: str, look: Look, before: set[str]) -> None:
        journal = partial(invariants.journal_is_as_on_paper, look, self.model, before)
        self._check(journal, name, "journal_is_as_on_paper")
        for check in invariants.EVERY_STEP:
            self._check(partial(check, look, self.model), name, check.__name__)

    def end(self) -> None:
        """A last tick, and what is dearer to prove."""
        self.step(Step("tick", self.model.now))
        days = sorted({entry.on for entry in self.model.journal.values()})
        times = sorted({entry.at for entry in self.model.journal.values()})
        for name in self.sides:
            self._of_rows(name, "statement_sums_to_wallet")
            self._of_rows(name, "trial_balance_comes_to_nothing")
            self._of_rows(name, "check_finds_no_problem")
            if days:
                on, known = days[len(days) // 2], times[len(times) // 2]
                for day, instant in ((on, None), (None, known), (on, known)):
                    self._of_rows(name, "past_is_as_on_paper", day, instant)
        self._agreed({name: side.read(_leaves(side)) for name, side in self.sides.items()})

    def _of_rows(self, name: str, check: str, *facts: object) -> None:
        side, does = self.sides[name], getattr(invariants, check)
        self._check(
            lambda: side.read(lambda session: does(session, side.sight, self.model, *facts)),
            name, check,
        )  # fmt: skip

    def _check(self, does: Callable[[], None], engine: str, name: str) -> None:
        self.counts.checks[name] += 1
        try:
            does()
        except AssertionError as broken:
            raise AssertionError(f"{engine}: {name}: {broken}") from broken

    def _agreed(self, answers: Mapping[str, T]) -> T:
        """What every engine says; told apart where they differ."""
        said = list(answers.values())
        assert all(one == said[0] for one in said), f"the engines differ: {answers}"
        return said[0]


def play(
    databases: Mapping[str, Database],
    deeds: Sequence[Deed],
    number: int,
    counts: Counts,
    *,
    through_http: bool = False,
) -> None:
    """Do the deeds in a fresh community of each database; AssertionError tells what broke."""
    counts.runs += 1
    counts.through_http += through_http
    done: list[Step] = []
    with numbered(number) as numbers:
        one = _opened(databases, number, counts, numbers, through_http=through_http)
        plan = asking.plan if through_http else steps.plan
        try:
            for deed in deeds:
                step = plan(deed, one.model)
                if step is not None:
                    done.append(step)
                    one.step(step)
            one.end()
        # Whatever it is, a fault of the program's too: nobody could repeat it without the story.
        except Exception as broken:
            counts.failed += 1
            story = "\n".join(f"  {step}" for step in done)
            raise AssertionError(f"run {number}: {broken}\nafter\n{story}") from broken


def _opened(
    databases: Mapping[str, Database],
    number: int,
    counts: Counts,
    numbers: Numbered,
    *,
    through_http: bool,
) -> Play:
    """A fresh community on each engine, and nothing on paper yet."""
    start, opens = (asking.START, Doors) if through_http else (START, Hands)
    sides = {}
    for name, database in databases.items():
        numbers.turn_to(0)
        hands: Books = opens(database, number, start)
        sides[name] = Side(database, hands, Sight(hands))
        sides[name].look(PEOPLE[0], start)
    model = Model(start, OFFSET, {"f0": BUDGET})
    if not through_http:
        return Play(sides, model, counts, numbers)
    model.pickup_days = asking.PICKUP_DAYS
    return Play(sides, model, counts, numbers, asking)


def _leaves(side: Side) -> Callable[[Session], list[bytes]]:
    """The fingerprints of every transfer."""
    query = select(Unsealed.leaf).where(
        Unsealed.community_id == side.hands.community_id, Unsealed.kind == "transfer"
    )
    return lambda session: sorted(session.scalars(query))


def _posted_by_time(new: Sequence[Seen]) -> tuple[list[str], list[str]]:
    """Whose ended notices and lapses were posted before the step's own entries, and whose after."""
    first: list[str] = []
    then: list[str] = []
    seen_own = False
    for one in new:
        by_time = one.kind == "lapse" or (one.kind == "release" and one.key.startswith("award:"))
        if not by_time:
            seen_own = True
            continue
        person = one.moves[0][0].partition(":")[2]
        chosen = then if seen_own else first
        if person not in chosen:
            chosen.append(person)
    return first, then


def _remember(model: Model, step: Step) -> None:
    """Steps with a key of their own may be sent again."""
    if step.key and step.rule not in ("reverse", "undo_reserved"):
        model.done[step.key] = step
