"""What a peer's process does: waits for orders on its input, and does one deed over and over.

Invariant: it runs in the peers' own environment and imports nothing of ours but this.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

WARMING_SECONDS = 0.3


def serve(credit: Callable[[], None]) -> None:
    """Warm up, then for each line with a number of seconds answer with deeds a second."""
    _rate(credit, WARMING_SECONDS)
    print("ready", flush=True)
    for line in sys.stdin:
        print(_rate(credit, float(line)), flush=True)


def _rate(credit: Callable[[], None], seconds: float) -> float:
    count = 0
    started = now = time.perf_counter()
    while now - started < seconds:
        credit()
        count += 1
        now = time.perf_counter()
    return count / (now - started)
