"""Second looks at drawn awards: somebody who had no hand in it confirms, or asks for a correction.

Invariant: each drawn award is looked at once; a correction waits for a third person like any other
(design D13), so a look alone moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit import ids
from kit.errors import Conflict, Invalid, NotAllowed, NotFound
from shifts import locks, reasons
from shifts.approval import amending, deciders
from shifts.review import corrections, samples
from shifts.rota import finding
from shifts.tables.reviews import SampledAward, SampleDraw, SecondLook

OUTCOMES = ("confirmed", "amended")


@dataclass(frozen=True)
class Line:
    """One drawn award, and what became of it; ``outcome`` none: nobody has looked yet."""

    id: UUID
    place: int
    award_id: UUID
    attendance_id: UUID
    outcome: str | None
    revision: int | None
    looked_by: UUID | None
    looked_at: datetime | None


@dataclass(frozen=True)
class Sample:
    """A draw with its counts; ``award_ids`` and ``lines`` where one alone is asked for."""

    id: UUID
    awarded_on: date
    percent: int
    awards: int
    seed: str
    drawn_at: datetime
    drawn: int
    looked: int
    amended: int
    award_ids: list[UUID]
    lines: list[Line]


def look(
    session: Session,
    *,
    actor: Actor,
    at: datetime,
    sampled_id: UUID,
    outcome: str,
    reason: str | None = None,
    checked_in_at: datetime | None = None,
    checked_out_at: datetime | None = None,
) -> Line:
    """Confirm a drawn award, or ask for its correction to these times.

    Raises, in this order: NotFound, NotAllowed (manager; ``own_approval`` for one's own, one's
    household's, and whoever recorded or decided on it), Conflict ``already_decided``, Invalid, and
    what ``corrections.amend`` raises.
    """
    drawn = _drawn(session, actor.community_id, sampled_id)
    row = locks.hold_attendances(session, actor.community_id, [drawn.attendance_id])[
        drawn.attendance_id
    ]
    shift = finding.get(session, actor.community_id, row.shift_id)
    who = deciders.decider(session, actor)
    if not who.is_manager(session, shift):
        raise NotAllowed(needs=["manager"])
    deciders.require(session, who, row, shift)
    decided = deciders.decisions_of(session, actor.community_id, row.id)
    deciders.refuse_twice(who, decided)
    if _of(session, actor.community_id, sampled_id) is not None:
        raise Conflict("already_decided")
    if outcome not in OUTCOMES:
        raise Invalid(outcome=f"is none of {', '.join(OUTCOMES)}")
    if outcome == "confirmed" and (checked_in_at or checked_out_at):
        raise Invalid(outcome="confirmed changes no time")
    # First the look, for whoever asks for an amendment has a hand in the line from then on.
    revision = amending.next_revision(session, row) if outcome == "amended" else None
    _write(session, actor, at, drawn, outcome, revision, reason)
    if revision is not None:
        asked = corrections.amend(
            session,
            actor=actor,
            at=at,
            attendance_id=row.id,
            reason=reason or "",
            checked_in_at=checked_in_at,
            checked_out_at=checked_out_at,
        )
        assert asked.asked_revision == revision, "the amendment that was foreseen"
    found = lines(session, actor.community_id, drawn.draw_id)
    return next(one for one in found if one.id == sampled_id)


def lines(session: Session, community_id: UUID, draw_id: UUID) -> list[Line]:
    """The drawn awards of a draw, in the order in which they were drawn."""
    found: list[tuple[SampledAward, SecondLook | None]] = [
        (one, look)
        for one, look in session.execute(
            select(SampledAward, SecondLook)
            .outerjoin(
                SecondLook,
                (SecondLook.community_id == SampledAward.community_id)
                & (SecondLook.sampled_id == SampledAward.id),
            )
            .where(SampledAward.community_id == community_id, SampledAward.draw_id == draw_id)
            .order_by(SampledAward.place)
        )
    ]
    return [
        Line(
            id=one.id,
            place=one.place,
            award_id=one.award_id,
            attendance_id=one.attendance_id,
            outcome=None if look is None else look.outcome,
            revision=None if look is None else look.revision,
            looked_by=None if look is None else look.looked_by,
            looked_at=None if look is None else look.looked_at,
        )
        for one, look in found
    ]


def sample(session: Session, *, community_id: UUID, draw_id: UUID) -> Sample:
    """One draw, with everything that an outsider needs to draw again. Raises NotFound."""
    row = samples.of(session, community_id, draw_id)
    return _told(session, row, samples.listed(session, row))


def listed(
    session: Session, *, community_id: UUID, limit: int, before: UUID | None = None
) -> list[Sample]:
    """The draws, newest first."""
    query = select(SampleDraw).where(SampleDraw.community_id == community_id)
    if before is not None:
        query = query.where(SampleDraw.id < before)
    rows = session.scalars(query.order_by(SampleDraw.id.desc()).limit(limit)).all()
    return [_told(session, row, []) for row in rows]


def unlooked(session: Session, community_id: UUID) -> int:
    """How many drawn awards nobody has looked at yet."""
    found = session.scalar(
        select(func.count(SampledAward.id))
        .outerjoin(
            SecondLook,
            (SecondLook.community_id == SampledAward.community_id)
            & (SecondLook.sampled_id == SampledAward.id),
        )
        .where(SampledAward.community_id == community_id, SecondLook.id.is_(None))
    )
    return found or 0


def _told(session: Session, row: SampleDraw, award_ids: list[UUID]) -> Sample:
    found = lines(session, row.community_id, row.id)
    return Sample(
        id=row.id,
        awarded_on=row.awarded_on,
        percent=row.percent,
        awards=row.population,
        seed=row.seed,
        drawn_at=row.drawn_at,
        drawn=len(found),
        looked=sum(one.outcome is not None for one in found),
        amended=sum(one.outcome == "amended" for one in found),
        award_ids=award_ids,
        lines=found,
    )


def _drawn(session: Session, community_id: UUID, sampled_id: UUID) -> SampledAward:
    found = session.scalar(
        select(SampledAward).where(
            SampledAward.community_id == community_id, SampledAward.id == sampled_id
        )
    )
    if found is None:
        raise NotFound("sampled_award")
    return found


def _of(session: Session, community_id: UUID, sampled_id: UUID) -> SecondLook | None:
    return session.scalar(
        select(SecondLook).where(
            SecondLook.community_id == community_id, SecondLook.sampled_id == sampled_id
        )
    )


def _write(
    session: Session,
    actor: Actor,
    at: datetime,
    drawn: SampledAward,
    outcome: str,
    revision: int | None,
    reason: str | None,
) -> None:
    digest = reasons.keep(session, actor.community_id, reason) if reason else None
    stated = reasons.STATED if digest else None
    row = {
        "community_id": actor.community_id,
        "id": ids.new(),
        "sampled_id": drawn.id,
        "attendance_id": drawn.attendance_id,
        "outcome": outcome,
        "revision": revision,
        "looked_by": actor.person,
        "looked_at": at,
        "reason_code": stated,
        "text_digest": digest,
    }
    session.execute(insert(SecondLook), [row])
    trail.record(
        session,
        actor=actor,
        action=Action.LOOKED_AGAIN,
        subject=("attendance", drawn.attendance_id),
        at=at,
        reason_code=stated,
        after={"outcome": outcome, "revision": revision, "sampled_id": drawn.id},
        row=row,
    )
