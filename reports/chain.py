"""The chain of a number (design D9): scan → attendance → records → approvals → rule → award →
transfer → lot → orders it was spent on → goods → fund.

Invariant: everything here is read from stored facts; an award's steps are those it was made with,
never worked out anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from ledger.models import Transfer
from people import communities, masking, queries
from qr.models import Scan
from redemption import funds
from reports import spending
from reports.spending import LotLink
from shifts import views
from shifts.presence import attendance, records
from shifts.rota import finding, occasions
from shifts.tables.attendance import Approval, Award
from shifts.tables.rota import AwardRule
from shifts.views import AttendanceView, ShiftView


@dataclass(frozen=True)
class ScanLink:
    """One accepted reading of a code."""

    id: UUID
    code_kind: str
    outcome: str
    actor_id: UUID
    received_at: datetime


@dataclass(frozen=True)
class RecordLink:
    """Somebody recorded something: a scan, a hand entry or an amendment.

    ``revision``: the one that a late amendment would make, once a second person approves it.
    """

    kind: str
    revision: int | None
    actor_id: UUID
    actor: str
    at: datetime
    before: Any
    after: Any
    reason: str | None


@dataclass(frozen=True)
class DecisionLink:
    """Somebody decided on one revision."""

    revision: int
    step: int
    decision: str
    decided_by: UUID
    decider: str
    decided_at: datetime
    reason: str | None


@dataclass(frozen=True)
class AwardLink:
    """What one revision was worth, how that was worked out, and what became of it."""

    revision: int
    service_on: date
    rule_id: UUID | None
    inputs: Any
    steps: Any
    minutes: int
    points: int
    fund_id: UUID
    fund_name: str
    transfer_id: UUID | None
    #: the day it counts on, where its own lies in a closed period; none: its own
    moved_to: date | None
    #: the first day after its public notice; none: there was none
    available_on: date | None
    #: the last day on which its points may be spent; none: they never lapse
    expires_on: date | None
    recorded_at: datetime
    reversed_by_id: UUID | None
    lots: list[LotLink]


@dataclass(frozen=True)
class Chain:
    """The whole chain of one attendance."""

    attendance: AttendanceView
    shift: ShiftView
    occasion: str
    zone: str
    scans: list[ScanLink]
    records: list[RecordLink]
    decisions: list[DecisionLink]
    awards: list[AwardLink]


def explanation(
    session: Session, community_id: UUID, attendance_id: UUID, *, at: datetime
) -> Chain:
    """The chain of one attendance, as it is now. Raises NotFound."""
    row = attendance.get(session, community_id, attendance_id)
    shift = finding.get(session, community_id, row.shift_id)
    return Chain(
        attendance=views.attendances(session, community_id, [row], at)[0],
        shift=views.shifts(session, community_id, [shift], at)[0],
        occasion=occasions.of(session, shift).name,
        zone=communities.settings_of(session, community_id).zone,
        scans=_scans(session, community_id, row.id),
        records=_records(session, community_id, row.id),
        decisions=_decisions(session, community_id, row.id),
        awards=_awards(session, community_id, row.id, at),
    )


def _scans(session: Session, community_id: UUID, attendance_id: UUID) -> list[ScanLink]:
    rows = session.scalars(
        select(Scan)
        .where(
            Scan.community_id == community_id,
            Scan.attendance_id == attendance_id,
            Scan.outcome.is_not(None),
        )
        .order_by(Scan.id)
    )
    return [
        ScanLink(row.id, row.code_kind, row.outcome or "", row.actor_id, row.received_at)
        for row in rows
    ]


def _records(session: Session, community_id: UUID, attendance_id: UUID) -> list[RecordLink]:
    rows = records.of(session, community_id, attendance_id)
    names = _masked(session, community_id, {row.actor_id for row in rows})
    return [
        RecordLink(
            kind=row.kind,
            revision=row.revision,
            actor_id=row.actor_id,
            actor=names[row.actor_id],
            at=row.at,
            before=row.before,
            after=row.after,
            reason=trail.text_of(session, community_id, row.text_digest),
        )
        for row in rows
    ]


def _decisions(session: Session, community_id: UUID, attendance_id: UUID) -> list[DecisionLink]:
    rows = session.scalars(
        select(Approval)
        .where(Approval.community_id == community_id, Approval.attendance_id == attendance_id)
        .order_by(Approval.revision, Approval.step)
    ).all()
    names = _masked(session, community_id, {row.decided_by for row in rows})
    return [
        DecisionLink(
            revision=row.revision,
            step=row.step,
            decision=row.decision,
            decided_by=row.decided_by,
            decider=names[row.decided_by],
            decided_at=row.decided_at,
            reason=trail.text_of(session, community_id, row.text_digest),
        )
        for row in rows
    ]


def _awards(
    session: Session, community_id: UUID, attendance_id: UUID, at: datetime
) -> list[AwardLink]:
    rows = session.scalars(
        select(Award)
        .where(Award.community_id == community_id, Award.attendance_id == attendance_id)
        .order_by(Award.revision)
    )
    return [_award(session, row, at) for row in rows.all()]


def _award(session: Session, row: Award, at: datetime) -> AwardLink:
    lots: list[LotLink] = []
    undone = moved_to = None
    if row.transfer_id is not None:
        moved_to = session.scalar(
            select(Transfer.effective_on).where(
                Transfer.community_id == row.community_id,
                Transfer.id == row.transfer_id,
                Transfer.original_on.is_not(None),
            )
        )
        lots = spending.lots_of(session, row.community_id, row.transfer_id, at)
        undone = session.scalar(
            select(Transfer.id).where(
                Transfer.community_id == row.community_id,
                Transfer.reverses_id == row.transfer_id,
            )
        )
    return AwardLink(
        revision=row.revision,
        service_on=row.service_on,
        rule_id=row.rule_id,
        inputs=_named(session, row),
        steps=row.steps,
        minutes=row.minutes,
        points=row.points,
        fund_id=row.fund_id,
        fund_name=funds.find(session, row.community_id, row.fund_id).name,
        transfer_id=row.transfer_id,
        moved_to=moved_to,
        available_on=row.available_on,
        expires_on=row.expires_on,
        recorded_at=row.awarded_at,
        reversed_by_id=undone,
        lots=lots,
    )


def _named(session: Session, row: Award) -> dict[str, Any]:
    """The inputs with the name of the rule, which the award itself does not keep (D12)."""
    inputs: dict[str, Any] = dict(row.inputs)
    if row.rule_id is not None:
        name = session.scalar(
            select(AwardRule.name).where(
                AwardRule.community_id == row.community_id, AwardRule.id == row.rule_id
            )
        )
        inputs["rule"] = {**inputs["rule"], "name": name}
    return inputs


def _masked(session: Session, community_id: UUID, person_ids: set[UUID]) -> dict[UUID, str]:
    found = queries.names_of(session, community_id, sorted(person_ids))
    return {person_id: masking.masked(name) for person_id, name in found.items()}
