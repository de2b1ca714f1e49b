"""What a known code does in these hands at this time: the rules of the contract, kind by kind.

Invariant: who may not use a code learns nothing of what it names; that is asked before all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from audit.actor import Actor
from kit.errors import Conflict, Invalid, NotAllowed
from people import register, roles
from people.credential_models import Card
from people.models import Person
from qr import claims, going_back, sighting
from qr.asks import IDENTIFY, Ask, Known, ScanAnswer, Seen
from redemption import orders, wallets
from redemption.models import Voucher
from shifts.presence import attendance
from shifts.rota import finding
from shifts.tables.rota import RedPost, Shift


def judge(session: Session, ask: Ask, known: Known) -> ScanAnswer:
    """Do what the code does. Raises the refusals of a scan; NotFound, Invalid for ``shift_id``."""
    if known.shift is not None:
        return _shift(session, ask, known, known.shift)
    if known.red_post is not None:
        return _poster(session, ask, known, known.red_post)
    if known.card is not None:
        return _card(session, ask, known, known.card)
    assert known.voucher is not None, "a known code names one of four things"
    return _voucher(session, ask, known.voucher)


def seen(session: Session, actor: Actor, person_id: UUID, at: datetime) -> Seen:
    """A person as their card shows them: with their points where their clerk asks."""
    person = register.person(session, actor.community_id, person_id)
    available = None
    if roles.holds(session, actor, "clerk", unit_id=person.unit_id):
        available = wallets.of(session, actor.community_id, person_id, at).available
    return Seen(person.id, person.name, available)


def _shift(session: Session, ask: Ask, known: Known, shift: Shift) -> ScanAnswer:
    if ask.shift_id is not None and ask.shift_id != shift.id:
        raise Invalid(shift_id="is not the shift of this code")
    claims.refuse_unless_live(known, ask.at)
    going_back.refuse_if_so(session, shift, ask.at)
    if known.claim is not None:
        used = claims.used(session, ask.actor, known.claim)
        if used is not None:
            return ScanAnswer("duplicate", attendance=used, shift=shift)
    return _attend(session, ask, known, shift, ask.actor.person, "scan")


def _poster(session: Session, ask: Ask, known: Known, red_post: RedPost) -> ScanAnswer:
    person_id = ask.actor.person
    found = finding.open_shifts_at(session, ask.actor.community_id, ask.at, red_post_id=red_post.id)
    if ask.shift_id is not None:
        shift = finding.get(session, ask.actor.community_id, ask.shift_id)
        if shift.red_post_id != red_post.id:
            raise Invalid(shift_id="is not a shift of this red post")
        return _attend(session, ask, known, shift, person_id, "scan")
    shift = _one(_fitting(session, ask, found, person_id))
    return _attend(session, ask, known, shift, person_id, "scan")


def _card(session: Session, ask: Ask, known: Known, card: Card) -> ScanAnswer:
    is_captain = roles.holds(session, ask.actor, "captain", unit_id=roles.ANYWHERE)
    person = register.person(session, ask.actor.community_id, card.person_id)
    is_clerk = roles.holds(session, ask.actor, "clerk", unit_id=person.unit_id)
    if not is_captain and not is_clerk:
        raise NotAllowed()
    if card.revoked_at is not None:
        raise Conflict("card_revoked")
    if person.deactivated_at is not None:
        raise Conflict("unknown_person")
    if ask.purpose == IDENTIFY:
        return _identified(session, ask, person)
    if ask.shift_id is not None and is_captain:
        shift = finding.get(session, ask.actor.community_id, ask.shift_id)
        return _attend(session, ask, known, shift, person.id, "card")
    led = _led(session, ask) if is_captain else []
    fitting = _fitting(session, ask, led, person.id)
    if not fitting and is_clerk:
        return _identified(session, ask, person)
    if not led and finding.open_shifts_at(session, ask.actor.community_id, ask.at):
        raise Conflict("not_your_shift")
    return _attend(session, ask, known, _one(fitting), person.id, "card")


def _voucher(session: Session, ask: Ask, voucher: Voucher) -> ScanAnswer:
    order = orders.collect_voucher(session, actor=ask.actor, at=ask.at, voucher=voucher)
    return ScanAnswer("collected", order=order)


def _attend(
    session: Session,
    ask: Ask,
    known: Known,
    shift: Shift,
    person_id: UUID,
    entered: str,
) -> ScanAnswer:
    outcome, found = attendance.scan_in_or_out(
        session,
        actor=ask.actor,
        at=ask.at,
        shift=shift,
        person_id=person_id,
        entered=entered,
        by_poster=known.red_post is not None,
        sight=sighting.of(ask, known),
    )
    return ScanAnswer(outcome, attendance=found, shift=shift)


def _identified(session: Session, ask: Ask, person: Person) -> ScanAnswer:
    return ScanAnswer("identified", person=seen(session, ask.actor, person.id, ask.at))


def _led(session: Session, ask: Ask) -> list[Shift]:
    return finding.open_shifts_at(
        session, ask.actor.community_id, ask.at, captain_id=ask.actor.person
    )


def _fitting(session: Session, ask: Ask, shifts: Sequence[Shift], person_id: UUID) -> list[Shift]:
    """The shifts that a scan of this person can be meant for.

    One that is over takes nobody in any more: it fits those alone who were there.
    """
    return [
        shift
        for shift in shifts
        if ask.at < shift.ends_at
        or attendance.live(session, ask.actor.community_id, shift.id, person_id) is not None
    ]


def _one(fitting: Sequence[Shift]) -> Shift:
    """The one shift that fits; Conflict ``outside_window`` or ``choose_shift`` with the list."""
    if not fitting:
        raise Conflict("outside_window")
    if len(fitting) > 1:
        told = [
            {
                "id": shift.id,
                "title": shift.title,
                "starts_at": shift.starts_at,
                "ends_at": shift.ends_at,
            }
            for shift in fitting
        ]
        raise Conflict("choose_shift", shifts=told)
    return fitting[0]
