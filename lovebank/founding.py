"""How a community begins: its rows, its general fund and its first person, in one unit.

Invariant: a community is never there without its general fund and someone who may let others in.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from audit.actor import system
from kit import ids
from kit.errors import Invalid
from kit.program import Program
from people import communities
from redemption import funds

GENERAL_FUND = "General fund 一般资金"


@dataclass(frozen=True)
class Founded:
    """What `found` made."""

    community_id: UUID
    person_id: UUID
    fund_id: UUID


def found(
    program: Program,
    *,
    name: str,
    admin_name: str,
    admin_phone: str,
    admin_password: str | None,
    via: str = "cli",
) -> Founded:
    """Open a community; its first person is admin and manager.

    Raises Invalid: the name is taken, or the name, phone or password is not one.
    """
    at, fund_id = program.clock.now(), ids.new()

    def work(session: Session) -> Founded:
        community, person = communities.open_community(
            session,
            name=name,
            admin_name=admin_name,
            admin_phone=admin_phone,
            admin_password=admin_password,
            general_fund_id=fund_id,
            keys=program.keys,
            at=at,
            via=via,
        )
        actor = system(community.id, via)
        funds.open_fund(
            session, actor=actor, at=at, name=GENERAL_FUND, fund_id=fund_id, check_right=False
        )
        return Founded(community.id, person.id, fund_id)

    try:
        return program.database.write(work)
    except IntegrityError as problem:
        # Two at once with one name: the other was first, and the database knows it.
        if not program.database.read(lambda session: communities.is_named(session, name)):
            raise
        raise Invalid(name=communities.TAKEN) from problem
