"""Add a mapped row in the unit's stroke, with all else that the unit writes, and not in a flush.

Invariant: the row that a session then holds says what was written, column for column, and is not
asked for again.
"""

from __future__ import annotations

from typing import cast

from sqlalchemy import Table, inspect
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from kit import stroke
from kit.parts import Added
from kit.tables import Owned


def add(session: Session, row: Owned) -> None:
    """Write a new row whose key is set; a column that nothing was said of is NULL."""
    table = cast("Table", inspect(type(row)).local_table)
    values = {column.name: getattr(row, column.name) for column in table.columns}
    for name in values.keys() - vars(row).keys():
        set_committed_value(row, name, None)
    stroke.write(session, row.community_id, [Added(table, [values])])
    make_transient_to_detached(row)
    session.add(row)
