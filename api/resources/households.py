"""Households: who may act for one another, and may not approve one another."""

from __future__ import annotations

from api.calls import Ask, call
from api.schemas.people import HouseholdIn
from api.schemas.shared import Made
from people import households
from people.models import Household


@call("POST", "/households", who="manager", body=HouseholdIn, answer=Made, status=201)
def form(ask: Ask) -> Household:
    """Make these people one household."""
    return households.form(
        ask.session, actor=ask.actor, at=ask.at, person_ids=ask.body["person_ids"]
    )
