"""Idempotency-Key: the same call again gets the first answer again (contract).

A stored answer holds no code, token, name or contact data: a call declares the fields that are
made again. Invariant: the key's row is the first thing that its unit writes, so a second call with
the same key waits for the first and then finds its answer, or runs itself where that was refused.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.calls import Ask, Call
from api.models import KeptAnswer
from kit.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x20-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A key, the call it came with, and the digest of its body."""

    text: str
    call: str
    body_digest: bytes


def of(text: str | None, *, call: str, body: Mapping[str, Any]) -> Key | None:
    """The key of a request, none where it sent none; Invalid where it is not one."""
    if text is None:
        return None
    if not _KEY.fullmatch(text):
        raise Invalid(**{HEADER: "not_key"})
    written = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return Key(text, call, hashlib.sha256(written.encode()).digest())


def take(ask: Ask, key: Key) -> tuple[int, Any] | None:
    """Take the key for this unit; the first answer's status and body where it was taken before.

    Raises Conflict ``idempotency_mismatch`` where it came with another call or body.
    """
    row = {
        "community_id": ask.community_id,
        "person_id": ask.actor.person,
        "key": key.text,
        "call": key.call,
        "body_digest": key.body_digest,
        "made_at": ask.at,
    }
    is_postgresql = ask.session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if is_postgresql else sqlite.insert
    names = ["community_id", "person_id", "key"]
    taken = ask.session.scalar(
        insert(KeptAnswer)
        .values(row)
        .on_conflict_do_nothing(index_elements=names)
        .returning(KeptAnswer.key)
    )
    if taken is not None:
        return None
    kept = find(ask, key)
    assert kept is not None, "a key that is taken stands there"
    return kept


def find(ask: Ask, key: Key) -> tuple[int, Any] | None:
    """The first answer to this key; Conflict as ``take``."""
    kept = ask.session.execute(
        select(KeptAnswer.call, KeptAnswer.body_digest, KeptAnswer.status, KeptAnswer.answer).where(
            *_row(ask.community_id, ask.actor.person, key.text)
        )
    ).one_or_none()
    if kept is None:
        return None
    if (kept.call, bytes(kept.body_digest)) != (key.call, key.body_digest):
        raise Conflict("idempotency_mismatch")
    assert kept.status is not None, "an answer is kept in the unit that took its key"
    return kept.status, kept.answer


def used(ask: Ask, key: Key) -> bool:
    """Whether this key stands with any call of the caller's."""
    row = _row(ask.community_id, ask.actor.person, key.text)
    return ask.session.scalar(select(KeptAnswer.key).where(*row)) is not None


def keep(ask: Ask, call: Call, key: Key, answer: Any) -> None:
    """Keep the answer under its key, without what is made again from the row."""
    stored = copy.deepcopy(answer)
    for path in call.remade:
        inner, name = _place(stored, path)
        if inner is not None:
            inner.pop(name, None)
    ask.session.execute(
        update(KeptAnswer)
        .where(*_row(ask.community_id, ask.actor.person, key.text))
        .values(status=call.status, answer=stored)
        .execution_options(synchronize_session=False)
    )


def again(ask: Ask, call: Call, answer: Any) -> Any:
    """The stored answer with its codes, tokens and names made again."""
    made = copy.deepcopy(answer)
    for path, remake in call.remade.items():
        inner, name = _place(made, path)
        if inner is not None:
            inner[name] = remake(ask, answer)
    return made


def _place(answer: Any, path: str) -> tuple[dict[str, Any] | None, str]:
    """The object in which the last name of a dotted path stands; none where it is not there."""
    *outer, name = path.split(".")
    for step in outer:
        answer = answer.get(step)
        if answer is None:
            return None, name
    return answer, name


def _row(community_id: UUID, person_id: UUID, key: str) -> tuple[Any, ...]:
    return (
        KeptAnswer.community_id == community_id,
        KeptAnswer.person_id == person_id,
        KeptAnswer.key == key,
    )
