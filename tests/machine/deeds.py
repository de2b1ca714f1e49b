"""What may happen: the rules, how often each comes, and runs of them drawn from a seed.

Invariant: a deed is five small things and nothing else, so that a run that fails can be made
short, and the same deeds can be done again on any engine. One seed draws the same deeds on every
machine, whatever the rest of the code says: a proof that held here holds there.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

#: rule → how often it comes among the others; ``rest`` does nothing
WEIGHTS = {
    "rest": 1,
    "wait": 9,
    "tick": 4,
    "award": 8,
    "notice": 6,
    "backdate": 4,
    "hold": 10,
    "collect": 5,
    "release": 6,
    "give_back": 5,
    "reverse": 6,
    "undo_reserved": 1,
    "adjust": 6,
    "carry_over": 4,
    "stock": 5,
    "bulk": 6,
    "again": 3,
    "half_done": 2,
    "close": 3,
    "expiry": 7,
}
RULES = tuple(name for name in WEIGHTS if name != "rest")
SHORTEST, LONGEST = 40, 60
#: the four numbers of a deed are below this
SMALL = 24


class Deed(NamedTuple):
    """A rule and four small numbers, which it reads as it likes."""

    rule: str
    who: int = 0
    what: int = 0
    how: int = 0
    more: int = 0


def drawn(chance: Random) -> list[Deed]:
    """The deeds of one run."""
    names = chance.choices([*WEIGHTS], [*WEIGHTS.values()], k=chance.randint(SHORTEST, LONGEST))
    return [Deed(name, *(chance.randrange(SMALL) for _ in range(4))) for name in names]
