"""Every table of the program, known to Base.metadata after `load()`.

Invariant: no table is forgotten. The modules that declare one are found by reading the rooms, so
that a new room needs no line here.
"""

import importlib
from graphlib import TopologicalSorter
from pathlib import Path

from sqlalchemy import Table

from kit.tables import Base

ROOT = Path(__file__).resolve().parent.parent

#: from the lowest room to the highest
ROOMS = (
    "kit", "audit", "ledger", "people", "messages", "shifts", "redemption", "treasury", "qr",
    "reports", "api", "web", "lovebank",
)  # fmt: skip


def load() -> None:
    """Import each module that declares a table (and with it the table's triggers)."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "__tablename__ =" in path.read_text(encoding="utf-8"):
                parts = path.relative_to(ROOT).with_suffix("").parts
                importlib.import_module(".".join(parts))


def of_rooms() -> dict[str, list[Table]]:
    """The tables of each room; rooms and tables in an order in which they can be made."""
    load()
    room_of: dict[Table, str] = {}
    for mapper in Base.registry.mappers:
        room = mapper.class_.__module__.split(".")[0]
        for table in mapper.tables:
            assert isinstance(table, Table), f"{mapper} maps something other than a table"
            room_of[table] = room
    order: TopologicalSorter[str] = TopologicalSorter()
    for room in ROOMS:
        order.add(room)
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if room_of[key.column.table] != room_of[table]:
                order.add(room_of[table], room_of[key.column.table])
    grouped: dict[str, list[Table]] = {room: [] for room in order.static_order()}
    for table in Base.metadata.sorted_tables:
        grouped[room_of[table]].append(table)
    return {room: found for room, found in grouped.items() if found}
