"""The way into the journal: what rooms record goes through here, and nothing else does.

Invariant: before a person's points move, what time alone brought about is posted (ended notices,
lapses), so the books never depend on when ``tick`` came by (contract, design D6).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from ledger import dating, entering, hopes, lookup, settling
from ledger.books import Calendar
from ledger.drafts import Draft
from ledger.found import Found


def record(session: Session, *, actor: Actor, draft: Draft, at: datetime) -> UUID:
    """Record one transfer; returns its id, or the id of the one that has this key already.

    Raises as ``record_all``.
    """
    return record_all(session, actor=actor, drafts=[draft], at=at)[0]


def record_all(
    session: Session, *, actor: Actor, drafts: Sequence[Draft], at: datetime
) -> list[UUID]:
    """Record transfers together; each guarded row is changed once, in lock order (D4).

    Returns the ids in the order of the drafts. A draft whose key is in the books changes nothing,
    and the id is the one that stands there. What gives back to lots goes first, so that what is
    spent in the same call may spend it. Raises PeriodClosed for a chosen day that is closed; Short
    or TooMuch when a guarded account would leave its bounds; the unit must then be given up.
    """
    if _credits_only(drafts) and dating.surely_open(drafts, at):
        made = _at_once(session, actor, drafts, at)
        made = made or _enter(session, actor, list(drafts), at, None, set())
        return [made[draft.key] for draft in drafts]
    calendar = dating.calendar(session, actor.community_id, drafts, at)
    known = dating.recorded(session, actor.community_id, drafts)
    placed = [dating.placed(draft, calendar, known) for draft in drafts]
    settled = _spenders(placed)
    settling.catch_up_all(session, actor=actor, at=at, person_ids=settled, calendar=calendar)
    back = [draft for draft in placed if draft.gives_back is not None]
    other = [draft for draft in placed if draft.gives_back is None]
    made = {}
    if back:
        made |= _enter(session, actor, back, at, calendar, settled)
        # What comes back late to a lot that has lapsed since then lapses with it, before it is
        # spent.
        again = _credited(back)
        settling.catch_up_all(session, actor=actor, at=at, person_ids=again, calendar=calendar)
    if other:
        made |= _enter(session, actor, other, at, calendar, settled)
    return [made[draft.key] for draft in drafts]


def _enter(
    session: Session,
    actor: Actor,
    drafts: list[Draft],
    at: datetime,
    calendar: Calendar | None,
    settled: set[UUID],
) -> dict[str, UUID]:
    found = lookup.look_up(session, actor.community_id, drafts, at)
    # What credits alone need of the calendar, the look-up brings with it.
    calendar = calendar or found.calendar
    owing = _owing(drafts, found) - settled
    if settling.catch_up_all(session, actor=actor, at=at, person_ids=owing, calendar=calendar):
        found = lookup.look_up(session, actor.community_id, drafts, at)
    made = entering.enter(
        session,
        actor=actor,
        drafts=drafts,
        at=at,
        found=found,
        grace_until=calendar.grace_until,
    )
    return {draft.key: transfer_id for draft, transfer_id in zip(drafts, made, strict=True)}


def _at_once(
    session: Session, actor: Actor, drafts: Sequence[Draft], at: datetime
) -> dict[str, UUID]:
    """One credit without a look; nothing where there must be one."""
    if len(drafts) != 1:
        return {}
    found = hopes.found(session, actor.community_id, drafts[0])
    if found is None:
        return {}
    made = entering.enter(session, actor=actor, drafts=drafts, at=at, found=found)
    return {drafts[0].key: made[0]}


def _credits_only(drafts: Sequence[Draft]) -> bool:
    """Whether nobody's points are taken and nothing comes back: time has no say in it then."""
    return not _spenders(drafts) and all(draft.gives_back is None for draft in drafts)


def _spenders(drafts: Sequence[Draft]) -> set[UUID]:
    """The people whose points these drafts take, now or as a debt."""
    return {
        leg.debit.owner_id
        for draft in drafts
        for leg in draft.legs
        if leg.debit.kind in settling.CONCERNED and leg.debit.owner_id is not None
    }


def _owing(drafts: list[Draft], found: Found) -> set[UUID]:
    """The credited people who owe: an ended notice repays before this credit does."""
    return {owner for owner in _credited(drafts) if found.debt(owner)}


def _credited(drafts: list[Draft]) -> set[UUID]:
    """Everybody whose account is credited."""
    owners = (leg.credit.owner_id for draft in drafts for leg in draft.legs)
    return {owner for owner in owners if owner is not None}
