"""Units by the names that a list gives them: found in the tree, or planned where they are missing.

Invariant: a name that could mean two units means none; the longer paths are placed first, so that
it does not matter in which order a list names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from imports.faults import Fault
from imports.headings import Line
from kit import ids
from kit.errors import Invalid
from people import names

#: the endings of a name → the kind of unit; the first that fits
_KINDS = (
    ("party_branch", ("支部", "总支", "党小组", "branch")),
    ("street", ("街道", "镇", "乡", "street")),
    ("community", ("社区", "居委会", "村", "community")),
    ("grid", ("网格", "grid")),
    ("squad", ("小队", "小组", "分队", "squad")),
    ("team", ("队", "协会", "联盟", "team")),
    ("building_group", ("楼片", "楼组", "楼栋", "楼", "栋", "小区", "苑", "building")),
)


@dataclass(frozen=True)
class Place:
    """A unit of the tree, there or planned."""

    id: UUID
    name: str
    parent_id: UUID | None


@dataclass
class Tree:
    """The units there are; ``planned`` are those to be made, parents first."""

    places: list[Place]
    planned: list[Place] = field(default_factory=list)
    _found: dict[str, UUID] = field(default_factory=dict)

    def place_all(self, wanted: Iterable[tuple[Line, str]]) -> list[Fault]:
        """Find or plan the unit of each text; returns the faults, at the lines that have them."""
        faults, bad = [], {}
        lines = list(wanted)
        for text in sorted({text for _, text in lines}, key=lambda one: (-len(_path(one)), one)):
            try:
                self._place(text)
            except Invalid as refusal:
                bad[text] = next(iter(refusal.errors))
        for line, text in lines:
            if text in bad:
                faults.append(line.fault(bad[text], value=text))
        return faults

    def of(self, text: str) -> UUID | None:
        """The unit of a text that was placed."""
        return self._found.get(text)

    def _place(self, text: str) -> None:
        path = _path(text)
        if not path:
            raise Invalid(unit_bad=text)
        for name in path:
            try:
                names.clean("unit_bad", name)
            except Invalid:
                raise Invalid(unit_bad=name) from None
        here = [one for one in self.places if one.name == path[0]]
        depth = 1
        while here and depth < len(path):
            below = [
                one
                for one in self.places
                if one.name == path[depth] and any(one.parent_id == top.id for top in here)
            ]
            if not below:
                break
            here, depth = below, depth + 1
        if len(here) > 1:
            raise Invalid(unit_unclear=text)
        above = here[0].id if here else None
        for name in path[depth if here else 0 :]:
            made = Place(ids.new(), name, above)
            self.places.append(made)
            self.planned.append(made)
            above = made.id
        assert above is not None, "a path has an end"
        self._found[text] = above


def kind_of(name: str) -> str:
    """The kind of a unit, by the ending of its name."""
    for kind, endings in _KINDS:
        if name.lower().endswith(endings):
            return kind
    return "other"


def _path(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[/>›＞→]", text) if part.strip()]
