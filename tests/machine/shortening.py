"""A run that failed, made short enough to be read.

Invariant: what comes back failed itself, and has not one deed that could be left out alone.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.machine.deeds import Deed


def shortest(deeds: list[Deed], fails: Callable[[list[Deed]], bool]) -> list[Deed]:
    """Fewer deeds of smaller numbers that fail as well."""
    size = len(deeds)
    while size:
        shorter = _without(deeds, size, fails)
        # Single deeds until none can go: one that goes late may have been what another needed.
        size = size if size == 1 and len(shorter) < len(deeds) else size // 2
        deeds = shorter
    return _plain(deeds, fails)


def _without(deeds: list[Deed], size: int, fails: Callable[[list[Deed]], bool]) -> list[Deed]:
    """Piece by piece from the end, each left out where the rest still fails."""
    for start in range(len(deeds) - size, -1, -size):
        tried = deeds[:start] + deeds[start + size :]
        if fails(tried):
            deeds = tried
    return deeds


def _plain(deeds: list[Deed], fails: Callable[[list[Deed]], bool]) -> list[Deed]:
    """Numbers that do not matter are 0."""
    for place in range(len(deeds)):
        for number in range(1, len(Deed._fields)):
            facts = [*deeds[place]]
            facts[number] = 0
            plain = [*deeds[:place], Deed._make(facts), *deeds[place + 1 :]]
            if plain != deeds and fails(plain):
                deeds = plain
    return deeds
