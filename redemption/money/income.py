"""Take money in for a fund that is open: an instalment of a grant, a donor's transfer.

Invariant: each receipt is a row and a transfer of one unit, so a fund's money is the sum of what
came in less what its purchases cost.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.clock import local_date
from kit.errors import Invalid
from ledger import accounts, kinds, transfers
from ledger.drafts import Draft, Leg
from people import communities, roles
from redemption import bounds, funds
from redemption.money.tables import FundReceipt

REASON_MAX = 500


def receive(
    session: Session, *, actor: Actor, at: datetime, fund_id: UUID, fen: int, reason: str
) -> FundReceipt:
    """Book ``fen`` that came in for the fund, and from whom or what for.

    Raises NotAllowed (who is not treasurer), Invalid (bounds, no reason), NotFound (fund),
    Conflict ``too_much``.
    """
    roles.require(session, actor, "treasurer")
    bounds.amount("fen", fen, 1)
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        raise Invalid(reason=f"want 1 to {REASON_MAX} characters")
    fund = funds.find(session, actor.community_id, fund_id)
    receipt_id = ids.new()
    zone = communities.settings_of(session, actor.community_id).zone
    digest = trail.keep_text(session, actor.community_id, reason)
    draft = Draft(
        kind="receipt",
        key=f"fund_receipt:{receipt_id}",
        legs=(Leg(accounts.contra("granted", kinds.FEN), accounts.fund_fen(fund.id), fen),),
        effective_on=local_date(at, zone),
        source=("fund_receipt", receipt_id),
        fund_id=fund.id,
        reason_code="stated",
        text_digest=digest,
    )
    receipt = FundReceipt(
        community_id=actor.community_id,
        id=receipt_id,
        fund_id=fund.id,
        fen=fen,
        text_digest=digest,
        transfer_id=transfers.record(session, actor=actor, draft=draft, at=at),
        received_by=actor.person,
        received_at=at,
    )
    session.add(receipt)
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.MONEY_RECEIVED,
        subject=("fund_receipt", receipt.id),
        at=at,
        after={"fund_id": fund.id, "fen": fen},
    )
    return receipt
