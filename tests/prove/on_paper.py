"""The property machine at full length: random deeds on paper, on SQLite and on PostgreSQL.

Invariant: each worker does its own deeds on both engines; a rule, a refusal or a kind of entry that
never came up is a failure of this proof, as is a worker that stopped early.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from typing import IO, Any

from ledger.kinds import TRANSFER_KINDS
from tests.machine.deeds import RULES
from tests.prove.table import ROOT, Figure, Run, at_least, exactly, proof

WORKERS = 2
REFUSALS = (
    "insufficient_points",
    "out_of_stock",
    "over_budget",
    "already_reversed",
    "already_decided",
    "reverse_at_source",
    "not_found",
    "period_closed",
    "validation",
)
#: the machine knows no write-off of stock
KINDS = tuple(kind for kind in TRANSFER_KINDS if kind != "write_off")


@proof("machine", "random deeds: paper, SQLite and PostgreSQL agree in every lot and fingerprint")
def machine(run: Run) -> list[Figure]:
    steps = run.length(100_000, 5_000)
    share = -(-steps // WORKERS)
    bar = _Bar(steps)
    words = [sys.executable, "-m", "tests.machine", str(share)]
    workers = [
        subprocess.Popen(
            [*words, str(run.seed + number)], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )
        for number in range(WORKERS)
    ]  # fmt: skip
    told: list[dict[str, Any]] = [{} for _ in workers]
    ends = [""] * WORKERS

    def follow(number: int, stream: IO[str]) -> None:
        for line in stream:
            if line.startswith("{"):
                told[number] = json.loads(line)
                bar.at(number, told[number]["steps"])
            else:
                ends[number] = (ends[number] + line)[-4000:]

    threads = [
        threading.Thread(target=follow, args=(number, worker.stdout))
        for number, worker in enumerate(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    broke = [end for worker, end in zip(workers, ends, strict=True) if worker.wait() != 0]
    bar.end()
    return [exactly("runs that failed", broke, []), *_figures(told, steps)]


def _figures(told: list[dict[str, Any]], steps: int) -> list[Figure]:
    counts = {
        name: sum((Counter(one.get(name, {})) for one in told), Counter[str]())
        for name in ("rules", "refusals", "kinds", "checks")
    }
    return [
        at_least("steps on each engine", sum(one["steps"] for one in told), steps),
        exactly("steps that the engines or the paper told apart", _failed(told), 0),
        at_least("runs", sum(one.get("runs", 0) for one in told), steps // 60),
        at_least(
            "runs through HTTP", sum(one.get("through_http", 0) for one in told), steps // 600
        ),
        at_least("rules", len(counts["rules"]), 12),
        at_least("invariants", len(counts["checks"]), 10),
        *_each("rule", RULES, counts["rules"]),
        *_each("refusal", REFUSALS, counts["refusals"]),
        *_each("kind of entry", KINDS, counts["kinds"]),
        *_each("invariant", tuple(sorted(counts["checks"])), counts["checks"]),
    ]


def _failed(told: list[dict[str, Any]]) -> int:
    return sum(one.get("failed", 1) for one in told)


def _each(what: str, names: tuple[str, ...], counts: Counter[str]) -> list[Figure]:
    """One figure for all of them, told one by one: none is 0."""
    found = {name: counts[name] for name in names}
    others = {name: count for name, count in counts.items() if name not in found}
    text = " ".join(f"{name}={count}" for name, count in (found | others).items())
    return [Figure(f"times each {what} came up", text, "none 0", all(found.values()))]


class _Bar:
    """A progress bar on a terminal; nothing where there is none."""

    def __init__(self, total: int) -> None:
        self.total, self.done = total, [0] * WORKERS
        self.shown = sys.stderr.isatty()

    def at(self, number: int, steps: int) -> None:
        """One worker has got so far."""
        self.done[number] = steps
        part = min(sum(self.done) / self.total, 1)
        if self.shown:
            bar = "█" * int(40 * part)
            print(f"\r  {bar:<40} {sum(self.done)}/{self.total}", end="", file=sys.stderr)

    def end(self) -> None:
        """The line is left."""
        if self.shown:
            print(file=sys.stderr)
