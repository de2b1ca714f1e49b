"""How fast one credit is: against two floors on PostgreSQL, against its own statements on SQLite.

Invariant: floors and ours write the same rows as durably, from as many clients, in turns.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from bench import check, floors, replays
from bench.credits import Ours, Stage, stage
from bench.crews import Crew, Done, Variant
from bench.databases import fresh_postgresql, fresh_sqlite, server
from bench.figures import Asked, Figure, at_least, at_most, shown, taken_in_turns

MANY = 16
THREADS = (1, 4, 16, 64)
#: research: what remains of it when every credit waits for the issuer's row
COLLAPSED = 0.3


def measure(asked: Asked) -> list[Figure]:
    """Every figure of the ledger's speed."""
    return [*on_postgresql(asked), *on_sqlite(asked), *check.measure(asked)]


def on_postgresql(asked: Asked) -> list[Figure]:
    """One credit against F1 and F2; then many clients through one pool."""
    with ExitStack() as open_now:
        base = open_now.enter_context(server(asked))
        made = stage(open_now.enter_context(fresh_postgresql(base, asked)))
        figures = against_floors(asked, made)
        return figures + ([] if asked.quick else through_the_pool(asked, made))


def against_floors(asked: Asked, made: Stage) -> list[Figure]:
    """The ratios at 16 clients, each a process of its own; and at one."""
    variants: dict[str, Variant] = {
        "F1": floors.per_row(made),
        "F2": floors.one_statement(made),
        "ours": Ours(made),
    }
    seconds = 1.0 if asked.quick else 3.0
    found: dict[int, dict[str, float]] = {}
    with Crew(MANY, variants) as crew:
        for clients in (MANY,) if asked.quick else (1, MANY):

            def rate(name: str, clients: int = clients) -> float:
                return crew.do(name, seconds, processes=clients).rate

            turns = {name: partial(rate, name) for name in variants}
            says = f"credit, PostgreSQL, {clients} clients"
            found[clients] = taken_in_turns(turns, asked.rounds, says)
    figures = [
        shown(f"credits/s on PostgreSQL, {clients} clients, {name}", rate)
        for clients, rates in found.items()
        for name, rate in rates.items()
    ]
    if not asked.quick:
        one = found[1]
        figures.append(shown("credit on PostgreSQL, 1 client, of F1", one["ours"] / one["F1"]))
        figures.append(shown("credit on PostgreSQL, 1 client, of F2", one["ours"] / one["F2"]))
    many = found[MANY]
    return [
        *figures,
        at_least("credit on PostgreSQL, 16 clients, of F1", many["ours"] / many["F1"], 0.6),
        at_least("credit on PostgreSQL, 16 clients, of F2", many["ours"] / many["F2"], 0.35),
    ]


def through_the_pool(asked: Asked, made: Stage) -> list[Figure]:
    """Threads of one process over its pool, as the server has them; and the controls."""
    bare: dict[str, Variant] = {
        "bare derived": floors.per_row(made),
        "bare locked": floors.locked_issuer(made),
    }
    pooled: dict[str, Variant] = {
        "ours": Ours(made),
        "charged": Ours(made).budgeted(),
        "held": Ours(made, locked=True).budgeted(),
    }
    last = THREADS[-1]
    with Crew(1, pooled) as one, Crew(MANY, bare) as many:

        def rate(crew: Crew, name: str, threads: int) -> float:
            return crew.do(name, 3.0, threads=threads).rate

        turns = {f"{count:02d}": partial(rate, one, "ours", count) for count in THREADS}
        turns |= {name: partial(rate, one, name, last) for name in ("charged", "held")}
        turns |= {name: partial(rate, many, name, last // MANY) for name in bare}
        found = taken_in_turns(turns, asked.rounds, "credit, PostgreSQL, one pool")
    best = max(found[f"{count:02d}"] for count in THREADS)
    told = [
        shown(f"credits/s on PostgreSQL through one pool, {count} threads", found[f"{count:02d}"])
        for count in THREADS
    ]
    return [
        *told,
        at_least("64 threads through one pool, of the best", found[f"{last:02d}"] / best, 0.6),
        shown("the same from a fund with a budget, charged last", found["charged"] / best),
        shown("the same with the budget's row held from the start", found["held"] / best),
        at_most(
            "control: 64 bare clients that lock the issuer's row first, of 64 that do not",
            found["bare locked"] / found["bare derived"],
            COLLAPSED,
        ),
    ]


def on_sqlite(asked: Asked) -> list[Figure]:
    """One writer against the replay of its own statements; then 16 threads."""
    calls, seconds = (300, 1.0) if asked.quick else (1500, 3.0)
    waits: dict[str, list[float]] = {"queue": [], "none": []}

    def threads(queue: bool) -> float:
        done: Done = replay.threads(MANY, seconds, queue=queue)
        waits["queue" if queue else "none"].append(done.longest)
        return done.rate

    with fresh_sqlite() as url:
        replay = replays.recorded(stage(url), calls)
        turns = {
            "floor": replay.floor,
            "ours": lambda: replay.ours(calls),
            "threads": lambda: threads(True),
            "without": lambda: threads(False),
        }
        found = taken_in_turns(turns, asked.rounds, "credit, SQLite")
    return [
        *(shown(f"credits/s on SQLite, {name}", rate) for name, rate in found.items()),
        at_least("credit on SQLite, of its own statements", found["ours"] / found["floor"], 0.45),
        at_least("16 threads on SQLite, of one writer", found["threads"] / found["ours"], 0.65),
        at_most("longest wait of 16 threads on SQLite, s", max(waits["queue"]), 0.5),
        shown("control: longest wait without the queue, s", max(waits["none"])),
    ]
