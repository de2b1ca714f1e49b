"""What may happen: the rules, how often each comes, and runs of them as Hypothesis makes them.

Invariant: a deed is five small things and nothing else, so that a run that fails shrinks to a few
deeds, and the same deeds can be done again on any engine.
"""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

#: rule → how often it comes among the others; ``rest`` does nothing, and is what others shrink to
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
LONGEST = 60

_names = st.sampled_from([name for name, weight in WEIGHTS.items() for _ in range(weight)])
_small = st.integers(0, 23)


class Deed(NamedTuple):
    """A rule and four small numbers, which it reads as it likes."""

    rule: str
    who: int = 0
    what: int = 0
    how: int = 0
    more: int = 0


DEEDS = st.lists(
    st.builds(Deed, _names, _small, _small, _small, _small), min_size=40, max_size=LONGEST
)
