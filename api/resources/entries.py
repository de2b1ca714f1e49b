"""The audit trail: who did what, why and when."""

from __future__ import annotations

from api import cursors, subjects
from api.calls import Ask, Page, call
from api.schemas.ledger import EntriesQuery, EntryOut
from audit import queries
from reports import sight


@call("GET", "/audit", who="auditor, admin", query=EntriesQuery, answer=EntryOut, paged=True)
def listed(ask: Ask) -> Page:
    """Entries about a subject, newest first."""
    sight.require_trail(ask.session, ask.actor)
    kind, subject_id = subjects.read(ask.query.get("subject"), "subject") or (None, None)
    return cursors.page(
        ask,
        lambda limit, before: queries.entries(
            ask.session, ask.community_id, kind, subject_id, limit, before
        ),
    )
