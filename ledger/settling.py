"""What time alone brings about in the books: ended notices, and the lapse of points (design D6).

Invariant: it is posted under keys that let two tickers at once do no harm, effective on the day on
which it happened; whoever reads before that leaves it out by the same rule (``outlook``).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import actor as actors
from audit import trail
from audit.actions import Action
from audit.actor import Actor
from ledger import accounts, books, dating, due, entering, guards, lookup
from ledger.books import Calendar
from ledger.drafts import Draft, Leg
from ledger.due import DueLot
from ledger.kinds import POINTS
from ledger.models import Transfer

#: accounts whose lots change with time alone
IN_TIME = ("wallet", "pending")
#: accounts for which an ended notice makes a difference: it repays what is owed at its time
CONCERNED = (*IN_TIME, "owed")


def catch_up(session: Session, *, actor: Actor, at: datetime, person_ids: Collection[UUID]) -> int:
    """Post what is due for these people; returns how many transfers were recorded."""
    calendar = books.of(session, actor.community_id)
    return catch_up_all(session, actor=actor, at=at, person_ids=person_ids, calendar=calendar)


def catch_up_all(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    person_ids: Collection[UUID],
    calendar: Calendar,
) -> int:
    """The same for a caller that has read the books' calendar."""
    if not person_ids:
        return 0
    community_id, today = actor.community_id, books.today(calendar, at)
    wanted = [place(one) for one in person_ids for place in (accounts.wallet, accounts.pending)]
    known = accounts.find(session, community_id, wanted)
    guards.hold(session, community_id, [account.id for account in known.values()])
    owned = [account.id for account in known.values()]
    ended = due.ended(session, community_id, owned, today)
    done = _enter(session, actor, at, calendar, [_release(one) for one in ended])
    if ended:
        # Their wallets may be new, and what was released may have had its last day already.
        owned = [one.id for one in accounts.find(session, community_id, wanted).values()]
    lapsed = due.lapsed(session, community_id, owned, today, calendar.grace_until)
    return done + _enter(session, actor, at, calendar, _lapses(session, community_id, lapsed))


def tick(session: Session, community_id: UUID, at: datetime) -> int:
    """Post what is due for some people; returns how many transfers. Call again until 0."""
    calendar = books.of(session, community_id)
    today = books.today(calendar, at)
    people = due.people(session, community_id, today, calendar.grace_until)
    if not people:
        return 0
    actor = actors.system(community_id, "tick")
    done = catch_up(session, actor=actor, at=at, person_ids=people)
    trail.record(
        session,
        actor=actor,
        action=Action.POINTS_SETTLED,
        subject=("community", community_id),
        at=at,
        after={"transfers": done},
    )
    return done


def _enter(
    session: Session, actor: Actor, at: datetime, calendar: Calendar, drafts: list[Draft]
) -> int:
    if not drafts:
        return 0
    calendar = dating.held(session, actor.community_id, calendar, drafts, at)
    drafts = [dating.placed(draft, calendar) for draft in drafts]
    found = lookup.look_up(session, actor.community_id, drafts, at)
    entering.enter(
        session,
        actor=actor,
        drafts=drafts,
        at=at,
        found=found,
        grace_until=calendar.grace_until,
    )
    return len(drafts)


def _release(lot: DueLot) -> Draft:
    """From pending to the wallet, on the first day after the notice."""
    assert lot.available_on is not None, "points on notice know their first day"
    source, target = accounts.pending(lot.owner_id), accounts.wallet(lot.owner_id)
    return Draft(
        kind="release",
        key=f"{lot.natural_key}:release",
        legs=(Leg(source, target, lot.remaining, expires_on=lot.expires_on),),
        effective_on=lot.available_on,
        source=(lot.source_type, lot.source_id),
        fund_id=lot.fund_id,
        takes_exactly=(lot.id,),
    )


def _lapses(session: Session, community_id: UUID, found: list[DueLot]) -> list[Draft]:
    """One lapse for each wallet and last day."""
    together: dict[tuple[UUID, date], list[DueLot]] = {}
    for lot in found:
        assert lot.last_day is not None, "what lapses has a last day"
        together.setdefault((lot.owner_id, lot.last_day), []).append(lot)
    return [
        Draft(
            kind="lapse",
            key=_lapse_key(session, community_id, owner_id, day),
            legs=(
                Leg(
                    accounts.wallet(owner_id),
                    accounts.contra("lapsed", POINTS),
                    sum(lot.remaining for lot in same),
                ),
            ),
            effective_on=day + timedelta(days=1),
            source=("person", owner_id),
            takes_exactly=tuple(lot.id for lot in same),
        )
        for (owner_id, day), same in together.items()
    ]


def _lapse_key(session: Session, community_id: UUID, person_id: UUID, day: date) -> str:
    """``wallet:<person>:lapse:<last day>``; where an overdue order came back to a lot that had
    lapsed before, the second time is told apart by a number."""
    first = f"wallet:{person_id}:lapse:{day.isoformat()}"
    # Told apart here: how a database sorts texts is a setting of its own.
    lapses = session.scalars(
        select(Transfer.natural_key).where(
            Transfer.community_id == community_id,
            Transfer.source_id == person_id,
            Transfer.kind == "lapse",
        )
    )
    taken = [key for key in lapses if key == first or key.startswith(f"{first}:")]
    return first if not taken else f"{first}:{len(taken) + 1}"
