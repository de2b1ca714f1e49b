"""Objections on pages: one's own, the public notice, and the office's list with its decisions.

Invariant: names are masked wherever somebody else may read them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from sqlalchemy.orm import Session

from shifts.review import objection_lists, objections, second_looks
from web.forms import Fields
from web.office import TABS
from web.pages import Pages
from web.visit import Visit

pages = Pages()
MOST = 100


@pages.get("/me/objections")
def mine(visit: Visit) -> Response:
    """What became of my objections? With an attendance: object to it here."""
    about = Fields(request.args).maybe_id("attendance")

    def find(session: Session) -> dict[str, Any]:
        rows = objection_lists.listed(session, actor=visit.actor, at=visit.at, limit=MOST, own=True)
        return {"rows": rows, "counts": _counts(session, visit)}

    return visit.page("objections.html", about=about or "", **visit.read(find))


@pages.post("/me/objections", again=mine)
def object_to(visit: Visit) -> Response:
    """Object to a line."""
    fields = Fields(request.form)
    attendance_id = fields.id("attendance_id")
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: objections.raise_one(
            session,
            actor=visit.actor,
            at=visit.at,
            attendance_id=attendance_id,
            reason=reason,
        )
    )
    return visit.go("/me/objections", "objected")


@pages.post("/me/objections/<uuid:objection_id>/withdraw", again=mine)
def withdraw(visit: Visit, objection_id: UUID) -> Response:
    """Take one's own back."""
    visit.write(
        lambda session: objections.withdraw(
            session, actor=visit.actor, at=visit.at, objection_id=objection_id
        )
    )
    return visit.go("/me/objections", "objection_withdrawn")


@pages.get("/notice")
def notices(visit: Visit) -> Response:
    """What is on public notice, and what became of objections."""

    def find(session: Session) -> dict[str, Any]:
        lines = objection_lists.notice_list(session, community_id=visit.community_id, at=visit.at)
        return {"lines": lines, "counts": _counts(session, visit)}

    return visit.page("notice_list.html", **visit.read(find))


@pages.get("/office/objections", roles=("manager", "auditor"))
def waiting(visit: Visit) -> Response:
    """Which objections wait for me?"""

    def find(session: Session) -> dict[str, Any]:
        rows = objection_lists.listed(session, actor=visit.actor, at=visit.at, limit=MOST)
        return {"rows": rows, "counts": _counts(session, visit)}

    return visit.page("office_objections.html", office_tabs=TABS, **visit.read(find))


@pages.post("/office/objections/<uuid:objection_id>/uphold", roles=("manager",), again=waiting)
def uphold(visit: Visit, objection_id: UUID) -> Response:
    """Uphold it, with the right times; another person approves them."""
    fields = Fields(request.form)
    checked_in_at = fields.maybe_instant("checked_in_at", visit.zone)
    checked_out_at = fields.maybe_instant("checked_out_at", visit.zone)
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: objections.uphold(
            session,
            actor=visit.actor,
            at=visit.at,
            objection_id=objection_id,
            checked_in_at=checked_in_at,
            checked_out_at=checked_out_at,
            reason=reason,
        )
    )
    return visit.go("/office/objections", "objection_upheld")


@pages.post("/office/objections/<uuid:objection_id>/reject", roles=("manager",), again=waiting)
def reject(visit: Visit, objection_id: UUID) -> Response:
    """Say why it is not upheld."""
    fields = Fields(request.form)
    reason = fields.text("reason", most=500)
    fields.done()
    visit.write(
        lambda session: objections.reject(
            session, actor=visit.actor, at=visit.at, objection_id=objection_id, reason=reason
        )
    )
    return visit.go("/office/objections", "objection_rejected")


@pages.get("/office/samples", roles=("manager", "auditor"))
def samples(visit: Visit) -> Response:
    """Which drawn awards has nobody looked at?"""
    drawn = visit.read(
        lambda session: second_looks.listed(session, community_id=visit.community_id, limit=MOST)
    )
    return visit.page("office_samples.html", office_tabs=TABS, samples=drawn)


@pages.post("/office/samples/<uuid:sampled_id>/confirm", roles=("manager",), again=samples)
def confirm(visit: Visit, sampled_id: UUID) -> Response:
    """It is right."""
    visit.write(
        lambda session: second_looks.look(
            session,
            actor=visit.actor,
            at=visit.at,
            sampled_id=sampled_id,
            outcome="confirmed",
        )
    )
    return visit.go("/office/samples", "looked")


def _counts(session: Session, visit: Visit) -> objection_lists.Counts:
    return objection_lists.counts(session, community_id=visit.community_id, at=visit.at)
