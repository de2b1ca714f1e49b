"""Who may see a person's account and the community's books; api and web ask here.

Invariant: seeing changes nothing and gives no right to change; what a person's own page shows is
shown to them whatever their roles.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from people import register, roles


def require_account(session: Session, actor: Actor, person_id: UUID) -> None:
    """Wallet, statement and explanations of one person: self, manager, treasurer, auditor.

    Raises NotFound, NotAllowed.
    """
    person = register.person(session, actor.community_id, person_id)
    if person.id != actor.person_id:
        roles.require(session, actor, "manager", "treasurer", "auditor", unit_id=person.unit_id)


def require_books(session: Session, actor: Actor) -> None:
    """The journal, the accounts and the trial balance. Raises NotAllowed (treasurer, auditor)."""
    roles.require(session, actor, "treasurer", "auditor")


def require_trail(session: Session, actor: Actor) -> None:
    """The audit trail. Raises NotAllowed (auditor, admin)."""
    roles.require(session, actor, "auditor", "admin")
