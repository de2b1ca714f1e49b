"""Whether somebody who gives a phone and a password may come in.

Invariant: an unknown phone and a wrong password get the same answer in the same time. A try is
counted before it is judged, so that many at once get no more; only failures stay counted
(contract, "Limits").
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import trail
from audit.actions import Action
from audit.actor import system
from kit.errors import Conflict, NotSignedIn
from kit.keys import KeyRing
from people import limits, passwords, phones, sign_in_codes
from people.models import Community, Person

WINDOW_MINUTES = 15
PHONE_MOST = 10
ADDRESS_MOST = 300


@dataclass(frozen=True)
class Asked:
    """What somebody gave, where they came from and when."""

    phone: str
    password: str = field(repr=False)
    community_id: UUID | None
    address: str
    kind: str
    keys: KeyRing
    at: datetime


@dataclass(frozen=True)
class Judged:
    """The one person it fits, and what it fitted."""

    community_id: UUID
    person_id: UUID
    #: by a code, which works once; else by the password whose hash stands here
    by_code: bool
    known: str | None = field(repr=False)


def count(session: Session, asked: Asked) -> None:
    """Count a failure ahead of judging; TooMany, and no count, where there were too many."""
    buckets = sorted(_buckets(asked).items())
    for bucket, _most in buckets:
        limits.serialise(session, bucket)
    for bucket, most in buckets:
        limits.refuse_if_over(session, bucket, asked.at, most, WINDOW_MINUTES)
    for bucket, _most in buckets:
        limits.count_failure(session, bucket, asked.at, WINDOW_MINUTES)


def give_back(session: Session, asked: Asked) -> None:
    """It was no failure: take back what ``count`` counted."""
    for bucket in sorted(_buckets(asked)):
        limits.give_back(session, bucket, asked.at)


def judge(session: Session, asked: Asked) -> Judged:
    """Compare, and write nothing; raises NotSignedIn, Conflict as ``sign_in``."""
    number = phones.normal(asked.phone)
    found = _candidates(session, asked.keys, number, asked.community_id)
    ways = {one.id: _way(session, asked.keys, one, asked.password, asked.at) for one in found}
    if not found:
        passwords.verified(None, asked.password)
    if not any(ways.values()):
        raise NotSignedIn("wrong_credentials").leaving(*_traces(found, asked.kind, asked.at))
    if len(found) > 1:
        raise Conflict("choose_community", communities=_listed(session, found))
    person = found[0]
    by_code = ways[person.id] == "code"
    known = None if by_code else passwords.known(session, person.community_id, person.id)
    return Judged(person.community_id, person.id, by_code, known)


def still(session: Session, asked: Asked, judged: Judged) -> Person:
    """The person, where what was judged still holds in this unit; uses the code up.

    Raises NotSignedIn where the person left, the password was changed or the code was used.
    """
    person = session.scalar(
        select(Person).where(
            Person.community_id == judged.community_id,
            Person.id == judged.person_id,
            Person.deactivated_at.is_(None),
        )
    )
    if person is None:
        raise NotSignedIn("wrong_credentials")
    if judged.by_code:
        holds = sign_in_codes.use(session, asked.keys, person, asked.password, asked.at)
    else:
        holds = passwords.known(session, person.community_id, person.id) == judged.known
    if not holds:
        raise NotSignedIn("wrong_credentials")
    return person


def via(kind: str) -> str:
    """Through which door a kind of token is asked for."""
    return "web" if kind == "browser" else "api"


def _candidates(
    session: Session, keys: KeyRing, number: str | None, community_id: UUID | None
) -> list[Person]:
    """Everybody active who has this number, in the community that was chosen."""
    found: list[Person] = []
    for community, person_id in phones.handles(session, keys, number) if number else []:
        if community_id in (None, community):
            person = session.scalar(
                select(Person).where(
                    Person.community_id == community,
                    Person.id == person_id,
                    Person.deactivated_at.is_(None),
                )
            )
            found += [person] if person is not None else []
    return found


def _way(
    session: Session, keys: KeyRing, person: Person, password: str, at: datetime
) -> str | None:
    """By ``password``, by ``code`` or not at all; always in the time of one password."""
    by_password = passwords.fits(session, person.community_id, person.id, password)
    code = sign_in_codes.find(session, keys, person, password, at)
    if by_password:
        return "password"
    return "code" if code is not None else None


def _listed(session: Session, found: list[Person]) -> list[dict[str, str]]:
    wanted = [person.community_id for person in found]
    rows = session.execute(
        select(Community.id, Community.name).where(Community.id.in_(wanted)).order_by(Community.id)
    )
    return [{"id": str(row.id), "name": row.name} for row in rows]


def _buckets(asked: Asked) -> dict[str, int]:
    """The buckets of this call and how many failures each bears."""
    keys, number = asked.keys, phones.normal(asked.phone)
    found = {f"address:{keys.mac('limit', _network(asked.address)).hex()}": ADDRESS_MOST}
    if number is not None:
        found[f"phone:{keys.mac('limit', number).hex()}"] = PHONE_MOST
    return found


def _network(address: str) -> str:
    """One household's line: an IPv4 address, or the first half of an IPv6 address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))


def _traces(found: list[Person], kind: str, at: datetime) -> list[Callable[[Session], None]]:
    """What a failure leaves besides its count: an entry where one person alone was meant."""

    def tell(session: Session) -> None:
        trail.record(
            session,
            actor=system(found[0].community_id, via(kind)),
            action=Action.SIGN_IN_REFUSED,
            subject=("person", found[0].id),
            at=at,
            refused="wrong_credentials",
        )

    return [tell] if len(found) == 1 else []
