"""Shapes that several resources use."""

from __future__ import annotations

from api.fields import In, Out, Ref, Text, Whole


class Made(Out):
    """What was made, by its id."""

    id = Ref(required=True)


class Reason(In):
    """Why, in the caller's own words; kept apart and erasable."""

    reason = Text(most=500, lines=True, required=True)


class MaybeReason(In):
    """Why, if the caller wants to say."""

    reason = Text(most=500, lines=True, load_default=None, allow_none=True)


class Version(Made):
    """What was made, and which version it is."""

    version = Whole(required=True)
