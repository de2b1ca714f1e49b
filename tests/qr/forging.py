"""A forger of codes: what was never issued here, what was changed on the way, what is over.

Invariant: nothing that it makes is a code that this community would accept now; with the same seed
it makes the same forgeries of the same codes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from audit import units
from kit import tokens
from kit.errors import DomainError
from people import cards
from people.models import Person
from qr import claims, codes
from qr.scan import scan
from tests import factories
from tests.qr.desk import KEYS, Desk

#: no person guesses wrong more often in one minute
EACH = 25
LENGTHS = {"R": 32, "K": 63, "E": 17, "C": 29, "V": 29}


@dataclass
class Forger:
    """Forgeries of the codes that are in use at this moment."""

    #: none: what its victims are is told to it once
    gate: Desk | None
    seed: int
    #: what was good once, or elsewhere, and is no longer, or not here
    over: list[str] = field(default_factory=list)
    victims: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def draw(self) -> str:
        """One forgery."""
        ways: list[Callable[[], str]] = [self._invented, self._changed, self._cut, self._over]
        return self.chance.choice(ways)()

    def refresh(self) -> None:
        """The codes of this moment: they are what a forger has seen."""
        gate = self.gate
        if gate is None:
            return
        live = gate.code()
        ticket = claims.issue(KEYS, live, gate.town.at)
        self.victims = [live, ticket, gate.poster(), gate.card(gate.captain)]

    def _invented(self) -> str:
        letter = self.chance.choice(list(LENGTHS))
        return letter + self._characters(LENGTHS[letter] - 1)

    def _changed(self) -> str:
        """One bit of one character is another."""
        token = self.chance.choice(self.victims)
        place = self.chance.randrange(1, len(token))
        bit = 1 << self.chance.randrange(5)
        other = tokens.ALPHABET[tokens.ALPHABET.index(token[place]) ^ bit]
        return token[:place] + other + token[place + 1 :]

    def _cut(self) -> str:
        """Cut off, made longer, or put together from two."""
        token, other = self.chance.choice(self.victims), self.chance.choice(self.victims)
        place = self.chance.randrange(1, len(token))
        way = self.chance.randrange(3)
        if way == 0:
            return token[:place]
        if way == 1:
            return token + self._characters(self.chance.randrange(1, 9))
        made = token[:place] + other[place:]
        return made if made not in self.victims else token[:-1]

    def _over(self) -> str:
        return self.chance.choice(self.over)

    def _characters(self, count: int) -> str:
        return "".join(self.chance.choices(tokens.ALPHABET, k=count))


def prepared(gate: Desk, other: Desk, seed: int) -> Forger:
    """A forger who also has the codes of another community, of yesterday and of a lost card."""
    town, now = gate.town, gate.town.at
    lost = gate.card(gate.captain)
    town.do(town.manager, cards.issue, keys=KEYS, person_id=gate.captain.id, reason="lost")
    old = [
        codes.shift_code(KEYS, gate.shift, now - timedelta(seconds=seconds)).token
        for seconds in (60, 90, 3_600, 86_400)
    ]
    tickets = [
        claims.issue(KEYS, codes.shift_code(KEYS, gate.shift, at).token, at)
        for at in (now - timedelta(minutes=11), now - timedelta(days=1))
    ]
    ahead = codes.shift_code(KEYS, gate.shift, now + timedelta(days=1)).token
    theirs = [other.code(), other.poster(), other.card(other.captain)]
    theirs.append(claims.issue(KEYS, other.code(), now))
    return Forger(gate, seed, over=[lost, *old, *tickets, ahead, *theirs])


def attack(
    gate: Desk, forger: Forger, people: list[Person], count: int, *, together: bool = False
) -> Counter[str]:
    """So many forgeries through the one scan function; how each was answered.

    Each in units of its own, as the edge would run it; or those of a minute ``together`` in one,
    which is quicker and keeps the same of each.
    """
    told: Counter[str] = Counter()
    each = EACH * len(people)
    for start in range(0, count, each):
        # A minute later the count of wrong guesses begins anew: the limit is not what is asked.
        gate.town.later(seconds=61)
        forger.refresh()
        numbers = range(min(each, count - start))
        drawn = [(people[number // EACH], forger.draw()) for number in numbers]
        if together:
            told += gate.town.write(partial(_answers, at=gate.town.at, drawn=drawn))
        else:
            told += Counter(_answer(gate, who, token) for who, token in drawn)
    return told


def _answer(gate: Desk, who: Person, token: str) -> str:
    """One forgery, as the edge would run it."""
    try:
        return gate.scan(who, token).outcome
    except DomainError as refusal:
        return refusal.code


def _answers(session: Session, at: datetime, drawn: list[tuple[Person, str]]) -> Counter[str]:
    """Many of them in one unit; what each refusal leaves is kept, as at the edge."""
    told: Counter[str] = Counter()
    for who, token in drawn:
        actor = factories.actor_of(who)
        try:
            done = scan(session, actor=actor, keys=KEYS, at=at, token=token)
        except DomainError as refusal:
            told[refusal.code] += 1
            units.leave(session, refusal, actor=actor, at=at, call="POST /scans")
        else:
            told[done.outcome] += 1
    return told
