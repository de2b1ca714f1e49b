"""Strict fields of the API: nothing is guessed, rounded or turned into another type.

Invariant: a value that passes here has the type and the bounds that the domain asserts; a fault is
a key of the wording table, with its figures behind colons.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields

from kit.types import AMOUNT_MAX

_FAULTS: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "missing",
    "null": "null",
    "validator_failed": "wrong",
}
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEARS = range(1900, 2200)
#: control, unassigned, surrogate and private characters, and those that turn the direction of text
_REFUSED_CATEGORIES = {"Cc", "Cn", "Co", "Cs", "Zl", "Zp"}
_TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class In(Schema):
    """What a caller sends: an unknown field is refused."""

    error_messages = {"unknown": "unknown_field", "type": "not_object"}  # noqa: RUF012 # marshmallow's own hook

    class Meta:
        unknown = RAISE


class Out(Schema):
    """What a caller gets: each field must stand on what is dumped."""

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """The value; our mistake where the source lacks what is always told."""
        if isinstance(obj, Mapping):
            told = attr in obj or not self.declared_fields[attr].required
            assert told, f"{type(self).__name__} lacks {attr}"
            return obj.get(attr, default)
        return getattr(obj, attr)


class Whole(fields.Integer):
    """A JSON integer within bounds: no true, no "5", no 5.0."""

    default_error_messages = _FAULTS

    def __init__(self, *, least: int = 0, most: int = AMOUNT_MAX, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(metadata={"minimum": least, "maximum": most}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("not_integer")
        if value < self.least:
            raise ValidationError(f"too_small:{self.least}")
        if value > self.most:
            raise ValidationError(f"too_big:{self.most}")
        return value


class Text(fields.String):
    """Text in NFC, stripped, without control characters; ``lines`` allows line breaks."""

    default_error_messages = _FAULTS

    def __init__(
        self, *, most: int = 200, least: int = 1, lines: bool = False, raw: bool = False, **kw: Any
    ) -> None:
        self.most, self.least, self.lines, self.raw = most, least, lines, raw
        metadata = {"minLength": least, "maxLength": most} | kw.pop("metadata", {})
        super().__init__(metadata=metadata, **kw)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not_text")
        found: str = value if self.raw else unicodedata.normalize("NFC", value).strip()
        if any(self._refuses(character) for character in found):
            raise ValidationError("control_characters")
        if len(found) < self.least:
            raise ValidationError("empty" if not found else f"too_short:{self.least}")
        if len(found) > self.most:
            raise ValidationError(f"too_long:{self.most}")
        return found

    def _refuses(self, character: str) -> bool:
        if self.lines and character in "\r\n\t":
            return False
        return character in _TURNING or unicodedata.category(character) in _REFUSED_CATEGORIES


class Choice(Text):
    """One of a closed list."""

    def __init__(self, *values: str, **kwargs: Any) -> None:
        self.values = values
        listed = [*values, None] if kwargs.get("allow_none") else list(values)
        super().__init__(metadata={"enum": listed}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not_text")
        found = next((one for one in self.values if one == value), None)
        if found is None:
            raise ValidationError(f"not_listed:{', '.join(self.values)}")
        return found


class Match(Text):
    """Text of one form."""

    def __init__(self, pattern: str, fault: str, **kwargs: Any) -> None:
        self.pattern, self.fault = re.compile(pattern, re.ASCII), fault
        super().__init__(metadata={"pattern": f"^{pattern}$"}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("not_text")
        if not self.pattern.fullmatch(value):
            raise ValidationError(self.fault)
        return value


class Ref(fields.UUID):
    """A UUID in its one usual form."""

    default_error_messages = _FAULTS

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> UUID:
        if not isinstance(value, str) or not _UUID.fullmatch(value):
            raise ValidationError("not_id")
        return UUID(value)


class Instant(fields.DateTime):
    """An RFC 3339 instant with an offset; UTC inside and in answers."""

    default_error_messages = _FAULTS

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            raise ValidationError("not_instant")
        try:
            found = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError("not_instant") from None
        if found.year not in _YEARS:
            raise ValidationError("not_instant")
        return found

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else instant(value)


class Day(fields.Date):
    """A calendar date, ``2026-11-22``."""

    default_error_messages = _FAULTS

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("not_day")
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise ValidationError("not_day") from None
        if found.year not in _YEARS:
            raise ValidationError("not_day")
        return found


class Flag(fields.Boolean):
    """``true`` or ``false``, nothing that looks like it."""

    default_error_messages = _FAULTS

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("not_flag")
        return value


class Part(fields.Nested):
    """An object within an object."""

    default_error_messages = _FAULTS | {"type": "not_object"}


class Many(fields.List[Any]):
    """A list within bounds."""

    default_error_messages = _FAULTS | {"invalid": "not_list"}

    def __init__(self, inner: Any, *, least: int = 0, most: int = 1000, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(inner, metadata={"minItems": least, "maxItems": most}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) < self.least:
            raise ValidationError(f"too_few:{self.least}")
        if isinstance(value, list) and len(value) > self.most:
            raise ValidationError(f"too_many:{self.most}")
        found: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        return found


def instant(at: datetime) -> str:
    """An instant as the API writes it: UTC, ``Z``, a fraction only where there is one."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
