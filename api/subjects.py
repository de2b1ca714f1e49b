"""Read ``<type>:<id>`` as queries name what an entry or a transfer is about."""

from __future__ import annotations

import re
from uuid import UUID

from kit.errors import Invalid

_SUBJECT = re.compile(
    r"([a-z_]{1,40}):([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})", re.ASCII
)


def read(text: str | None, field: str) -> tuple[str, UUID] | None:
    """The type and the id; none where nothing was said, Invalid where it has another form."""
    if text is None:
        return None
    found = _SUBJECT.fullmatch(text)
    if found is None:
        raise Invalid(**{field: "not_subject"})
    return found.group(1), UUID(found.group(2))
