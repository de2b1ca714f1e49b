"""Read a request's query: strict, like a body; each name once.

Invariant: an unknown or repeated name is refused, so that a filter with a slip of the finger never
shows everything.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import Schema, ValidationError
from werkzeug.datastructures import MultiDict

from api import answers, cursors, fields
from kit.errors import Invalid

_DIGITS = re.compile(r"[0-9]{1,6}", re.ASCII)
_LOST_PLUS = re.compile(r"(T\d\d:\d\d:\d\d(?:\.\d+)?) (\d\d:\d\d)$", re.ASCII | re.IGNORECASE)


class Figure(fields.Whole):
    """A whole number as a query writes it: plain digits."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise ValidationError("not_integer")
        return super()._deserialize(int(value), attr, data, **kwargs)


class InstantOrDay(fields.Instant):
    """An instant, or a calendar date; a plus that the address lost as a space is put back."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and len(value) == len("2026-11-22"):
            return fields.Day().deserialize(value)
        mended = _LOST_PLUS.sub(r"\1+\2", value)
        return super()._deserialize(mended, attr, data, **kwargs)


class PageQuery(fields.In):
    """Which part of a list."""

    limit = Figure(least=1, most=cursors.LIMIT_MOST, load_default=cursors.LIMIT_DEFAULT)
    cursor = fields.Text(most=64)


def read(given: MultiDict[str, str], schema: type[Schema] | None) -> dict[str, Any]:
    """The query's values; ValidationError or Invalid otherwise."""
    for name in given:
        if len(given.getlist(name)) > 1:
            raise Invalid(**{name: "twice"})
    loaded: dict[str, Any] = answers.schema_of(schema or fields.In).load(given.to_dict())
    return loaded
