"""As of which day, and as known when: the two times that questions to the books may name.

Invariant: a day means all of it, in the community's zone.
"""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from api.calls import Ask
from ledger.past import AsOf
from people import communities


def asked(ask: Ask) -> AsOf:
    """What the query says of ``effective_on`` and ``known_at``; nothing: as of now."""
    known_at = ask.query.get("known_at")
    if known_at is not None and not isinstance(known_at, datetime):
        zone = communities.settings_of(ask.session, ask.community_id).zone
        known_at = datetime.combine(known_at, time.max, ZoneInfo(zone))
    return AsOf(ask.query.get("effective_on"), known_at)
