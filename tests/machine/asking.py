"""The deeds made definite for runs through HTTP, and what they mean on paper beside the books.

Invariant: the books follow the same model; only what the doors add stands here: prices, shifts that
an award comes from, and decisions that are made once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.factories import AT
from tests.machine import deeds_on_paper, steps
from tests.machine.deeds import Deed
from tests.machine.model import Model, Refused
from tests.machine.steps import Step

#: where these runs begin
START = AT
PRICES = {"g0": 3, "g1": 7}
#: an order waits for a year here, and no run lasts as long
PICKUP_DAYS = 365
_LONGEST = timedelta(days=300)
_POLICIES = ({"months": 1}, "none", {"months": 2}, {"months": 3})
_EARNED = ("award", "notice", "backdate")


def plan(deed: Deed, model: Model) -> Step | None:
    """The step that a deed is now, as the API can be asked for it."""
    if deed.rule == "half_done":
        return None
    if deed.rule == "again":
        return _again(deed, model)
    if deed.rule == "bulk":
        return _bulk(deed, model)
    step = steps.plan(deed, model)
    if step is None or step.at - START > _LONGEST:
        return None
    if step.rule in _EARNED:
        return _earned(step)
    if step.rule == "hold":
        return _order(deed, step)
    if step.rule == "expiry":
        return replace(step, policy=_POLICIES[deed.how % len(_POLICIES)])
    if step.rule in ("adjust", "carry_over"):
        return replace(step, key=f"{step.rule}:{len(model.journal)}", forever=False)
    if step.rule == "stock":
        return replace(step, key=f"receipt:{len(model.journal)}", fund="f1")
    return step


def _earned(step: Step) -> Step:
    """A point a minute, for a shift that ended an hour ago or on an earlier day."""
    ended = step.at - timedelta(hours=1)
    day = step.on
    back = ((step.at + steps.OFFSET).date() - day).days if day is not None else 0
    begun = ended - timedelta(days=back, minutes=step.points)
    on = (begun + steps.OFFSET).date()
    return replace(step, minutes=step.points, on=on, begun=begun, dated=False)


def _order(deed: Deed, step: Step) -> Step:
    goods, pieces = steps.GOODS[deed.what % 2], 1 + deed.how % 3
    return replace(step, goods=goods, pieces=pieces, points=PRICES[goods] * pieces)


def _bulk(deed: Deed, model: Model) -> Step | None:
    """Several attendances that nobody has decided on yet."""
    found = steps.plan(deed, model)
    assert found is not None
    fresh = {one.key: _earned(one) for one in found.parts if one.key not in model.journal}
    return replace(found, parts=tuple(fresh.values())) if fresh else None


def _again(deed: Deed, model: Model) -> Step | None:
    held = [one for one in model.done.values() if one.rule == "hold"]
    return Step("again", model.now, parts=(held[deed.who % len(held)],)) if held else None


def do(model: Model, step: Step) -> None:
    """Do a step to the model; raises Refused."""
    if step.rule == "again":
        return
    if step.rule in _EARNED and step.key in model.journal:
        raise Refused("already_decided")
    deeds_on_paper.do(model, step)


def spenders(model: Model, step: Step) -> set[str]:
    """Whose points the step takes."""
    return set() if step.rule == "again" else deeds_on_paper.spenders(model, step)
