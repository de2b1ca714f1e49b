"""The floors on PostgreSQL: the rows of one credit over the bare driver, and nothing else.

F1 sends one prepared statement for each row in one transaction; F2 sends all of them as one
statement. Invariant: they write the tables that the program writes, through its own schema, so
each index, key, check and trigger works for them as it does for us.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from bench.credits import AT, ON, POINTS, Stage
from bench.crews import Deed
from bench.databases import plain
from kit import ids
from kit.engines import RUNTIME_ROLE
from kit.triggers import SEARCH_PATH

_TRANSFER = (
    "INSERT INTO ledger_transfers (community_id, id, kind, natural_key, effective_on, recorded_at,"
    " actor_id, source_type, source_id, fund_id, evidence, request_id, leaf)"
    " VALUES (%(c)s, %(t)s, 'award', %(key)s, %(on)s, %(at)s, %(by)s, 'attendance', %(s)s, %(f)s,"
    " 'a', %(r)s, %(leaf)s)"
)
_UNSEALED = "INSERT INTO audit_unsealed (community_id, kind, subject_id, leaf) VALUES "
_TRANSFER_LEAF = _UNSEALED + "(%(c)s, 'transfer', %(t)s, %(leaf)s)"
_UNFOLDED = "INSERT INTO ledger_unfolded (community_id, transfer_id) VALUES (%(c)s, %(t)s)"
_BALANCE = (
    "UPDATE ledger_balances SET balance = balance + %(points)s"
    " WHERE community_id = %(c)s AND account_id = %(w)s"
    " AND balance + %(points)s >= floor"
)
_POSTING = (
    "INSERT INTO ledger_postings (community_id, transfer_id, line, debit_account_id,"
    " credit_account_id, commodity, amount)"
    " VALUES (%(c)s, %(t)s, 0, %(i)s, %(w)s, 'points', %(points)s)"
)
_LOT = (
    "INSERT INTO ledger_lots (community_id, id, account_id, transfer_id, line, original, remaining,"
    " fund_id) VALUES (%(c)s, %(l)s, %(w)s, %(t)s, 0, %(points)s, %(points)s, %(f)s)"
)
_ENTRY = (
    "INSERT INTO audit_entries (community_id, id, at, actor_id, via, action, subject_type,"
    " subject_id, request_id, after, leaf)"
    " VALUES (%(c)s, %(e)s, %(at)s, %(by)s, 'api', 'shifts:attendance:credited', 'attendance',"
    " %(s)s, %(r)s, %(after)s, %(leaf)s)"
)
_ENTRY_LEAF = _UNSEALED + "(%(c)s, 'entry', %(e)s, %(leaf)s)"

PER_ROW = (
    _BALANCE, _TRANSFER, _TRANSFER_LEAF, _UNFOLDED, _POSTING, _LOT, _ENTRY, _ENTRY_LEAF,
)  # fmt: skip


def _as_one() -> str:
    names = ("moved", "head", "head_leaf", "unfolded", "posted", "lot", "entry", "entry_leaf")
    parts = [f"{name} AS ({text} RETURNING 1)" for name, text in zip(names, PER_ROW, strict=True)]
    # In this order and each by name: a lot must find its posting.
    counted = ", ".join(f"(SELECT count(*) FROM {name})" for name in names)
    return f"WITH {', '.join(parts)} SELECT {counted}"


ONE_STATEMENT = _as_one()
_HOLD = (
    "SELECT balance FROM ledger_balances WHERE community_id = %(c)s AND account_id = %(b)s"
    " FOR UPDATE"
)
_CHARGE = (
    "UPDATE ledger_balances SET balance = balance - 0"
    " WHERE community_id = %(c)s AND account_id = %(b)s"
)


@dataclass(frozen=True)
class Floor:
    """Statements over one connection for each thread, in one transaction for each credit."""

    stage: Stage
    statements: tuple[str, ...]

    def opened(self) -> Callable[[], Deed]:
        """Each thread gets a connection of its own."""
        return self._deed

    def _deed(self) -> Deed:
        options = (
            f"-c search_path={SEARCH_PATH.replace(' ', '')} -c role={RUNTIME_ROLE} -c timezone=UTC"
        )
        # One statement is its own transaction: it needs no BEGIN and no COMMIT around it.
        alone = len(self.statements) == 1
        connection = psycopg.connect(plain(self.stage.url), options=options, autocommit=alone)
        chance = random.Random(ids.new().int)

        def credit() -> None:
            facts = self._facts(chance)
            for text in self.statements:
                done = connection.execute(text, facts, prepare=True)
                assert done.rowcount == 1, text
            if not alone:
                connection.commit()

        return credit

    def _facts(self, chance: random.Random) -> dict[str, Any]:
        stage, attendance_id = self.stage, ids.new()
        return {
            "c": stage.community_id,
            "t": ids.new(),
            "l": ids.new(),
            "e": ids.new(),
            "r": ids.new(),
            "s": attendance_id,
            "key": f"attendance:{attendance_id}:award",
            "on": ON,
            "at": AT,
            "by": stage.manager_id,
            "f": stage.fund_id,
            "i": stage.issuer_id,
            "b": stage.budget_id,
            "w": stage.wallet_ids[chance.randrange(len(stage.wallet_ids))],
            "points": POINTS,
            "after": json.dumps({"points": POINTS}),
            "leaf": os.urandom(32),
        }


def per_row(stage: Stage) -> Floor:
    """F1: one prepared statement for each row written."""
    return Floor(stage, PER_ROW)


def one_statement(stage: Stage) -> Floor:
    """F2: all rows in one statement."""
    return Floor(stage, (ONE_STATEMENT,))


def locked_issuer(stage: Stage) -> Floor:
    """The control: F1 in a ledger that keeps a balance row for its issuer, and locks it first."""
    return Floor(stage, (_HOLD, *PER_ROW, _CHARGE))
