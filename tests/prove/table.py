"""The register of proofs, their figures, the table on the terminal and docs/proofs.json.

Invariant: a proof that tried fewer operations than its stated minimum has failed, and so has one
that raised; a figure stands in the table only if this run measured it.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "docs" / "proofs.json"


@dataclass(frozen=True)
class Figure:
    """One measured thing: what was wanted of it, and whether it was met."""

    name: str
    value: Any
    target: str
    met: bool


@dataclass(frozen=True)
class Run:
    """How a proof is to be run: at full length or quick, and from which seed."""

    quick: bool
    seed: int

    def length(self, full: int, quick: int) -> int:
        """How much to do."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Proof:
    """A named proof; ``does`` returns its figures."""

    name: str
    says: str
    does: Callable[[Run], list[Figure]]


@dataclass
class Outcome:
    """What became of one proof."""

    name: str
    says: str
    seconds: int
    figures: list[Figure] = field(default_factory=list)
    broke: str | None = None

    @property
    def held(self) -> bool:
        return self.broke is None and bool(self.figures) and all(f.met for f in self.figures)


REGISTER: dict[str, Proof] = {}


def proof(name: str, says: str) -> Callable[[Callable[[Run], list[Figure]]], Any]:
    """Register a proof."""

    def keep(does: Callable[[Run], list[Figure]]) -> Callable[[Run], list[Figure]]:
        assert name not in REGISTER, f"two proofs are called {name}"
        REGISTER[name] = Proof(name, says, does)
        return does

    return keep


def exactly(name: str, value: Any, wanted: Any) -> Figure:
    """A figure that must have one value."""
    return Figure(name, value, f"= {wanted}", value == wanted)


def at_least(name: str, value: int, wanted: int) -> Figure:
    """A figure with a stated minimum."""
    return Figure(name, value, f"≥ {wanted}", value >= wanted)


def carry_out(one: Proof, run: Run) -> Outcome:
    """Run one proof; whatever it raises is its failure, with its words."""
    started = time.monotonic()
    outcome = Outcome(one.name, one.says, 0)
    try:
        outcome.figures = one.does(run)
    except Exception as problem:  # a proof that breaks is a row of the table
        outcome.broke = f"{type(problem).__name__}: {problem}"
    outcome.seconds = round(time.monotonic() - started)
    return outcome


def say(outcome: Outcome) -> None:
    """One proof's rows."""
    print(f"\n{'held  ' if outcome.held else 'FAILED'}  {outcome.name}  ({outcome.seconds} s)")
    print(f"        {outcome.says}")
    if outcome.broke:
        print(f"        broke: {outcome.broke[:2000]}")
    for figure in outcome.figures:
        mark = "✓" if figure.met else "✗"
        print(f"        {mark} {figure.name}: {figure.value}  (wanted {figure.target})")


def write_down(outcomes: list[Outcome], run: Run) -> None:
    """docs/proofs.json: each proof's last run, with seed, machine and commit.

    A run of some proofs leaves the others' rows as they are.
    """
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    for outcome in outcomes:
        record[outcome.name] = {
            "held": outcome.held,
            "says": outcome.says,
            "quick": run.quick,
            "seed": run.seed,
            "seconds": outcome.seconds,
            "broke": outcome.broke,
            "figures": [asdict(figure) for figure in outcome.figures],
            "on": datetime.now(UTC).date().isoformat(),
            "commit": _commit(),
            "machine": machine(),
        }
    text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
    RECORD.write_text(text + "\n", encoding="utf-8")


def machine() -> str:
    """What the figures were measured on."""
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {system}, Python {platform.python_version()}"


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 # whichever git is installed
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "not a checkout"
