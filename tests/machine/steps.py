"""Deeds made definite: whom, how much, which key, on which day, as the model stands now.

Invariant: the few people, funds, goods, days and keys are named here and nowhere else; they are so
few that deeds meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from tests.machine.deeds import Deed
from tests.machine.model import Model

ZONE = "Asia/Shanghai"
#: that zone for the model, which asks no table of zones
OFFSET = timedelta(hours=8)
LOCAL = timezone(OFFSET)
PEOPLE = ("p0", "p1", "p2")
FUNDS = ("f0", "f1")
GOODS = ("g0", "g1")
SLOTS = 5
#: what is not left to its own room
REVERSIBLE = ("award", "adjustment", "opening")
POINTS = (1, 2, 3, 5, 8, 10, 20, 30)
POLICIES: tuple[Any, ...] = ("none", {"months": 1}, {"months": 2}, "end_of_next_year")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """One deed with all its facts; ``target`` is the key of the transfer it concerns."""

    rule: str
    at: datetime
    key: str = ""
    person: str = ""
    points: int = 0
    minutes: int = 0
    fund: str = "f1"
    goods: str = ""
    on: date | None = None
    dated: bool = False
    notice: int = 0
    target: str = ""
    policy: Any = None
    pieces: int = 1
    #: points without a last day, whatever the policy
    forever: bool = False
    #: when the service began that an award is for, where it comes from a shift
    begun: datetime | None = None
    parts: tuple[Step, ...] = field(default=())

    def __str__(self) -> str:
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        facts = [f"{name}={value}" for name, value in told.items() if value and name != "parts"]
        return " ".join([*facts, *(f"[{part}]" for part in self.parts)])


def plan(deed: Deed, model: Model) -> Step | None:
    """The step that a deed is now; none where there is nothing to do it to."""
    found: Step | None = globals()[f"_{deed.rule}"](deed, model)
    return found


def _person(deed: Deed) -> str:
    """Whom it concerns: half of it one person, so that deeds meet in a wallet."""
    return PEOPLE[(0, 0, 1, 2)[deed.who % 4]]


def _rest(_deed: Deed, _model: Model) -> None:
    return None


def _wait(deed: Deed, model: Model) -> Step:
    """Some time passes and nobody ticks: often to the very end of a day that matters, or past."""
    days = sorted(day for day in model.days_that_matter() if _midnight(day + DAY) > model.now)
    if days and deed.what % 2:
        after = _midnight(days[deed.who % min(2, len(days))] + DAY)
        later = (after - SECOND, after, after + timedelta(hours=3))[deed.how % 3]
    else:
        later = model.now + timedelta(hours=(1, 9, 24, 72, 240, 744)[deed.how % 6])
    return Step("wait", max(later, model.now + SECOND))


def _tick(_deed: Deed, model: Model) -> Step:
    return Step("tick", model.now)


def _award(deed: Deed, model: Model) -> Step:
    person, fund = _person(deed), FUNDS[deed.more % 2]
    key = f"award:{person}:{deed.what % SLOTS}"
    points, minutes = POINTS[deed.how % 8], 30 * (deed.how % 3)
    return Step("award", model.now, key, person, points, minutes, fund)


def _notice(deed: Deed, model: Model) -> Step:
    person, fund = _person(deed), FUNDS[deed.more % 2]
    key = f"award:{person}:n{deed.what % SLOTS}"
    days = (1, 3, 7)[deed.what % 3]
    return Step("notice", model.now, key, person, POINTS[deed.how % 8], 60, fund, notice=days)


def _backdate(deed: Deed, model: Model) -> Step:
    """An award for a day that is past: chosen by somebody, or the day it belongs to."""
    person, fund = _person(deed), FUNDS[deed.more % 2]
    key = f"award:{person}:b{deed.what % SLOTS}"
    on = model.today - timedelta(days=(1, 20, 40, 80)[deed.how % 4])
    points = POINTS[deed.what % 8]
    return Step(
        "backdate", model.now, key, person, points, 30, fund, on=on, dated=deed.more % 3 == 0
    )


def _hold(deed: Deed, model: Model) -> Step:
    person, there = _person(deed), model.available(_person(deed))
    if there == 0 and deed.more % 4:
        return _award(deed, model)
    # Just over what has a last day: the rest comes from what never lapses.
    some = model.ending(_person(deed)) + 1
    choice = (there, there + 1, some, 3, some, 10, there, there // 2)[deed.how % 8]
    goods = GOODS[deed.what % 2] if deed.more % 2 else ""
    key = f"order:{len(model.journal)}:hold"
    return Step("hold", model.now, key, person, max(choice, 1), goods=goods)


def _collect(deed: Deed, model: Model) -> Step | None:
    return _onward("collect", deed, model, model.open_holds()) or _hold(deed, model)


def _release(deed: Deed, model: Model) -> Step | None:
    return _onward("release", deed, model, model.open_holds()) or _hold(deed, model)


def _give_back(deed: Deed, model: Model) -> Step | None:
    return _onward("give_back", deed, model, model.collected()) or _collect(deed, model)


def _onward(rule: str, deed: Deed, model: Model, holds: list[str]) -> Step | None:
    if not holds:
        return None
    target = holds[deed.who % len(holds)]
    key = target.replace(":hold", ":return" if rule == "give_back" else f":{rule}")
    return Step(rule, model.now, key, target=target)


def _reverse(deed: Deed, model: Model) -> Step | None:
    """Of an award mostly; often one that is spent, or an adjustment that took points."""
    found = [one for one in model.journal.values() if one.kind in REVERSIBLE and one.person]
    spent = [one for one in found if model.available(one.person) == 0]
    took = [one for one in found if one.legs[0].source.startswith("wallet:")]
    found = (found, spent or found, took or found)[deed.more % 3]
    if not found:
        return None
    target = found[deed.who % len(found)]
    # A correction belongs to the day of what it corrects, however late it comes.
    day = target.original_on or target.on
    return Step("reverse", model.now, f"reversal:{target.key}", target=target.key, on=day)


def _undo_reserved(deed: Deed, model: Model) -> Step:
    """The reversal of what only its own room may undo, or of nothing."""
    kinds = ("hold", "collect", "release", "return", "lapse", "receipt", "reversal")
    found = [key for key, one in model.journal.items() if one.kind in kinds]
    target = found[deed.who % len(found)] if found and deed.how % 4 else "nothing"
    return Step("undo_reserved", model.now, f"reversal:{target}", target=target)


def _adjust(deed: Deed, model: Model) -> Step:
    person, there = _person(deed), model.available(_person(deed))
    points = (4, 9, -2, -max(there, 1), -(there + 1), 15, 20)[deed.how % 7]
    key, forever = f"adjustment:{deed.what % 8}", deed.more % 2 == 0
    return Step("adjust", model.now, key, person, points, forever=forever)


def _carry_over(deed: Deed, model: Model) -> Step:
    person = _person(deed)
    key, points, forever = f"opening:{person}", POINTS[deed.how % 8], deed.more % 2 == 0
    return Step("carry_over", model.now, key, person, points, forever=forever)


def _stock(deed: Deed, model: Model) -> Step:
    key = f"receipt:{deed.what % 4}"
    return Step("stock", model.now, key, points=2 + deed.how % 3, goods=GOODS[deed.who % 2])


def _bulk(deed: Deed, model: Model) -> Step:
    """One approval of several: some known already, one twice, for people who may owe."""
    first = _award(deed, model)
    same_person = _award(deed._replace(what=deed.what + 1, how=deed.how + 3), model)
    other = _award(deed._replace(who=deed.who + 1, how=deed.more), model)
    parts = (first, same_person, first, other)[: 2 + deed.how % 3]
    return Step("bulk", model.now, parts=parts)


def _again(deed: Deed, model: Model) -> Step | None:
    """A step that was done before is sent once more, as it was, only later."""
    done = list(model.done.values())
    if not done:
        return None
    first = done[deed.who % len(done)]
    return Step("again", model.now, parts=(first,))


def _half_done(deed: Deed, model: Model) -> Step:
    """One unit that awards and then wants more than there is: nothing of it may stay."""
    given = _award(deed, model)
    there = model.available(given.person)
    wanted = Step("hold", model.now, f"order:{len(model.journal)}:hold", given.person, there + 500)
    return Step("half_done", model.now, parts=(given, wanted))


def _close(deed: Deed, model: Model) -> Step:
    """The month that is next, or one that is closed, too early, or not the next."""
    last = (model.closed_through or model.today.replace(day=1) - 40 * DAY) + 31 * DAY
    if deed.how % 4 == 0:
        last = (model.today.replace(day=28) + 4 * DAY).replace(day=1)
    if deed.how % 4 in (1, 2):
        last += 31 * DAY * (1 if deed.how % 4 == 2 else -1)
    return Step("close", model.now, on=last.replace(day=1) - DAY)


def _expiry(deed: Deed, model: Model) -> Step:
    return Step("expiry", model.now, policy=POLICIES[deed.how % 4])


def _midnight(day: date) -> datetime:
    """The first instant of a day in the community's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)
