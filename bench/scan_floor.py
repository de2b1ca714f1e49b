"""The floor of the scan call: a plain view that replays what our call sent, by the bare driver.

`python -m bench.scan_floor URL RECORDED PORT`. Invariant: the same server with the same threads,
the same statements with the same values in the same order on connections that are set up as ours;
nothing else.
"""

from __future__ import annotations

import pickle
import sys
import threading
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

from flask import Flask, request

from bench.scans import Sent
from kit.db import Database
from lovebank import serving

ANSWER = {
    "outcome": "checked_in",
    "attendance": {"id": "0" * 36, "shift_id": "0" * 36, "person_id": "0" * 36, "status": "open"},
    "order": None,
    "person": None,
}


class Replays:
    """The recorded calls, and each thread's two connections."""

    def __init__(self, database: Database, calls: list[list[Sent]]) -> None:
        self._database = database
        self._calls = calls
        self._next = count()
        self._own = threading.local()
        # SQLite lets one write at a time; here they wait for each other as simply as can be.
        self._turn = threading.Lock() if database.dialect == "sqlite" else None

    def one(self) -> None:
        """Replay the next call, with the turn held where it writes."""
        held = False
        for writes, text, values in self._calls[next(self._next)]:
            if writes and not held and self._turn is not None:
                held = self._turn.acquire()
            self._send(self._connection(writes), text, values)
        if held and self._turn is not None:
            self._turn.release()

    def _send(self, connection: Any, text: str, values: Any) -> None:
        if text in ("COMMIT", "ROLLBACK") and self._turn is None:
            connection.commit() if text == "COMMIT" else connection.rollback()
            return
        found = connection.execute(text, values)
        if found.description is not None:
            found.fetchall()

    def _connection(self, writes: bool) -> Any:
        name = "writer" if writes else "reader"
        found = getattr(self._own, name, None)
        if found is None:
            engine = self._database.engine if writes else self._database.reader
            pooled = engine.raw_connection()
            found = pooled.driver_connection
            pooled.detach()
            setattr(self._own, name, found)
        return found


def app_of(replays: Replays) -> Flask:
    """The application: one view."""
    app = Flask("floor", static_folder=None)

    @app.post("/scan")
    def scan() -> dict[str, Any]:
        request.get_json()
        replays.one()
        return ANSWER

    return app


def main() -> None:
    """Serve until it is killed."""
    url, recorded, port = sys.argv[1:]
    calls = pickle.loads(Path(recorded).read_bytes())
    made = app_of(Replays(Database(url), calls))
    # Everything that `serve` tells waitress stays as it is; only the application is another.
    with patch.object(serving, "create_app", lambda _program: made):
        listening = serving.listen(Mock(), host="127.0.0.1", port=int(port))
    listening.run()


if __name__ == "__main__":
    main()
