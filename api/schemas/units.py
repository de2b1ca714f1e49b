"""Units of organisation: their people, and the zones that people look after."""

from __future__ import annotations

from api.fields import Choice, Day, In, Many, Out, Part, Ref, Text
from people.models import UNIT_KINDS


class UnitIn(In):
    """A unit of organisation."""

    name = Text(most=100, required=True)
    kind = Choice(*UNIT_KINDS, required=True)
    parent_id = Ref(load_default=None, allow_none=True)


class UnitOut(Out):
    """A unit, and who leads it: the captains of just this unit."""

    id = Ref(required=True)
    name = Text(required=True)
    kind = Choice(*UNIT_KINDS, required=True)
    parent_id = Ref(required=True, allow_none=True)
    leader_ids = Many(Ref(), required=True)


class NamedOut(Out):
    """A person by name."""

    id = Ref(required=True)
    name = Text(required=True)


class UnitPeopleOut(Out):
    """Who leads a unit, and who belongs to it."""

    leaders = Many(Part(NamedOut), required=True)
    members = Many(Part(NamedOut), required=True)


class MemberIn(In):
    """Whom to take into a unit."""

    person_id = Ref(required=True)


class LeadersIn(In):
    """The captains of a unit, all of them."""

    person_ids = Many(Ref(), most=20, required=True)


class ZoneIn(In):
    """A place, who looks after it, and from when."""

    person_id = Ref(required=True)
    place = Text(most=200, required=True)
    begins_on = Day(required=True)
    ends_on = Day(load_default=None, allow_none=True)


class ZoneEndIn(In):
    """The last day."""

    last_on = Day(required=True)


class ZoneOut(Out):
    """A place that somebody looks after."""

    id = Ref(required=True)
    unit_id = Ref(required=True)
    person_id = Ref(required=True)
    place = Text(required=True)
    begins_on = Day(required=True)
    ends_on = Day(required=True, allow_none=True)


class NamedZoneOut(ZoneOut):
    """The same with the name of its person."""

    name = Text(required=True)


class ZonesQuery(In):
    """Of which day; all that there were without it."""

    on = Day()


class UnitZonesOut(Out):
    """The zones of a unit, by place."""

    items = Many(Part(NamedZoneOut), required=True)


class ZonesOut(Out):
    """The zones of a person, newest first."""

    items = Many(Part(ZoneOut), required=True)
