"""Member cards: made again from the row, found by their token, revoked by the next one."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from audit import trail
from audit.actions import Action
from audit.models import Entry
from kit import ids, tokens
from kit.errors import NotAllowed, NotFound
from kit.keys import KeyRing
from people import cards
from people.credential_models import Card
from tests import factories
from tests.people.village import EVERYBODY, Village


def test_everybody_new_has_a_card(village: Village) -> None:
    found = {row.person_id for row in village.rows(Card) if row.revoked_at is None}
    assert found == set(village.people.values())


def test_the_token_is_made_again_and_stored_nowhere(village: Village) -> None:
    token = _token(village)
    assert token == _token(village)
    assert (len(token), token[0]) == (29, "C")
    assert set(token) <= set(tokens.ALPHABET)
    stored = [row.token_hash for row in village.rows(Card)]
    assert tokens.hashed(token[1:27]) in stored
    assert not [kept for kept in stored if token.encode() in kept]


def test_any_way_to_read_the_token_finds_the_card(village: Village) -> None:
    token = _token(village)
    for read in (token, token.lower(), f" {token} ", "-".join(token), token.replace("0", "O")):
        card = _find(village, read)
        assert card is not None
        assert card.person_id == village.people["volunteer"]


def test_a_slip_finds_nothing(village: Village) -> None:
    token = _token(village)
    slips = [
        "",
        "C",
        token[:-1],
        token + "0",
        "V" + token[1:],
        token[:5] + _other(token[5]) + token[6:],
    ]
    for slip in slips:
        assert _find(village, slip) is None
    assert village.read(lambda s: cards.find(s, ids.new(), token)) is None


def test_a_new_card_revokes_the_one_before(village: Village) -> None:
    old = _token(village)
    village.clock.at = village.clock.at.replace(hour=7)
    village.perform(
        "manager",
        cards.issue,
        keys=factories.KEYS,
        person_id=village.people["volunteer"],
        reason="Lost at the market",
    )
    new = _token(village)
    assert new != old
    before = _find(village, old)
    after = _find(village, new)
    assert before is not None
    assert after is not None
    assert (before.revoked_at, before.issue) == (village.clock.at, 1)
    assert (after.revoked_at, after.issue) == (None, 2)


def test_the_reason_is_kept_apart(village: Village) -> None:
    village.perform(
        "manager",
        cards.issue,
        keys=factories.KEYS,
        person_id=village.people["volunteer"],
        reason="Lost at the market",
    )
    entries = village.rows(Entry)
    [issued] = [one for one in entries if one.action == Action.CARD_ISSUED and one.text_digest]
    assert issued.reason_code == "stated"
    assert "market" not in str(issued.after)
    kept = village.read(lambda s: trail.text_of(s, village.community_id, issued.text_digest))
    assert kept == "Lost at the market"
    assert [one for one in entries if one.action == Action.CARD_REVOKED]


def test_a_card_of_an_older_secret_still_works(village: Village) -> None:
    token = _token(village)
    rotated = KeyRing(("a newer secret, in front of the old", *factories.KEYS.secrets))
    again = village.read(
        lambda s: cards.token_of(s, rotated, village.community_id, village.people["volunteer"])
    )
    assert again == token


def test_who_sees_and_who_replaces_a_card(village: Village) -> None:
    for who in EVERYBODY:
        other = village.person().id
        for work in (cards.shown, cards.issue):
            if who == "manager":
                assert village.perform(who, work, keys=factories.KEYS, person_id=other)
            else:
                with pytest.raises(NotAllowed):
                    village.perform(who, work, keys=factories.KEYS, person_id=other)
        mine = village.people[who]
        assert village.perform(who, cards.shown, keys=factories.KEYS, person_id=mine)


def test_showing_leaves_an_entry(village: Village) -> None:
    whose = village.people["volunteer"]
    village.perform("manager", cards.shown, keys=factories.KEYS, person_id=whose)
    query = select(Entry.actor_id).where(
        Entry.community_id == village.community_id, Entry.action == Action.CARD_SHOWN
    )
    assert village.read(lambda s: list(s.scalars(query))) == [village.people["manager"]]


def test_nobody_unknown_has_a_card(village: Village) -> None:
    with pytest.raises(NotFound):
        village.perform("manager", cards.issue, keys=factories.KEYS, person_id=ids.new())
    with pytest.raises(NotFound):
        village.perform("manager", cards.shown, keys=factories.KEYS, person_id=ids.new())


def _token(village: Village) -> str:
    return village.read(
        lambda s: cards.token_of(
            s, factories.KEYS, village.community_id, village.people["volunteer"]
        )
    )


def _find(village: Village, text: str) -> Card | None:
    return village.read(lambda s: cards.find(s, village.community_id, text))


def _other(character: str) -> str:
    return "A" if character != "A" else "B"
