"""The tree of units, read whole: a community has some hundred at most.

Invariant: reading ends even where the rows hold a circle, which ``people.checks`` reports.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from people.models import Unit

Parents = dict[UUID, UUID | None]


def parents(session: Session, community_id: UUID) -> Parents:
    """Each unit of the community and its parent."""
    rows = session.execute(select(Unit.id, Unit.parent_id).where(Unit.community_id == community_id))
    return {row.id: row.parent_id for row in rows}


def upwards(tree: Parents, unit_id: UUID) -> list[UUID]:
    """A unit and all above it, nearest first; empty where there is no such unit."""
    found: list[UUID] = []
    here: UUID | None = unit_id
    while here is not None and here in tree and here not in found:
        found.append(here)
        here = tree[here]
    return found


def below(session: Session, community_id: UUID, unit_ids: set[UUID]) -> set[UUID]:
    """These units and all that lie below them."""
    tree = parents(session, community_id)
    return {unit_id for unit_id in tree if unit_ids.intersection(upwards(tree, unit_id))}
