"""A credit to somebody known is written without a look: one round trip for the whole of it.

Invariant: nothing rests on the hope. That the key is free, the person owes nothing and the balance
stays within its bounds is judged by the statement that writes; where one of them is not so the unit
is run again, and looks first.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from kit import kept, stroke
from ledger import accounts
from ledger.accounts import Place
from ledger.drafts import Draft
from ledger.found import Found, Opened
from ledger.guards import Standing
from ledger.kinds import IN_LOTS, LOCK_RANK


def learn(session: Session, community_id: UUID, known: Mapping[Place, Opened]) -> None:
    """Accounts that are open: once this unit has committed they are for ever, and never change."""
    kept.learn(session, {(community_id, place.code): one for place, one in known.items()})


def found(session: Session, community_id: UUID, draft: Draft) -> Found | None:
    """What a look-up for one person's credit would find, if all is as usual.

    None where lots are taken, an account is not known to be open, or the unit has hoped in vain
    before.
    """
    if not stroke.hopes(session) or any(leg.debit.kind in IN_LOTS for leg in draft.legs):
        return None
    places = {place for leg in draft.legs for place in (leg.debit, leg.credit)}
    wallets = [place.owner_id for place in places if place.kind == "wallet"]
    if len(wallets) > 1:
        return None
    debts = [accounts.owed(owner) for owner in wallets if owner is not None]
    known: dict[Place, Opened] = {}
    for place in (*places, *debts):
        account = kept.find(session, (community_id, place.code))
        if account is None:
            return None
        known[place] = account
    # What waits to be written may be about the same rows, and one statement does not see its own.
    stroke.settle(session)
    guarded = sorted(
        (LOCK_RANK[place.kind], one.id, place.kind)
        for place, one in known.items()
        if one.floor is not None
    )
    standing = {
        account_id: Standing(kind, 0, accounts.NO_FLOOR) for _rank, account_id, kind in guarded
    }
    clear = tuple(known[place].id for place in debts)
    return Found(known, standing, {}, hoped=True, clear=clear)
