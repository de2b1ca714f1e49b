"""Random deeds against a model of plain dictionaries: the books say what the model says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import ids
from kit.db import Database
from kit.errors import DomainError
from ledger import accounts, checks
from tests.ledger.books import Books, books

PEOPLE = 3
_person = st.integers(0, PEOPLE - 1)
_points = st.integers(1, 60)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("award"), _person, _points),
        st.tuples(st.just("hold"), _person, _points),
        st.tuples(st.just("release"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("reverse"), st.integers(0, 20), st.just(0)),
        st.tuples(st.just("again"), st.integers(0, 20), st.just(0)),
    ),
    min_size=5,
    max_size=25,
)


@dataclass
class Model:
    """What everybody has, as one would reckon it on paper."""

    budget: int
    wallet: Counter[UUID] = field(default_factory=Counter)
    held: Counter[UUID] = field(default_factory=Counter)
    owed: Counter[UUID] = field(default_factory=Counter)
    awards: list[tuple[UUID, UUID, int, str]] = field(default_factory=list)
    holds: list[tuple[UUID, UUID, int]] = field(default_factory=list)
    undone: set[UUID] = field(default_factory=set)

    def credit(self, person_id: UUID, points: int) -> None:
        """A credit repays first."""
        repaid = min(points, self.owed[person_id])
        self.owed[person_id] -= repaid
        self.wallet[person_id] += points - repaid


def _do(ours: Books, model: Model, people: list[UUID], deed: tuple[str, int, int]) -> str | None:
    """Do one deed in the model and in the books; the refusal the model expects, if any."""
    kind, which, points = deed
    if kind == "award":
        return _award(ours, model, people[which], points)
    if kind == "hold":
        person_id = people[which]
        expected = None if points <= model.wallet[person_id] else "insufficient_points"
        if expected is None:
            model.wallet[person_id] -= points
            model.held[person_id] += points
        made = ours.hold(person_id, points)
        model.holds.append((made, person_id, points))
        return expected
    if kind == "release" and model.holds:
        made, person_id, points = model.holds.pop(which % len(model.holds))
        model.held[person_id] -= points
        model.credit(person_id, points)
        ours.release(person_id, points, made)
    if kind == "again" and model.awards:
        made, person_id, points, key = model.awards[which % len(model.awards)]
        assert ours.award(person_id, points, key=key) == made
    if kind == "reverse" and model.awards:
        return _reverse(ours, model, which)
    return None


def _award(ours: Books, model: Model, person_id: UUID, points: int) -> str | None:
    expected = None if points <= model.budget else "over_budget"
    if expected is None:
        model.budget -= points
        model.credit(person_id, points)
    key = f"award:{ids.new()}"
    model.awards.append((ours.award(person_id, points, key=key), person_id, points, key))
    return expected


def _reverse(ours: Books, model: Model, which: int) -> str | None:
    made, person_id, points, _key = model.awards[which % len(model.awards)]
    expected = "already_reversed" if made in model.undone else None
    if expected is None:
        model.undone.add(made)
        model.budget += points
        taken = min(points, model.wallet[person_id])
        model.wallet[person_id] -= taken
        model.owed[person_id] += points - taken
    ours.reverse(made)
    return expected


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=DEEDS)
def test_the_books_say_what_the_model_says(
    database: Database, deeds: list[tuple[str, int, int]]
) -> None:
    ours = books(database, budget=400)
    model, people = Model(budget=400), [ids.new() for _ in range(PEOPLE)]
    for deed in deeds:
        refused = expected = None
        before = (model.budget, dict(model.wallet), dict(model.held), dict(model.owed))
        try:
            expected = _do(ours, model, people, deed)
        except DomainError as refusal:
            refused = refusal.code
            assert before == (
                model.budget, dict(model.wallet), dict(model.held), dict(model.owed)
            ), f"{deed} was refused with {refused}, and the model did it"  # fmt: skip
        assert expected is None or refused is not None
    assert ours.balance(accounts.fund_points(ours.fund_id)) == model.budget
    for person_id in people:
        assert ours.balance(accounts.wallet(person_id)) == model.wallet[person_id]
        assert ours.balance(accounts.held(person_id)) == model.held[person_id]
        assert ours.balance(accounts.owed(person_id)) == -model.owed[person_id]
    assert ours.read(lambda s: list(checks.problems(s, ours.community_id))) == []
