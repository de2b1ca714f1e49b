"""Names and other short texts: made clean when they come in.

Invariant: a text that has passed here can be stored and shown on every engine and page.
"""

from __future__ import annotations

import unicodedata

from kit.errors import Invalid

NAME_MAX = 60
#: control characters, surrogates, private use: nothing that a name is written with
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn"}


def clean(field: str, text: str, longest: int = NAME_MAX) -> str:
    """The text in one normal form, without spaces around it.

    Raises Invalid for ``field`` where it is empty, longer than ``longest`` or not printable.
    """
    found = unicodedata.normalize("NFC", text).strip()
    if not found:
        raise Invalid(**{field: "is empty"})
    if len(found) > longest:
        raise Invalid(**{field: f"is longer than {longest} characters"})
    if not printable(found):
        raise Invalid(**{field: "has a character that cannot be printed"})
    return found


def printable(text: str) -> bool:
    """Whether a text holds nothing but characters that can be stored and shown."""
    return all(unicodedata.category(character) not in _UNPRINTABLE for character in text)
