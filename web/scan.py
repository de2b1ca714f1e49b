"""What every QR code opens, and typing a code instead of scanning it.

Invariant: opening an address acts on nothing and tells a stranger nothing; acting is a form's POST,
through the one scan function that the API uses too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from kit.errors import Conflict
from people import cards, register
from people.masking import masked
from qr import claims, codes, scan
from qr.asks import DEVICE_MAX, ScanAnswer, Trace
from redemption import orders, vouchers
from redemption import queries as order_queries
from redemption.queries import LineView
from shifts.rota import finding, leading, red_posts
from shifts.tables.rota import Shift
from web import after_scan, security
from web.forms import Fields
from web.pages import Pages
from web.visit import Visit

pages = Pages()
#: the cookie that tells one browser from the next; evidence, never a reason to decide
DEVICE = "device"


@dataclass(frozen=True)
class View:
    """What a code is, as far as this person may know before they act."""

    kind: str
    shifts: list[Shift] = field(default_factory=list)
    person: str = ""
    counter: bool = False
    lines: tuple[LineView, ...] = ()
    points: int = 0
    status: str = ""
    order_id: UUID | None = None


@pages.get("/scan")
def type_code(visit: Visit) -> Response:
    """By camera, by photo or typed; the phone's own camera opens it by itself."""
    return visit.page("scan.html", shift_id=Fields(request.values).maybe_id("shift"))


@pages.post("/scan", again=type_code)
def typed(visit: Visit) -> Response:
    """On to the page of the code that was typed."""
    fields = Fields(request.form)
    parsed = codes.parse(fields.text("code", most=300))
    if parsed is None and "code" not in fields.errors:
        fields.errors["code"] = "no_code"
    fields.done()
    assert parsed is not None, "what is no code was refused above"
    return onward(visit, parsed.token)


def onward(visit: Visit, token: str) -> Response:
    """To the page of a code; with the shift from whose desk a card was scanned."""
    shift_id = Fields(request.form).maybe_id("shift")
    return visit.go(f"/s/{token}?shift={shift_id}" if shift_id else f"/s/{token}")


def _ticket(visit: Visit, token: str) -> str:
    """Where who signs in first comes back to: with a ticket, for the code will have changed."""
    return f"/s/{claims.issue(visit.program.keys, token, visit.at)}"


@pages.get("/s/<token>", "/S/<token>", way_back=_ticket)
def opened(visit: Visit, token: str) -> Response:
    """Say what the code is, and ask; nothing is done."""
    parsed = codes.parse(token)
    view = View("bad_code")
    if parsed is not None:
        view = visit.read(lambda session: _view(session, visit, parsed))
        view = _only_chosen(visit, view)
    ticket = claims.issue(visit.program.keys, token, visit.at)
    response = visit.page(
        "confirm.html", view=view, token=parsed.token if parsed else "", ticket=ticket
    )
    if security.cookie(request, visit.program, DEVICE) is None:
        mark = security.new_browser_mark()
        security.set_cookie(response, visit.program, DEVICE, mark, seconds=security.YEAR_SECONDS)
    return response


@pages.post("/s/<token>", "/S/<token>", again=opened)
def act(visit: Visit, token: str) -> Response:
    """Act on the code; a reload of the answer acts no second time."""
    fields = Fields(request.form)
    shift_id = fields.maybe_id("shift_id")
    nonce = fields.text("nonce", most=64, needed=False) or secrets.token_hex(16)
    ticket = fields.text("ticket", most=codes.LONGEST, needed=False)
    fields.done()

    def work(session: Session) -> dict[str, Any]:
        answer = scan.scan(
            session,
            actor=visit.actor,
            keys=visit.program.keys,
            at=visit.at,
            token=ticket if claims.is_for(ticket, token) else token,
            shift_id=shift_id,
            nonce=nonce,
            trace=_trace(visit),
        )
        return _result(session, visit, answer)

    try:
        facts = visit.write(work, repeatable=True)
    except Conflict as refusal:
        if refusal.code != "choose_shift":
            raise
        return _choose(visit.refused(refusal), token)
    return visit.page("result.html", **{"undo": None, "elsewhere": [], **facts})


def _choose(visit: Visit, token: str) -> Response:
    """Several shifts fit: offer each."""
    assert visit.refusal is not None, "shown for a refusal alone"
    wanted = [_shift_id(one) for one in visit.refusal.facts.get("shifts", [])]

    def find(session: Session) -> list[Shift]:
        return [finding.get(session, visit.community_id, shift_id) for shift_id in wanted]

    view = View("shift", shifts=visit.read(find))
    return visit.page("confirm.html", view=view, token=token, ticket="")


def _shift_id(told: Any) -> UUID:
    return UUID(str(told["id"] if isinstance(told, dict) else getattr(told, "id", told)))


def _view(session: Session, visit: Visit, parsed: codes.Parsed) -> View:
    looks = {"shift": _shift, "poster": _poster, "card": _card, "voucher": _voucher}
    return looks[parsed.kind](session, visit, parsed)


def _shift(session: Session, visit: Visit, parsed: codes.Parsed) -> View:
    found = finding.by_code_ref(session, visit.community_id, parsed.ref)
    if found is None:
        return View("bad_code")
    # After a refusal the page says so itself, beside the shift that it was about.
    if visit.refusal is None and not claims.is_live(parsed, visit.at):
        return View("stale")
    return View("shift", shifts=[found])


def _poster(session: Session, visit: Visit, parsed: codes.Parsed) -> View:
    red_post = red_posts.by_code_ref(session, visit.community_id, parsed.ref)
    if red_post is None:
        return View("bad_code")
    found = finding.open_shifts_at(session, visit.community_id, visit.at, red_post_id=red_post.id)
    return View("poster", shifts=list(found))


def _card(session: Session, visit: Visit, parsed: codes.Parsed) -> View:
    """A card tells its person's masked name to staff alone."""
    if not visit.holds("captain", "manager", "clerk"):
        return View("not_for_you")
    card = cards.find(session, visit.community_id, parsed.token)
    if card is None or card.revoked_at is not None:
        return View("bad_code" if card is None else "card_revoked")
    person = register.person(session, visit.community_id, card.person_id)
    mine: list[Shift] = []
    if visit.holds("captain", "manager"):
        now_open = finding.open_shifts_at(session, visit.community_id, visit.at)
        mine = [shift for shift in now_open if leading.may_lead(session, visit.actor, shift)]
    return View("card", shifts=mine, person=person.name, counter=visit.holds("clerk"))


def _voucher(session: Session, visit: Visit, parsed: codes.Parsed) -> View:
    found = vouchers.find_token(session, visit.community_id, parsed.token)
    if found is None:
        return View("bad_code" if visit.holds("clerk") else "not_for_you")
    order = orders.find(session, visit.community_id, found.order_id)
    if order.person_id == visit.me.person_id:
        return View("own_voucher", order_id=order.id)
    if not visit.holds("clerk"):
        return View("not_for_you")
    seen = order_queries.order(
        session,
        actor=visit.actor,
        keys=visit.program.keys,
        at=visit.at,
        order_id=order.id,
    )
    return View(
        "voucher",
        person=register.person(session, visit.community_id, order.person_id).name,
        lines=seen.lines,
        points=seen.points,
        status=seen.status,
        order_id=order.id,
    )


def _only_chosen(visit: Visit, view: View) -> View:
    """The desk of one shift sends its cards here for that shift."""
    chosen = Fields(request.args).maybe_id("shift")
    found = [shift for shift in view.shifts if shift.id == chosen]
    return View(view.kind, found, view.person, False) if found else view


def _trace(visit: Visit) -> Trace:
    agent = request.headers.get("User-Agent", "")[:DEVICE_MAX]
    device = security.cookie(request, visit.program, DEVICE)
    fits = device is not None and len(device) <= DEVICE_MAX and device.isascii()
    return Trace(
        address=request.remote_addr, agent=agent or None, device_id=device if fits else None
    )


def _result(session: Session, visit: Visit, answer: ScanAnswer) -> dict[str, Any]:
    """The answer as the page tells it."""
    if answer.attendance is not None:
        return after_scan.told(session, visit, answer)
    if answer.order is not None:
        return {
            "title": visit.say("ok.handed_over"),
            "stamp": visit.say("stamp.collected"),
            "stamped_at": answer.order.collected_at or visit.at,
            "sentence": "",
            "heading": "",
            "pairs": [
                (visit.say("order.points"), visit.say("unit.n_points", n=answer.order.points))
            ],
            "standing": "",
            "next_steps": "",
            "onward": "/counter",
        }
    return {
        "title": visit.say("ok.identified", name=_name_of(answer)),
        "stamp": visit.say("stamp.identified"),
        "stamped_at": visit.at,
        "sentence": "",
        "heading": "",
        "pairs": [],
        "standing": "",
        "next_steps": "",
        "onward": "/counter" if visit.holds("clerk") else "/desk",
    }


def _name_of(answer: ScanAnswer) -> str:
    return masked(answer.person.name) if answer.person else ""
