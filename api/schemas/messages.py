"""What one was told."""

from __future__ import annotations

from marshmallow import fields as plain

from api.fields import In, Instant, Many, Out, Ref, Text, Whole


class MessageOut(Out):
    """One message: its kind, its facts, and the sentence in the asked language."""

    id = Ref(required=True)
    kind = Text(required=True)
    facts = plain.Raw(required=True, metadata={"description": "ids, numbers, days and instants"})
    text = Text(required=True)
    told_at = Instant(required=True)
    read_at = Instant(required=True, allow_none=True)


class ReadIn(In):
    """Which messages were seen; without `ids`: all."""

    ids = Many(Ref(), most=100, load_default=None, allow_none=True)


class UnreadOut(Out):
    """How many are still unread."""

    unread = Whole(required=True)
