"""How accounts, commodities and facts are called in plain-text accounting.

Invariant: names are made of kinds and opaque ids alone, and two accounts never share one; a debit
is positive there, so what we call a balance is its negative.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from audit.leaves import plain
from ledger.export.rows import Opened

COMMODITY = re.compile(r"[A-Z][A-Z0-9-]*[A-Z0-9]")
ACCOUNT = re.compile(r"(Assets|Liabilities|Equity)(:[A-Z0-9][A-Za-z0-9-]*)+")


def account(one: Opened) -> str:
    """An account's name there."""
    return name(one.kind, one.owner_id, one.commodity)


def name(kind: str, owner_id: UUID | None, ours: str) -> str:
    """``Liabilities:Wallet:<OWNER>:POINTS``: five roots are allowed there, and three are ours.

    Liabilities: what is kept for a person, a fund or a kind of goods; Assets: what a person owes;
    Equity: the community's own contra accounts.
    """
    root = "Equity" if owner_id is None else "Liabilities"
    if kind == "owed":
        root = "Assets"
    told = "-".join(word.capitalize() for word in kind.split("_"))
    owner = [str(owner_id).upper()] if owner_id else []
    found = ":".join([root, told, *owner, commodity(ours)])
    assert ACCOUNT.fullmatch(found), f"{found} is no name of an account there"
    return found


def commodity(ours: str) -> str:
    """``POINTS``, ``MINUTES``, ``FEN``, ``GOODS-<ID>``."""
    found = ours.replace(":", "-").upper()
    assert COMMODITY.fullmatch(found), f"{found} is no name of a commodity there"
    return found


def commodities(found: Iterable[Opened]) -> list[str]:
    """Every commodity that an account holds, by name."""
    return sorted({commodity(one.commodity) for one in found})


def facts(head: Row[Any]) -> Iterator[tuple[str, str]]:
    """What a transfer's head tells, by name; what it does not have is left out."""
    told = {
        "transfer": head.id,
        "kind": head.kind,
        "key": head.natural_key,
        "source": f"{head.source_type}:{head.source_id}",
        "recorded_at": head.recorded_at,
        "original_on": head.original_on,
        "actor": head.actor_id,
        "fund": head.fund_id,
        "evidence": head.evidence,
        "reason": head.reason_code,
        "reverses": head.reverses_id,
    }
    for field, value in told.items():
        if value is not None:
            yield field, str(plain(value))


def one_line(text: str) -> str:
    """The text without line breaks and other characters that steer."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
