"""All work that is due: each room says what, this module only goes round the communities.

Invariant: a late or a double tick changes no answer; it posts what already holds (contract). Each
piece is a short unit of one community, some dozens of rows, so a tick is never long in the way.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.orm import Session

import people.due
import qr.due
import redemption.due
import shifts.due
import shifts.review.reminders
import shifts.review.samples
import shifts.rota.planning
from kit.program import Program
from ledger import checkpoints, settling
from lovebank import outbox_file
from people import communities

PERIOD_SECONDS = 60
_log = logging.getLogger(__name__)

Work = Callable[[Session, UUID, datetime], int]

WORKS: tuple[tuple[str, Work], ...] = (
    # Before the others: what should have been there is there when they judge it.
    ("planned", shifts.rota.planning.tick),
    ("auto-closed", shifts.due.tick),
    ("reminded", shifts.review.reminders.tick),
    ("drawn", shifts.review.samples.tick),
    ("lapsed", redemption.due.tick),
    # After the orders: what an overdue one gives back may lapse in its turn.
    ("settled", settling.tick),
    ("purged", qr.due.tick),
    ("forgotten", people.due.tick),
    # Last: what the others recorded is folded in with the rest.
    ("folded", checkpoints.fold),
)


def everything(program: Program) -> dict[str, int]:
    """Do all that is due now, in every community; what was done, by name of the work.

    Raises Unavailable when the database stays busy or away: the next tick takes up the rest.
    """
    at = program.clock.now()
    found = program.database.read(communities.everything)
    send: Work = partial(outbox_file.send, program.outbox_file)
    works = (*WORKS, ("sent", send))
    done = {name: 0 for name, _ in works}
    for community in found:
        for name, work in works:
            deed = partial(_do, work, community.id, at)
            while count := program.database.write(deed, community_id=community.id):
                done[name] += count
    return done


def _do(work: Work, community_id: UUID, at: datetime, session: Session) -> int:
    return work(session, community_id, at)


class Ticker(threading.Thread):
    """Does due work once a minute beside the server; a failed round is tried again next time."""

    def __init__(self, program: Program) -> None:
        super().__init__(name="ticker", daemon=True)
        self.program = program
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Go on until `end`."""
        while not self._stop_asked.wait(PERIOD_SECONDS):
            try:
                everything(self.program)
            except Exception:
                # Whatever it was, the thread lives on: a tick that stopped would not be noticed.
                _log.exception("a tick did not go through; the next one tries again")

    def end(self) -> None:
        """Finish the round that runs, and begin no other."""
        self._stop_asked.set()
        self.join(timeout=10)
