"""A small world: ids that depend on the step alone, and pages of a few rows.

Both engines write the same rows to the byte then, and what reads page by page turns pages.
Invariant: within a run ids strictly increase; how many ids one step takes does not move the ids of
the next, nor does how far a unit came on one engine before it was run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from audit import trail
from kit import ids, stroke
from ledger import checkpoints, due, lots

_START = 1_800_000_000_000
_first_run = stroke.first_run


class Numbered:
    """What ``kit.ids`` and ``audit.trail`` take for the time and for chance."""

    def __init__(self, run: int) -> None:
        self.run, self.step, self.count = run, 0, 0
        self._began = (0, 0)

    def turn_to(self, step: int) -> None:
        """The ids of this step come next, from its first on."""
        self.step, self.count = step, 0
        ids._last = 0

    def first_run(self, *, is_first: bool) -> dict[str, bool]:
        """A unit begins: one that is run again takes the ids that it took at first."""
        if is_first:
            self._began = self.count, ids._last
        self.count, ids._last = self._began
        return _first_run(is_first=is_first)

    def time_ns(self) -> int:
        """So many milliseconds: the ids of one step are told apart by their counter."""
        return (_START + self.step) * 1_000_000

    def randbits(self, _bits: int) -> int:
        """What is left of an id: the run, so that no two have an id in common."""
        return self.run

    def token_bytes(self, size: int) -> bytes:
        """Salt."""
        self.count += 1
        return ((self.step << 32) + self.count).to_bytes(size, "big")


@contextmanager
def numbered(run: int) -> Iterator[Numbered]:
    """The program's ids are numbered within the block, and its pages are small."""
    mine = Numbered(run)
    with ExitStack() as small:
        for module, name, value in (
            (ids, "time", mine),
            (ids, "secrets", mine),
            (ids, "_last", 0),
            (stroke, "first_run", mine.first_run),
            (trail, "secrets", mine),
            (lots, "SOME", 2),
            (due, "AT_ONCE", 2),
            (checkpoints, "AT_ONCE", 3),
        ):
            small.enter_context(patch.object(module, name, value))
        yield mine
