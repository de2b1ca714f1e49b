"""A shop with a red post and shifts around it, and scanning as the edge would run it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kit.db import Database
from kit.errors import DomainError
from people import cards
from people.models import Person
from qr import codes
from qr.asks import ScanAnswer
from qr.models import Scan, UnknownScan
from qr.scan import scan
from redemption.models import Order
from shifts.rota import making, red_posts
from shifts.tables.rota import RedPost, Shift
from tests import factories, scenes
from tests.redemption import shop
from tests.redemption.shop import Shop

KEYS = factories.KEYS


@dataclass
class Desk:
    """A shift that runs now (2 hours, began an hour ago), its red post, its captain."""

    town: Shop
    captain: Person
    red_post: RedPost
    shift: Shift

    def another_shift(self, *, starts: int = -1, hours: int = 2, **facts: Any) -> Shift:
        """A shift of the red post that starts so many hours from now."""
        begin = self.town.at + timedelta(hours=starts)
        wanted = {"captain_id": self.captain.id, "red_post_id": self.red_post.id, "title": "Patrol"}
        return self.town.do(
            self.town.manager,
            making.add,
            starts_at=begin,
            ends_at=begin + timedelta(hours=hours),
            **(wanted | facts),
        )

    def code(self, shift: Shift | None = None) -> str:
        """The rotating code as it is now."""
        return codes.shift_code(KEYS, shift or self.shift, self.town.at).token

    def poster(self) -> str:
        """What the poster of the red post carries."""
        return codes.poster_token(self.red_post)

    def card(self, person: Person) -> str:
        """What the card in force of a person carries."""
        return self.town.read(
            lambda session: cards.token_of(session, KEYS, person.community_id, person.id)
        )

    def voucher(self, order: Order) -> str:
        """What the voucher of an order carries."""
        shown = self.town.view(order, self.town.clerk).voucher
        assert shown is not None
        return shown.token

    def scan(self, person: Person, token: str, **facts: Any) -> ScanAnswer:
        """One scan by ``person``."""
        return self.town.do(person, scan, keys=KEYS, token=token, **facts)

    def refused(self, person: Person, token: str, **facts: Any) -> DomainError:
        """The refusal of a scan."""
        try:
            answer = self.scan(person, token, **facts)
        except DomainError as refusal:
            return refusal
        raise AssertionError(f"accepted: {answer}")

    def scans(self) -> list[Scan]:
        """Every scan that was kept, in order."""
        return self.town.read(
            lambda session: list(
                session.scalars(
                    select(Scan)
                    .where(Scan.community_id == self.town.community_id)
                    .order_by(Scan.id)
                )
            )
        )

    def unknown(self) -> list[UUID]:
        """The scans of no known code."""
        return self.town.read(
            lambda session: list(
                session.scalars(
                    select(UnknownScan.id).where(UnknownScan.community_id == self.town.community_id)
                )
            )
        )


def open_desk(database: Database, **facts: Any) -> Desk:
    """A community with one shift that runs now."""
    if facts:
        return _new_desk(database, **facts)
    return scenes.laid_out("desk", lambda: _new_desk(database), database=database)


def _new_desk(database: Database, **facts: Any) -> Desk:
    town = shop.open_shop(database)
    captain = town.person(0, "captain")
    red_post = town.do(town.manager, red_posts.add, name="Gate", kind="patrol")
    begin = town.at - timedelta(hours=1)
    wanted = {"title": "Patrol", "captain_id": captain.id, "red_post_id": red_post.id}
    shift = town.do(
        town.manager,
        making.add,
        starts_at=begin,
        ends_at=begin + timedelta(hours=2),
        **(wanted | facts),
    )
    return Desk(town, captain, red_post, shift)
