"""The books as one would keep them on paper: dictionaries of balances, lots and entries.

Invariant: written from the design and the contract, it shares no code with the ledger. Time alone
is posted when somebody says so (``settle``), and every answer is the same whether or not they did.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

DAY = timedelta(days=1)
NEVER = date.max
GRACE = 30 * DAY
PICKUP = 14
#: kind of place → the refusal when it has too little, in the order in which they are told
SHORT = {"wallet": "insufficient_points", "shelf": "out_of_stock", "fund": "over_budget"}
GUARDED = ("wallet", "pending", "held", "hours", "shelf", "set_aside")


class Refused(Exception):
    """What the books must answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Lot:
    """Points or pieces that came together; ``number`` is their order of coming."""

    number: int
    place: str
    original: int
    left: int
    expires: date | None
    available: date | None
    fund: str | None
    maker: str


@dataclass(frozen=True)
class Leg:
    """So much from one place to another, and the days of the lot that it makes."""

    source: str
    target: str
    amount: int
    expires: date | None = None
    available: date | None = None
    fund: str | None = None
    anew: bool = False


@dataclass(frozen=True)
class Entry:
    """One entry of the journal; ``takes`` tells lots and parts (given back: negative)."""

    key: str
    kind: str
    legs: tuple[Leg, ...]
    on: date
    at: datetime
    original_on: date | None = None
    fund: str | None = None
    person: str = ""
    takes: tuple[tuple[int, int], ...] = ()
    back: str | None = None
    first: tuple[str, ...] = ()
    only: tuple[int, ...] = ()


@dataclass
class Model:
    """Everything that is so in one community."""

    now: datetime
    offset: timedelta
    budgets: dict[str, int]
    balances: Counter[str] = field(default_factory=Counter)
    lots: dict[int, Lot] = field(default_factory=dict)
    journal: dict[str, Entry] = field(default_factory=dict)
    #: hold → what became of it
    ended: dict[str, str] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    #: an order that nobody fetched lapses so many days after it was placed
    pickup_days: int = PICKUP
    policy: Any = "none"
    grace_until: date | None = None
    closed_through: date | None = None
    #: steps that were done, by key, to be sent again
    done: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for fund, points in self.budgets.items():
            self.balances[f"fund:{fund}"] = points
            self.balances["granted"] = -points

    def kept(self) -> Model:
        """A copy that changes of this one do not touch."""
        other = copy(self)
        other.balances, other.journal = self.balances.copy(), dict(self.journal)
        other.lots = {number: replace(lot) for number, lot in self.lots.items()}
        other.ended, other.undone = dict(self.ended), set(self.undone)
        return other

    # ---- reading

    @property
    def today(self) -> date:
        """The day in the community's zone."""
        return (self.now + self.offset).date()

    def settled(self, person: str) -> Model:
        """How it is for a person now, whatever was posted."""
        if not self.due(person):
            return self
        other = self.kept()
        other.settle(person)
        return other

    def available(self, person: str) -> int:
        """What the person may spend now."""
        return self.settled(person).balances[f"wallet:{person}"]

    def ending(self, person: str) -> int:
        """What of it has a last day of its own."""
        lots = self.settled(person).in_place(f"wallet:{person}")
        return sum(lot.left for lot in lots if lot.expires is not None)

    def next_expiry(self, person: str) -> tuple[int, date] | None:
        """Points and day of what lapses next."""
        sums: Counter[date] = Counter()
        for lot in self.settled(person).in_place(f"wallet:{person}"):
            last = self.last_day(lot)
            if last is not None:
                sums[last] += lot.left
        return (sums[min(sums)], min(sums)) if sums else None

    def open_holds(self) -> list[str]:
        """Orders that are neither collected nor given up."""
        holds = (key for key, one in self.journal.items() if one.kind == "hold")
        return [key for key in holds if key not in self.ended]

    def collected(self) -> list[str]:
        """Orders that were handed over and not returned."""
        return [key for key, what in self.ended.items() if what == "collect"]

    def days_that_matter(self) -> set[date]:
        """Last days of lots, and the days before a notice ends."""
        left = [lot for lot in self.lots.values() if lot.left]
        lasts = {self.last_day(lot) for lot in left} - {None}
        firsts = {lot.available - DAY for lot in left if lot.available is not None}
        return {day for day in lasts if day is not None} | firsts

    def in_place(self, place: str) -> list[Lot]:
        """The lots of a place that have something left."""
        return [lot for lot in self.lots.values() if lot.place == place and lot.left]

    def last_day(self, lot: Lot) -> date | None:
        """The last day on which it may be used."""
        return lot.expires or self.grace_until if lot.place.startswith("wallet:") else lot.expires

    def runs_to(self, begins: date) -> date | None:
        """The last day, under the policy, of points that become usable on a day."""
        if self.policy == "none":
            return None
        if self.policy == "end_of_next_year":
            return date(begins.year + 1, 12, 31)
        years, month = divmod(begins.month - 1 + self.policy["months"], 12)
        year, month = begins.year + years, month + 1
        return date(year, month, monthrange(year, month)[1])

    def due(self, person: str) -> tuple[list[Lot], list[Lot]] | None:
        """Notices that are over and lots that lapsed, and were not posted."""
        over = [
            lot
            for lot in self.in_place(f"pending:{person}")
            if lot.available is not None and lot.available <= self.today
        ]
        over.sort(key=lambda lot: (lot.available or NEVER, lot.number))
        past = [lot for lot in self.in_place(f"wallet:{person}") if self._lapsed(lot, self.today)]
        return (over, past) if over or past else None

    def _lapsed(self, lot: Lot, on: date) -> bool:
        last = self.last_day(lot)
        return lot.place.startswith("wallet:") and last is not None and last < on

    # ---- writing

    def settle(self, person: str) -> None:
        """Post what time alone brought about for a person."""
        over, _past = self.due(person) or ([], [])
        for lot in over:
            assert lot.available is not None
            leg = Leg(lot.place, f"wallet:{person}", lot.left, expires=lot.expires)
            entry = Entry(
                f"{lot.maker}:release", "release", (leg,), lot.available, self.now,
                fund=lot.fund, person=person, only=(lot.number,),
            )  # fmt: skip
            self.enter([entry])
        _over, past = self.due(person) or ([], [])
        for last in sorted({self.last_day(lot) or NEVER for lot in past}):
            same = [lot for lot in past if self.last_day(lot) == last]
            leg = Leg(f"wallet:{person}", "lapsed", sum(lot.left for lot in same))
            key, again = f"wallet:{person}:lapse:{last}", 1
            while key in self.journal:
                again += 1
                key = f"wallet:{person}:lapse:{last}:{again}"
            numbers = tuple(lot.number for lot in same)
            entry = Entry(
                key, "lapse", (leg,), last + DAY, self.now, person=person, only=numbers
            )  # fmt: skip
            self.enter([entry])

    def enter(self, entries: Iterable[Entry], *, dated: bool = False) -> None:
        """Write entries whose keys are new, all or none (the caller gives up what was refused)."""
        fresh: dict[str, Entry] = {}
        for entry in entries:
            # A retry is answered as the first time, also where its month was closed since.
            if entry.key not in self.journal:
                fresh.setdefault(entry.key, self._placed(entry, dated=dated))
        final = [self._repaying(self._returning(entry)) for entry in fresh.values()]
        self._check(final)
        for entry in final:
            takes: list[tuple[int, int]] = []
            for leg in entry.legs:
                takes += self._move_lots(entry, leg)
            self.journal[entry.key] = replace(entry, takes=tuple(takes))

    def _placed(self, entry: Entry, *, dated: bool) -> Entry:
        closed = self.closed_through
        if closed is None or entry.on > closed:
            return entry
        if dated:
            raise Refused("period_closed")
        return replace(entry, on=closed + DAY, original_on=entry.on)

    def _returning(self, entry: Entry) -> Entry:
        """What comes back after its last day comes back as new lots, by fund, with some grace."""
        if entry.back is None:
            return entry
        on, legs = entry.original_on or entry.on, []
        for leg in entry.legs:
            late: Counter[str | None] = Counter()
            for lot, part in self._taken(entry.back, leg.target):
                if self._lapsed(lot, on):
                    late[lot.fund] += part
            kept = leg.amount - late.total()
            legs += [replace(leg, amount=kept)] if kept else []
            legs += [
                replace(leg, amount=part, expires=on + GRACE, fund=fund, anew=True)
                for fund, part in late.items()
            ]
        return replace(entry, legs=tuple(legs))

    def _taken(self, key: str, place: str) -> list[tuple[Lot, int]]:
        """What an entry took from the lots of a place, in the order in which these came."""
        parts = ((self.lots[number], part) for number, part in sorted(self.journal[key].takes))
        return [(lot, part) for lot, part in parts if lot.place == place]

    def _repaying(self, entry: Entry) -> Entry:
        """A credit to a wallet repays first; then the balances move."""
        legs: list[Leg] = []
        for leg in entry.legs:
            kind, _colon, person = leg.target.partition(":")
            debt = -self.balances[f"owed:{person}"] if kind == "wallet" else 0
            paid = min(debt, leg.amount)
            if paid and entry.back is not None:
                mine = [leg, Leg(leg.target, f"owed:{person}", paid)]
            elif paid:
                rest = leg.amount - paid
                mine = [Leg(leg.source, f"owed:{person}", paid)]
                mine += [replace(leg, amount=rest)] if rest else []
            else:
                mine = [leg]
            for one in mine:
                self.balances[one.source] -= one.amount
                self.balances[one.target] += one.amount
            legs += mine
        return replace(entry, legs=tuple(legs))

    def _check(self, entries: Sequence[Entry]) -> None:
        """Refuse for what would be short; whatever moved is the caller's to forget."""
        touched = {leg.source for entry in entries for leg in entry.legs}
        for kind, code in SHORT.items():
            for place in touched:
                guarded = kind != "fund" or place.partition(":")[2] in self.budgets
                if place.startswith(f"{kind}:") and guarded and self.balances[place] < 0:
                    raise Refused(code)

    def _move_lots(self, entry: Entry, leg: Leg) -> list[tuple[int, int]]:
        takes: list[tuple[int, int]] = []
        if leg.source.startswith(("wallet:", "pending:", "shelf:")):
            takes += self._take(entry, leg)
        if not leg.target.startswith(("wallet:", "pending:", "shelf:")):
            return takes
        if entry.back is None or leg.anew:
            number = len(self.lots)
            self.lots[number] = Lot(
                number, leg.target, leg.amount, leg.amount, leg.expires, leg.available,
                leg.fund or entry.fund, entry.key,
            )  # fmt: skip
            return takes
        on = entry.original_on or entry.on
        for lot, part in self._taken(entry.back, leg.target):
            if not self._lapsed(lot, on):
                lot.left += part
                takes.append((lot.number, -part))
        return takes

    def _take(self, entry: Entry, leg: Leg) -> list[tuple[int, int]]:
        there = [lot for lot in self.in_place(leg.source)]
        if entry.only:
            there = [lot for lot in there if lot.number in entry.only]
        there.sort(key=lambda lot: (lot.maker not in entry.first, lot.expires or NEVER, lot.number))
        takes, left = [], leg.amount
        for lot in there:
            part = min(left, lot.left)
            if part:
                lot.left -= part
                left -= part
                takes.append((lot.number, part))
        assert left == 0, f"the model's own lots of {leg.source} are short by {left}"
        return takes
