"""kill -9 of the server under load: nothing acknowledged is lost, nothing counts twice.

Invariant: a client keeps its key before it sends and sends again under the same key until it is
answered; only then does an order count as acknowledged (trust.md §1, T5).
"""

import random
import threading
import time
from dataclasses import dataclass, field

from tests.prove.client import Caller, Cut
from tests.prove.races import clean
from tests.prove.scene import Scene, set_up
from tests.prove.stage import ENGINES, Stage, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof

CLIENTS = 8
CONTROL = "the same without a key"


@dataclass
class Load:
    """What the clients of one run saw."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    #: calls whose connection broke, and which were then sent again
    unknown: int = 0
    in_flight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)


@proof("kills", "kill -9 of the server 100 times under load: no acknowledged write lost or doubled")
def kills(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine) as one:
            figures += _on(one, engine, run)
    return figures


def _on(one: Stage, engine: str, run: Run) -> list[Figure]:
    scene = set_up(one.port, points_per_hour=100_000)
    people = scene.people(CLIENTS)
    scene.earn([person_id for person_id, _ in people], "早班")
    goods_id = scene.goods("肥皂", 1, 10_000_000)
    load = Load()
    tokens = [caller.token for _, caller in people]
    threads = [
        threading.Thread(target=_client, args=(one.port, token, goods_id, number, load))
        for number, token in enumerate(tokens)
    ]
    for thread in threads:
        thread.start()
    wanted = run.length(100, 10)
    caught = _killing(one, load, random.Random(run.seed), wanted, run.length(2000, 100))
    load.stop.set()
    for thread in threads:
        thread.join(90)
    assert not any(thread.is_alive() for thread in threads), "a client hangs"
    return [
        exactly(f"{engine}: kills", wanted, wanted),
        at_least(f"{engine}: kills with a write in flight", caught, wanted // 2),
        at_least(f"{engine}: acknowledged writes", len(load.acknowledged), run.length(2000, 100)),
        at_least(f"{engine}: unknown outcomes, resolved by key", load.unknown, 1),
        exactly(f"{engine}: refused", load.refused, 0),
        *_compared(one, scene, engine, load),
        clean(one),
    ]


def _killing(one: Stage, load: Load, dice: random.Random, kills: int, writes: int) -> int:
    """Kill and start again; then let the load go on until enough was acknowledged.

    Returns during how many kills a write was in flight.
    """
    caught = 0
    for _ in range(kills):
        time.sleep(dice.uniform(0.1, 0.6))
        with load.lock:
            flying = load.in_flight
        one.kill()
        caught += flying > 0
        one.start()
    until = time.monotonic() + 120
    while len(load.acknowledged) < writes and time.monotonic() < until:
        time.sleep(0.1)
    return caught


def _client(port: int, token: str | None, goods_id: str, number: int, load: Load) -> None:
    caller = Caller(port, token, timeout=30)
    count = 0
    while not load.stop.is_set():
        key = f"client-{number}-{count}"
        count += 1
        order_id = _until_answered(caller, goods_id, key, load)
        if order_id is not None:
            with load.lock:
                load.acknowledged[key] = order_id


def _until_answered(caller: Caller, goods_id: str, key: str, load: Load) -> str | None:
    """Send one order under one key until an answer comes; its id, or none where it was refused."""
    body = {"goods_id": goods_id, "quantity": 1}
    for _ in range(2000):
        with load.lock:
            load.in_flight += 1
        try:
            answer = caller.call("POST", "/orders", body, key)
        except Cut as cut:
            # Nobody listens while the server is down; only a broken call leaves an open outcome.
            if "refused" not in str(cut):
                with load.lock:
                    load.unknown += 1
            time.sleep(0.05)
            continue
        finally:
            with load.lock:
                load.in_flight -= 1
        if answer.status == 201:
            return str(answer.body["id"])
        if answer.status == 503:
            time.sleep(0.05)
            continue
        load.refused += 1
        return None
    raise AssertionError(f"{key} was never answered")


def _compared(one: Stage, scene: Scene, engine: str, load: Load) -> list[Figure]:
    """The acknowledged orders against those in the books."""
    clerk = Caller(one.port, scene.clerk.token)
    stored: list[str] = []
    cursor = ""
    while True:
        page = clerk.made("GET", f"/orders?limit=100{cursor}")
        stored += [order["id"] for order in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    acknowledged = list(load.acknowledged.values())
    return [
        exactly(f"{engine}: acknowledged and lost", len(set(acknowledged) - set(stored)), 0),
        exactly(f"{engine}: acknowledged twice", len(acknowledged) - len(set(acknowledged)), 0),
        exactly(
            f"{engine}: in the books, asked for by nobody", len(set(stored) - set(acknowledged)), 0
        ),
    ]
