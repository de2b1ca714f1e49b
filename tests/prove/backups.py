"""Backups taken under load: each is restored, proves clean, and misses nothing acknowledged before.

Invariant: what counts as acknowledged is noted before the backup begins (trust.md §1, T20).
"""

import threading
from pathlib import Path

from sqlalchemy import select

from kit.db import Database
from redemption.models import Order
from tests import statement_lint
from tests.prove.kills import CLIENTS, Load, _client
from tests.prove.scene import set_up
from tests.prove.stage import ENGINES, Stage, stage
from tests.prove.table import Figure, Run, at_least, exactly, proof


@proof("backups", "40 backups under load: each restores and proves clean, with nothing missing")
def backups(run: Run) -> list[Figure]:
    figures = []
    for engine in ENGINES:
        with stage(engine) as one:
            figures += _on(one, engine, run.length(20, 3))
    return figures


def _on(one: Stage, engine: str, count: int) -> list[Figure]:
    scene = set_up(one.port, points_per_hour=100_000)
    people = scene.people(CLIENTS)
    scene.earn([person_id for person_id, _ in people], "早班")
    goods_id = scene.goods("肥皂", 1, 10_000_000)
    load = Load()
    threads = [
        threading.Thread(target=_client, args=(one.port, caller.token, goods_id, number, load))
        for number, (_, caller) in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    restored = missing = 0
    try:
        for number in range(count):
            with load.lock:
                before = set(load.acknowledged.values())
            path = one.folder / f"backup-{number}"
            one.must("backup", str(path))
            restored += _restores(one, path)
            missing += len(before - _orders_in(one))
            _forget(one, path)
    finally:
        load.stop.set()
        for thread in threads:
            thread.join(90)
    return [
        exactly(f"{engine}: backups that restored and proved clean", restored, count),
        exactly(f"{engine}: acknowledged before, missing after", missing, 0),
        at_least(f"{engine}: writes acknowledged meanwhile", len(load.acknowledged), 10 * count),
    ]


def _restores(one: Stage, path: Path) -> bool:
    one.more["RESTORED"] = one.fresh_url()
    done = one.run("restore", str(path), url=one.more["RESTORED"])
    assert done.returncode == 0, f"restore: {done.stdout[-800:]} {done.stderr[-800:]}"
    return one.run("check", url=one.more["RESTORED"]).returncode == 0


def _orders_in(one: Stage) -> set[str]:
    database = Database(one.more["RESTORED"])
    try:
        with statement_lint.off():
            return set(
                map(str, database.read(lambda session: session.scalars(select(Order.id)).all()))
            )
    finally:
        database.dispose()


def _forget(one: Stage, path: Path) -> None:
    one.drop(one.more.pop("RESTORED"))
    path.unlink()
