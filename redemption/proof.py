"""Who may order for whom: oneself freely; a clerk for another with that person's PIN or a witness.

Invariant: nobody orders as a clerk for themself or their household, and a witness is a third member
of staff who proves it with their own PIN (contract, orders). No PIN is tried for who may not order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.db import Database
from kit.errors import Invalid, NotAllowed
from kit.keys import KeyRing
from people import households, pins, register, roles
from people.pins import Proven

STAFF = ("clerk", "manager", "treasurer")


@dataclass(frozen=True)
class Proof:
    """What the counter was shown: the person's own PIN, or that of a witness."""

    person: Proven | None = None
    witness: Proven | None = None


NOTHING = Proof()


def prove(
    database: Database,
    *,
    actor: Actor,
    keys: KeyRing,
    at: datetime,
    person_id: UUID | None,
    pin: str | None = None,
    witness_id: UUID | None = None,
    witness_pin: str | None = None,
) -> Proof:
    """Try the PIN that was typed for an order, before the order's unit and in units of its own.

    Raises, in this order: NotAllowed (who is not clerk), NotFound (also a person who takes part no
    more), ``own_approval``, Invalid (no proof, or both), ``pin_locked``, ``wrong_pin``.
    """
    if person_id is None or person_id == actor.person:
        return NOTHING
    typed = pin if witness_id is None else witness_pin

    def may(session: Session) -> None:
        _check_clerk(session, actor, person_id)
        if (pin is None) == (witness_id is None):
            raise _no_proof()
        if typed is None:
            raise Invalid(witness_pin="is missing")
        if witness_id is not None:
            _check_witness(session, actor, person_id, witness_id)

    database.read(may, community_id=actor.community_id)
    assert typed is not None, "one of the two was sent"
    whose = witness_id or person_id
    proven = pins.prove(database, actor=actor, keys=keys, at=at, person_id=whose, pin=typed)
    return Proof(person=proven) if witness_id is None else Proof(witness=proven)


def check(session: Session, *, actor: Actor, person_id: UUID, proof: Proof) -> UUID | None:
    """That ``actor`` may order for this person; returns the witness where there was one.

    Raises as ``prove``, but for the PINs, which were tried before.
    """
    if person_id == actor.person:
        return None
    _check_clerk(session, actor, person_id)
    if (proof.person is None) == (proof.witness is None):
        raise _no_proof()
    if proof.witness is None:
        assert proof.person == Proven(actor.community_id, person_id), "another person's PIN"
        return None
    assert proof.witness.community_id == actor.community_id, "a witness from elsewhere"
    _check_witness(session, actor, person_id, proof.witness.person_id)
    return proof.witness.person_id


def _check_clerk(session: Session, actor: Actor, person_id: UUID) -> None:
    roles.require(session, actor, "clerk", unit_id=roles.ANYWHERE)
    person = register.active(session, actor.community_id, person_id)
    roles.require(session, actor, "clerk", unit_id=person.unit_id)
    if households.same(session, actor.community_id, actor.person, person_id):
        raise NotAllowed("own_approval")


def _check_witness(session: Session, actor: Actor, person_id: UUID, witness_id: UUID) -> None:
    community_id = actor.community_id
    if witness_id == actor.person or households.same(session, community_id, witness_id, person_id):
        raise NotAllowed("own_approval")
    held = roles.of(session, community_id, witness_id)
    if not any(one.role in STAFF for one in held):
        raise NotAllowed("not_allowed", witness_id=witness_id)


def _no_proof() -> Invalid:
    return Invalid(pin="send the person's PIN, or witness_id with witness_pin")
