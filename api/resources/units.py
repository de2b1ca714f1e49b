"""Units of organisation."""

from __future__ import annotations

from api.calls import Ask, call
from api.schemas.people import UnitIn
from api.schemas.shared import Made
from people import units
from people.models import Unit


@call("POST", "/units", who="admin, manager", body=UnitIn, answer=Made, status=201)
def add(ask: Ask) -> Unit:
    """Add a unit below its parent, or at the top."""
    return units.add(ask.session, actor=ask.actor, at=ask.at, **ask.body)
