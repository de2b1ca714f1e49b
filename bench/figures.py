"""What every measurement shares: its figures, its rounds and its median.

A measurement is a module of this package with ``measure(asked: Asked) -> list[Figure]``. Invariant:
a ratio is made of medians over rounds of one run in which the variants took turns, so that whatever
else the machine did met all of them alike.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

import psycopg
import sqlalchemy
from tqdm import tqdm

MODULES = {
    "ledger": "bench.ledger",
    "http": "bench.http",
    "scale": "bench.scale",
    "peers": "bench.peers.measured",
}


@dataclass(frozen=True)
class Figure:
    """One measured thing: what was wanted of it, and whether it was met."""

    name: str
    value: float
    target: str
    met: bool


@dataclass
class Asked:
    """How to measure. ``postgresql`` is a server's address, none for a throw-away one."""

    postgresql: str | None = None
    rounds: int = 5
    #: shorter rounds and fewer variants, for the proof: the same ratios, told less exactly
    quick: bool = False
    #: what the figures were measured on; a module adds what it alone knows
    machine: dict[str, str] = field(default_factory=lambda: machine())


def machine() -> dict[str, str]:
    """Cores and versions; no name and no path."""
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": importlib.import_module("pysqlite3").sqlite_version,
        "sqlalchemy": sqlalchemy.__version__,
        "psycopg": psycopg.__version__,
    }


def at_least(name: str, value: float, wanted: float) -> Figure:
    """A figure with a lower bound; the value is not rounded before it is judged."""
    return Figure(name, round(value, 3), f"≥ {wanted:g}", value >= wanted)


def at_most(name: str, value: float, wanted: float) -> Figure:
    """A figure with an upper bound."""
    return Figure(name, round(value, 3), f"≤ {wanted:g}", value <= wanted)


def shown(name: str, value: float) -> Figure:
    """A figure that is told and has no target: an absolute, or a control."""
    return Figure(name, round(value, 3), "", True)


def taken_in_turns(
    variants: Mapping[str, Callable[[], float]], rounds: int, says: str
) -> dict[str, float]:
    """The median of each variant over rounds; in each round every variant has its turn.

    Every second round goes through them backwards, so that none is always the one after another.
    """
    found: dict[str, list[float]] = {name: [] for name in variants}
    with progress(says, rounds * len(variants)) as step:
        for number in range(rounds):
            for name in sorted(variants, reverse=bool(number % 2)):
                found[name].append(variants[name]())
                step()
    return {name: statistics.median(values) for name, values in found.items()}


@contextmanager
def progress(says: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on the standard error; the caller calls what it gets after each step."""
    with tqdm(total=total, desc=says, file=sys.stderr, leave=False) as bar:

        def step() -> None:
            bar.update()

        yield step


def table(figures: Iterable[Figure]) -> str:
    """One line for each figure: the target beside the value, and whether it was met."""
    lines = []
    for figure in figures:
        mark = ("✓" if figure.met else "✗") if figure.target else " "
        wanted = f"  (wanted {figure.target})" if figure.target else ""
        lines.append(f"{mark} {figure.name}: {figure.value:g}{wanted}")
    return "\n".join(lines)


def as_json(figures: Iterable[Figure], asked: Asked) -> str:
    """The same for another program, with the machine."""
    told = {"machine": asked.machine, "figures": [asdict(figure) for figure in figures]}
    return json.dumps(told, ensure_ascii=False, indent=1)
