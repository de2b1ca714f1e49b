"""Drafts become transfers: heads with their fingerprints, postings, balances and lots.

Invariant: a transfer, its postings, the guarded balances, the lots and the unsealed leaf are
written in one stroke, or none is; the same natural key never counts twice (design D2, D4, D5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from audit import leaves
from audit.actor import Actor
from kit import ids
from ledger import debts, guards, lots, returning, writing
from ledger.drafts import Draft
from ledger.found import Found
from ledger.kinds import IN_LOTS
from ledger.returning import Parts
from ledger.writing import Stroke


@dataclass(frozen=True)
class _Entry:
    """A draft on its way into the books, with its id and what it gives back."""

    id: UUID
    parts: Parts

    @property
    def draft(self) -> Draft:
        """The draft as it will stand there."""
        return self.parts.draft


def enter(
    session: Session,
    *,
    actor: Actor,
    drafts: Sequence[Draft],
    at: datetime,
    found: Found,
    grace_until: date | None = None,
) -> list[UUID]:
    """Write the drafts whose keys are new; returns the ids in the order of the drafts.

    Raises Short and TooMuch for the first guarded account that would leave its bounds; the unit is
    then given up.
    """
    recorded = dict(found.recorded)
    fresh: dict[str, Draft] = {}
    for draft in drafts:
        if draft.key not in recorded:
            fresh.setdefault(draft.key, draft)
    given = [
        returning.parts(session, actor.community_id, draft, found.known, grace_until)
        for draft in fresh.values()
    ]
    final = debts.repaying([one.draft for one in given], found)
    entries = [
        _Entry(ids.new(), Parts(draft, one.by_place))
        for draft, one in zip(final, given, strict=True)
    ]
    if entries:
        writing.write(session, actor.community_id, _stroke(session, actor, entries, at, found))
    recorded |= {entry.draft.key: entry.id for entry in entries}
    return [recorded[draft.key] for draft in drafts]


def leaf_of(head: dict[str, Any], postings: list[list[Any]]) -> bytes:
    """The fingerprint of a transfer: its head without the leaf, and its postings in line order.

    Each posting is [line, debit code, credit code, amount, and of the lot that it made: first day,
    last day, unit cost, fund]. Codes and not ids of accounts: so the leaf also says whose account
    it was, and of what.
    """
    facts = {name: value for name, value in head.items() if name != "leaf"}
    return leaves.leaf("transfer", {**facts, "postings": postings})


def _stroke(
    session: Session, actor: Actor, entries: list[_Entry], at: datetime, found: Found
) -> Stroke:
    community_id = actor.community_id
    heads = [_head(actor, entry, at) for entry in entries]
    deltas = _deltas(entries, found)
    guards.refuse_unless_fit(deltas, found.standing)
    working = _working(session, community_id, entries, found)
    return Stroke(
        heads=heads,
        unsealed=[
            {
                "community_id": community_id,
                "kind": "transfer",
                "subject_id": head["id"],
                "leaf": head["leaf"],
            }
            for head in heads
        ],
        deltas=deltas,
        postings=[row for entry in entries for row in _postings(community_id, entry, found)],
        lots=working.made,
        taken=working.changes(),
        uses=working.uses,
        hoped=found.hoped,
        clear=found.clear,
    )


def _head(actor: Actor, entry: _Entry, at: datetime) -> dict[str, Any]:
    draft = entry.draft
    head: dict[str, Any] = {
        "community_id": actor.community_id,
        "id": entry.id,
        "kind": draft.kind,
        "natural_key": draft.key,
        "effective_on": draft.effective_on,
        "original_on": draft.original_on,
        "recorded_at": at,
        "actor_id": actor.person_id,
        "source_type": draft.source[0],
        "source_id": draft.source[1],
        "fund_id": draft.fund_id,
        "evidence": draft.evidence,
        "reason_code": draft.reason_code,
        "text_digest": draft.text_digest,
        "reverses_id": draft.reverses_id,
        "request_id": actor.request_id,
    }
    postings = []
    for number, leg in enumerate(draft.legs):
        lot: tuple[Any, ...] = (None, None, None, None)
        if draft.makes_lot(leg):
            fund_id = leg.fund_id or draft.fund_id
            lot = (leg.available_on, leg.expires_on, leg.unit_cost_fen, fund_id)
        postings.append([number, leg.debit.code, leg.credit.code, leg.amount, *lot])
    head["leaf"] = leaf_of(head, postings)
    return head


def _deltas(entries: list[_Entry], found: Found) -> dict[UUID, int]:
    """What is added to each guarded balance, in lock order; without those that stay."""
    added = dict.fromkeys(found.standing, 0)
    for entry in entries:
        for leg in entry.draft.legs:
            for place, sign in ((leg.debit, -1), (leg.credit, 1)):
                account_id = found.known[place].id
                if account_id in added:
                    added[account_id] += sign * leg.amount
    return {account_id: delta for account_id, delta in added.items() if delta}


def _postings(community_id: UUID, entry: _Entry, found: Found) -> list[dict[str, Any]]:
    return [
        {
            "community_id": community_id,
            "transfer_id": entry.id,
            "line": line,
            "debit_account_id": found.known[leg.debit].id,
            "credit_account_id": found.known[leg.credit].id,
            "commodity": leg.debit.commodity,
            "amount": leg.amount,
        }
        for line, leg in enumerate(entry.draft.legs)
    ]


def _working(
    session: Session, community_id: UUID, entries: list[_Entry], found: Found
) -> lots.Working:
    """The lots as the postings move them, one after the other."""
    there = _there(session, community_id, entries, found)
    back = [lot for one in entries for part in one.parts.by_place.values() for lot, _ in part]
    working = lots.Working({lot.id: lot for lot in [*back, *there]})
    for entry in entries:
        for line in range(len(entry.draft.legs)):
            spot = lots.Spot(community_id, entry.id, line)
            _move(working, spot, entry, line, found)
    return working


def _there(
    session: Session, community_id: UUID, entries: list[_Entry], found: Found
) -> list[lots.Left]:
    """The lots that these entries take from: of a wallet the next ones, of the others all."""
    needed: dict[UUID, int] = {}
    whole: set[UUID] = set()
    for entry in entries:
        chosen = entry.draft.takes_first or entry.draft.takes_exactly
        for leg in entry.draft.legs:
            if leg.debit.kind in IN_LOTS:
                account_id = found.known[leg.debit].id
                needed[account_id] = needed.get(account_id, 0) + leg.amount
                if chosen or leg.debit.kind != "wallet":
                    whole.add(account_id)
    there = lots.left_in(session, community_id, whole) if whole else []
    for account_id in needed.keys() - whole:
        there += lots.next_in(session, community_id, account_id, needed[account_id])
    return there


def _move(working: lots.Working, spot: lots.Spot, entry: _Entry, line: int, found: Found) -> None:
    draft, leg = entry.draft, entry.draft.legs[line]
    if leg.debit.kind in IN_LOTS:
        first, exactly = draft.takes_first, draft.takes_exactly
        account_id = found.known[leg.debit].id
        working.take(spot, account_id, leg.amount, first=first, exactly=exactly)
    if draft.makes_lot(leg):
        working.make(spot, found.known[leg.credit].id, leg, draft.fund_id)
    elif leg.credit.kind in IN_LOTS:
        same = [(lot.id, part) for lot, part in entry.parts.by_place[leg.credit]]
        working.give_back(spot, same, leg.amount)
