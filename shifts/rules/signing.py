"""The second signature under a rule version, where the community wants one.

Invariant: what is not signed is not in force; nobody signs their own version or their household's,
and a signature that comes late reaches no further back than a version that is made late.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import Actor
from kit.clock import local_date
from kit.errors import Conflict, NotAllowed, NotFound
from people import communities, households, roles
from shifts import locks
from shifts.rules import reach
from shifts.tables.rota import AwardRule, RuleSignature


def sign(session: Session, *, actor: Actor, at: datetime, rule_id: UUID) -> AwardRule:
    """Sign a version that waits for it; it is in force from then on.

    Raises, in this order: NotAllowed (manager), NotFound, Conflict ``already_decided`` (it waits
    for nobody), NotAllowed ``own_approval``, Conflict ``already_applied`` where awards were made
    meanwhile that it would govern: a version that begins later has to be made.
    """
    roles.require(session, actor, "manager")
    locks.hold_community(session, actor.community_id, alone=True)
    row = session.scalar(
        select(AwardRule).where(
            AwardRule.community_id == actor.community_id, AwardRule.id == rule_id
        )
    )
    if row is None:
        raise NotFound("award_rule")
    if row.signature_asked_at is None or signatures(session, actor.community_id, [rule_id]):
        raise Conflict("already_decided", rule_id=rule_id)
    if row.made_by in households.members(session, actor.community_id, actor.person):
        raise NotAllowed("own_approval")
    zone = communities.settings_of(session, actor.community_id).zone
    if row.effective_from < local_date(at, zone):
        reach.refuse(session, row)
    session.add(
        RuleSignature(
            community_id=actor.community_id, rule_id=rule_id, signed_by=actor.person, signed_at=at
        )
    )
    session.flush()
    trail.record(
        session,
        actor=actor,
        action=Action.RULE_SIGNED,
        subject=("award_rule", rule_id),
        at=at,
        after={"version": row.version, "effective_from": row.effective_from},
    )
    return row


def signatures(
    session: Session, community_id: UUID, rule_ids: Collection[UUID]
) -> dict[UUID, RuleSignature]:
    """The signatures under these versions; one without is missing."""
    rows = session.scalars(
        select(RuleSignature).where(
            RuleSignature.community_id == community_id, RuleSignature.rule_id.in_(sorted(rule_ids))
        )
    )
    return {row.rule_id: row for row in rows}
