"""Calendar feeds."""

from __future__ import annotations

from api.fields import Out, Ref, Text


class CalendarOut(Out):
    """The address in force; whoever holds it reads the calendar without signing in."""

    id = Ref(required=True, allow_none=True)
    url = Text(required=True, allow_none=True)
