"""Races through HTTP against the real server: the last item, one key many times, one balance.

Invariant: each race is counted by what callers were told and by what the books hold afterwards.
"""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.prove.client import Answer, Caller
from tests.prove.scene import Scene, set_up
from tests.prove.stage import ENGINES, Stage, stage
from tests.prove.table import Figure, Run, exactly, proof


def at_once(callers: list[Callable[[], Answer]], width: int) -> list[Answer]:
    """Every call, ``width`` at a time, the first ``width`` behind one starting line."""
    line = threading.Barrier(min(width, len(callers)))
    count = iter(range(len(callers)))
    lock = threading.Lock()

    def go(call: Callable[[], Answer]) -> Answer:
        with lock:
            number = next(count)
        if number < width:
            line.wait(60)
        return call()

    with ThreadPoolExecutor(width) as pool:
        return list(pool.map(go, callers))


@proof("last_item", "100 people, 1 item, 50 at once: exactly one order, no 500s, books clean")
def last_item(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine) as one:
            scene = set_up(one.port, points_per_hour=100)
            people = scene.people(run.length(100, 100))
            scene.earn([person_id for person_id, _ in people], "早班")
            goods_id = scene.goods("最后一袋米", 10, 1)
            body = {"goods_id": goods_id, "quantity": 1}
            calls = [_ordering(caller, body, None) for _, caller in people]
            told = Counter(answer.status for answer in at_once(calls, 50))
            figures += [
                exactly(f"{engine}: people who ordered", sum(told.values()), len(people)),
                exactly(f"{engine}: orders placed", told[201], 1),
                exactly(f"{engine}: refused as out of stock", told[409], len(people) - 1),
                exactly(f"{engine}: answers of 5xx", _five_hundreds(told), 0),
                clean(one),
            ]
    return figures


@proof("one_key", "the same order with the same Idempotency-Key 20 times at once: one order")
def one_key(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine) as one:
            scene = set_up(one.port, points_per_hour=1000)
            [(person_id, caller)] = scene.people(1)
            scene.earn([person_id], "早班")
            goods_id = scene.goods("大米", 10, 1000)
            rounds = run.length(10, 3)
            same = 0
            for number in range(rounds):
                callers = [Caller(one.port, caller.token) for _ in range(20)]
                body = {"goods_id": goods_id, "quantity": 1}
                calls = [_ordering(each, body, f"key-{number}") for each in callers]
                answers = at_once(calls, 20)
                bodies = {repr(answer.body) for answer in answers}
                same += len(bodies) == 1 and all(answer.status == 201 for answer in answers)
            figures += [
                exactly(f"{engine}: rounds of 20 identical answers", same, rounds),
                exactly(f"{engine}: orders in the books", len(_orders(scene)), rounds),
                clean(one),
            ]
    return figures


@proof("one_balance", "50 clients × 20 spends of 10 on a balance of 100: exactly 10 succeed")
def one_balance(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine) as one:
            scene = set_up(one.port, points_per_hour=100)
            goods_id = scene.goods("肥皂", 10, 100_000)
            for number in range(run.length(3, 3)):
                [(person_id, caller)] = scene.people(1, start=number)
                scene.earn([person_id], f"第{number}班")
                told = _spend(one.port, caller.token, goods_id, run.length(20, 4))
                figures.append(exactly(f"{engine}: run {number + 1}, spends", told[201], 10))
                figures.append(exactly(f"{engine}: run {number + 1}, 5xx", _five_hundreds(told), 0))
            figures.append(clean(one))
    return figures


def _spend(port: int, token: str | None, goods_id: str, times: int) -> Counter[int]:
    """50 clients, each with its own connection, each ordering ``times`` times."""
    line = threading.Barrier(50)

    def client(_number: int) -> list[int]:
        mine = Caller(port, token)
        line.wait(60)
        body = {"goods_id": goods_id, "quantity": 1}
        return [mine.call("POST", "/orders", body).status for _ in range(times)]

    with ThreadPoolExecutor(50) as pool:
        return Counter(status for many in pool.map(client, range(50)) for status in many)


def _ordering(caller: Caller, body: dict[str, Any], key: str | None) -> Callable[[], Answer]:
    return lambda: caller.call("POST", "/orders", body, key)


def _orders(scene: Scene) -> list[Any]:
    items: list[Any] = []
    cursor = ""
    while True:
        page = scene.clerk.made("GET", f"/orders?limit=100{cursor}")
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


def _five_hundreds(told: Counter[int]) -> int:
    return sum(count for status, count in told.items() if status >= 500)


def clean(one: Stage) -> Figure:
    """The books of a stage, proven by the program's own command."""
    done = one.run("check")
    told = "clean" if done.returncode == 0 else done.stdout[-600:]
    return exactly(f"{one.url.split(':')[0]}: lovebank check", told, "clean")
