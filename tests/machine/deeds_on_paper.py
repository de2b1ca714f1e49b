"""The steps done to the model: what each rule means on paper.

Invariant: a step that is refused leaves the model as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from tests.machine.model import Entry, Leg, Model, Refused
from tests.machine.steps import REVERSIBLE, Step


def do(model: Model, step: Step) -> None:
    """Do a step at the model's own time; raises Refused, and the model must then be forgotten."""
    globals()[f"_{step.rule}"](model, step)


def spenders(model: Model, step: Step) -> set[str]:
    """The people whose points the step takes or gives back: theirs are judged by the day."""
    if step.rule in ("bulk", "again", "half_done"):
        found: set[str] = set()
        return found.union(*(spenders(model, part) for part in step.parts))
    if step.rule == "hold" or (step.rule == "adjust" and step.points < 0):
        return {step.person}
    if step.rule == "expiry" and (model.policy == "none") != (step.policy == "none"):
        return {"p0", "p1", "p2"}
    if step.rule == "reverse":
        return {model.journal[step.target].person}
    return set()


def _wait(_model: Model, _step: Step) -> None:
    """Time passed, and that was all."""


def _tick(model: Model, _step: Step) -> None:
    for person in ("p0", "p1", "p2"):
        assert model.due(person) is None, "the tick left something undone"


def _entry(model: Model, step: Step) -> Entry:
    """The entry of a credit."""
    person, given = step.person, (step.at + model.offset).date()
    on, first = step.on or given, given + timedelta(days=step.notice)
    expires = model.runs_to(first)
    where = "pending" if step.notice else "wallet"
    available = first if step.notice else None
    points = Leg(f"fund:{step.fund}", f"{where}:{person}", step.points, expires, available)
    legs = [points]
    if step.minutes:
        legs.append(Leg("served", f"hours:{person}", step.minutes))
    return Entry(
        step.key, "award", tuple(legs), on, model.now, fund=step.fund, person=person
    )  # fmt: skip


def _award(model: Model, step: Step) -> None:
    model.enter([_entry(model, step)], dated=step.dated)


_notice = _backdate = _award


def _bulk(model: Model, step: Step) -> None:
    model.enter([_entry(model, part) for part in step.parts])


def _again(model: Model, step: Step) -> None:
    do(model, step.parts[0])


def _half_done(model: Model, step: Step) -> None:
    for part in step.parts:
        do(model, part)


def _hold(model: Model, step: Step) -> None:
    person, on = step.person, (step.at + model.offset).date()
    legs = [Leg(f"wallet:{person}", f"held:{person}", step.points)]
    if step.goods:
        legs.append(Leg(f"shelf:{step.goods}", f"set_aside:{step.goods}", step.pieces))
    model.enter([Entry(step.key, "hold", tuple(legs), on, model.now, person=person)])


def _collect(model: Model, step: Step) -> None:
    away = {"held": "redeemed", "set_aside": "handed_over"}
    _onward(model, step, "collect", lambda leg: Leg(leg.target, _other(leg, away), leg.amount))


def _release(model: Model, step: Step) -> None:
    _onward(model, step, "release", lambda leg: Leg(leg.target, leg.source, leg.amount))


def _give_back(model: Model, step: Step) -> None:
    away = {"held": "redeemed", "set_aside": "handed_over"}
    _onward(model, step, "return", lambda leg: Leg(_other(leg, away), leg.source, leg.amount))


def _other(leg: Leg, away: dict[str, str]) -> str:
    kind, _colon, owner = leg.target.partition(":")
    return away[kind] if kind == "held" else f"{away[kind]}:{owner}"


def overdue(model: Model, step: Step) -> date | None:
    """The day on which the hold lapsed by itself, if it did."""
    lapsed = model.journal[step.target].on + timedelta(days=model.pickup_days)
    today = (step.at + model.offset).date()
    return lapsed if step.rule == "release" and lapsed < today else None


def _onward(model: Model, step: Step, kind: str, leg_of: Callable[[Leg], Leg]) -> None:
    hold = model.journal[step.target]
    on = overdue(model, step) or (step.at + model.offset).date()
    legs = tuple(leg_of(leg) for leg in hold.legs)
    back = None if kind == "collect" else hold.key
    entry = Entry(step.key, kind, legs, on, model.now, person=hold.person, back=back)
    model.enter([entry])
    model.ended.setdefault(hold.key, step.rule)
    if step.rule == "give_back":
        model.ended[hold.key] = step.rule


def _reverse(model: Model, step: Step) -> None:
    first = model.journal.get(step.target)
    if first is None:
        raise Refused("not_found")
    if first.kind not in REVERSIBLE:
        raise Refused("reverse_at_source")
    if step.target in model.undone:
        raise Refused("already_reversed")
    legs: list[Leg] = []
    left = dict(model.balances)
    for leg in first.legs:
        kind, _colon, person = leg.target.partition(":")
        source = leg.target
        if kind == "pending":
            [mine] = [lot for lot in model.lots.values() if lot.maker == first.key]
            source = source if mine.left else f"wallet:{person}"
        there = min(left[source], leg.amount) if source.startswith("wallet") else leg.amount
        left[source] = left.get(source, 0) - there
        if there:
            legs.append(Leg(source, leg.source, there))
        if leg.amount > there:
            legs.append(Leg(f"owed:{person}", leg.source, leg.amount - there))
    own = (first.key, f"{first.key}:release")
    back = first.key if any(leg.source.startswith("wallet:") for leg in first.legs) else None
    entry = Entry(
        step.key, "reversal", tuple(legs), first.original_on or first.on, model.now,
        fund=first.fund, person=first.person, first=own, back=back,
    )  # fmt: skip
    model.enter([entry])
    model.undone.add(step.target)


_undo_reserved = _reverse


def _adjust(model: Model, step: Step) -> None:
    person = step.person
    legs = (Leg(f"wallet:{person}", "adjusted", -step.points),)
    if step.points > 0:
        expires = None if step.forever else model.runs_to(model.today)
        legs = (Leg("adjusted", f"wallet:{person}", step.points, expires),)
    model.enter([Entry(step.key, "adjustment", legs, model.today, model.now, person=person)])


def _carry_over(model: Model, step: Step) -> None:
    person, expires = step.person, None if step.forever else model.runs_to(model.today)
    legs = (Leg("carried_over", f"wallet:{person}", step.points, expires),)
    model.enter([Entry(step.key, "opening", legs, model.today, model.now, person=person)])


def _stock(model: Model, step: Step) -> None:
    legs = (Leg(f"supplied:{step.goods}", f"shelf:{step.goods}", step.points),)
    model.enter([Entry(step.key, "receipt", legs, model.today, model.now, fund=step.fund)])


def _close(model: Model, step: Step) -> None:
    """A month, once, after the one before it, and a whole day of the next month past."""
    assert step.on is not None
    closed, day = model.closed_through, timedelta(days=1)
    if closed is not None and step.on <= closed:
        raise Refused("period_closed")
    following = (closed + 40 * day).replace(day=1) - day if closed is not None else step.on
    if step.on > model.today - 2 * day or step.on != following:
        raise Refused("validation")
    model.closed_through = step.on


def _expiry(model: Model, step: Step) -> None:
    """Switched on: what never lapsed gets a whole period of grace; switched off: for ever again."""
    was, model.policy = model.policy, step.policy
    if was == "none" and step.policy != "none":
        model.grace_until = model.runs_to(model.today)
    if step.policy == "none":
        model.grace_until = None
