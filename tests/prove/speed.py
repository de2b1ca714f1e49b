"""The figures of `lovebank bench ledger`, held to their targets.

Invariant: what is judged is a ratio of one run. Quick asks SQLite alone, and guards against a slip,
not the target: other work and another disk move a short ratio by a third and more.
"""

from bench import figures, ledger
from bench.figures import Asked
from tests.prove.table import Figure, Run, proof


@proof("figures", "a credit keeps its distance to the floor that the machine sets")
def speed(run: Run) -> list[Figure]:
    asked = Asked(rounds=run.length(5, 3), quick=run.quick)
    found = ledger.on_sqlite(asked) if run.quick else ledger.measure(asked)
    return [_judged(one, run) for one in found]


def _judged(one: figures.Figure, run: Run) -> Figure:
    """Quick asks for half of a ratio, and says so; a target in full is met or not."""
    if not run.quick or one.met:
        return Figure(one.name, one.value, one.target or "shown", one.met)
    sign, wanted = one.target.split()
    room = float(wanted) / 2 if sign == "≥" else float(wanted) * 2
    met = one.value >= room if sign == "≥" else one.value <= room
    return Figure(one.name, one.value, f"{one.target}; quick: {sign} {room:.2f}", met)
