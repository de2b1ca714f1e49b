"""From the text of a code to the thing it names, within one community.

Invariant: a code of another community, a forged one and a misread one are all the same: none.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from people import cards
from qr import claims, codes
from qr.asks import Ask, Known
from redemption import vouchers
from shifts.tables.rota import RedPost, Shift

_SHIFT = select(Shift).where(
    Shift.community_id == bindparam("community_id"), Shift.code_ref == bindparam("code_ref")
)


def known(session: Session, ask: Ask) -> Known | None:
    """What the code names; none where it names nothing here."""
    parsed = codes.parse(ask.token)
    if parsed is None:
        return None
    if parsed.kind == "shift":
        return _shift(session, ask, parsed)
    if parsed.kind == "poster":
        return _poster(session, ask, parsed)
    if parsed.kind == "card":
        card = cards.find(session, ask.actor.community_id, parsed.token)
        return Known("card", card=card) if card is not None else None
    voucher = vouchers.find_token(session, ask.actor.community_id, parsed.token)
    return Known("voucher", voucher=voucher) if voucher is not None else None


def _shift(session: Session, ask: Ask, parsed: codes.Parsed) -> Known | None:
    facts = {"community_id": ask.actor.community_id, "code_ref": parsed.ref}
    shift: Shift | None = session.scalar(_SHIFT, facts)
    if shift is None or not codes.is_genuine(ask.keys, shift, parsed):
        return None
    if parsed.claimed is None:
        return Known("shift", step=parsed.step, shift=shift)
    if not claims.is_genuine(ask.keys, parsed):
        return None
    return Known(
        "shift",
        step=parsed.step,
        shift=shift,
        claimed_at=parsed.claimed.at,
        claim=claims.digest(parsed),
    )


def _poster(session: Session, ask: Ask, parsed: codes.Parsed) -> Known | None:
    red_post = session.scalar(
        select(RedPost).where(
            RedPost.community_id == ask.actor.community_id, RedPost.code_ref == parsed.ref
        )
    )
    return Known("poster", red_post=red_post) if red_post is not None else None
