"""Every page and form of the pages, read from the application itself, with real ids in it.

Invariant: a page that is added later is found by itself, and fails here if it needs a new id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kit.db import Database
from kit.tables import Base
from tests import statement_lint
from tests.web.world import World

#: what stands for each part of an address
PARTS = {
    "shift_id": "shift",
    "order_id": "order",
    "attendance_id": "attendance",
    "red_post_id": "red_post",
    "person_id": "person",
    "sign_up_id": "sign_up",
    "transfer_id": "transfer",
    "lot_id": "lot",
    "adjustment_id": "adjustment",
    "rule_id": "rule",
    "objection_id": "objection",
    "sampled_id": "sampled",
    "community_id": "community",
    # No page shows one: its form only needs an id.
    "shift_template_id": "shift",
}


@dataclass(frozen=True)
class Route:
    """One address and how it is called."""

    method: str
    rule: str
    path: str


def routes(world: World) -> list[Route]:
    """Every page and form but the static files; the world must be furnished."""
    found = []
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint == "web.static":
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            found.append(Route(method, rule.rule, _filled(world, rule.rule)))
    return sorted(found, key=lambda one: (one.method, one.rule))


def counts(database: Database, *but: str) -> dict[str, int]:
    """How many rows each table has, of all communities together."""

    def count(session: Session) -> dict[str, int]:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
            if table.name not in but
        }

    with statement_lint.off():
        return database.read(count)


def _filled(world: World, rule: str) -> str:
    def value(part: re.Match[str]) -> str:
        name = part[1]
        secret = {"token": "card", "calendar": "calendar"}.get(name)
        return world.tokens[secret] if secret else str(world.things[PARTS[name]])

    return re.sub(r"<(?:\w+:)?(\w+)>", value, rule)
