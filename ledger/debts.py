"""Debts: what a person was credited too much and had spent (design D13).

Invariant: whoever owes is credited only after the debt is repaid; who is credited less than they
owe gets nothing in the wallet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from ledger import accounts
from ledger.drafts import Draft, Leg
from ledger.found import Found


def repaying(drafts: Sequence[Draft], found: Found) -> list[Draft]:
    """The drafts, in which a credit to a wallet first repays what its person owes.

    Their wallets and debts are held: a reversal that makes a debt holds the same rows.
    """
    credited = {leg.credit for draft in drafts for leg in draft.legs if leg.credit.kind == "wallet"}
    debts = {place.owner_id: found.debt(place.owner_id) for place in credited if place.owner_id}
    if not any(debts.values()):
        return list(drafts)
    return [_repaying(draft, debts) for draft in drafts]


def _repaying(draft: Draft, debts: dict[UUID, int]) -> Draft:
    """The draft with its repayments.

    What is new never reaches the wallet; what is given back goes to its own lots first (D6), and
    from there to the debt.
    """
    legs: list[Leg] = []
    for leg in draft.legs:
        owner_id = leg.credit.owner_id if leg.credit.kind == "wallet" else None
        repaid = min(debts[owner_id], leg.amount) if owner_id is not None else 0
        if owner_id is None or repaid == 0:
            legs.append(leg)
            continue
        debts[owner_id] -= repaid
        if draft.gives_back is not None:
            legs += [leg, Leg(leg.credit, accounts.owed(owner_id), repaid)]
            continue
        legs.append(Leg(leg.debit, accounts.owed(owner_id), repaid))
        if leg.amount > repaid:
            legs.append(replace(leg, amount=leg.amount - repaid))
    return replace(draft, legs=tuple(legs))
