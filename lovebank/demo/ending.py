"""After the story: the clock runs, a shift is open, and the reader may try it with their own hands.

Invariant: what is printed here works: each address answers, each sign-in was used in the story.
"""

from __future__ import annotations

from datetime import timedelta

import click

from lovebank.demo import cast
from lovebank.demo.thread import Told
from qr import images


def leave_open(told: Told) -> None:
    """Set the clock to now, and open a shift that runs."""
    told.clock.now()
    at = told.program.clock.now()
    shift = {
        "red_post_id": told.made["culture"],
        "title": "现在的班次 A shift right now",
        "starts_at": (at - timedelta(minutes=5)).isoformat(),
        "ends_at": (at + timedelta(hours=3)).isoformat(),
        "captain_id": told.people["captain"],
        "deputy_ids": [told.people["deputy"]],
    }
    told["captain"].post("/shifts", shift)


def show(told: Told, database_url: str) -> None:
    """Print the addresses, a sign-in for each role, and a code to open with a phone."""
    base = told.clock.base_url
    click.echo()
    for path, what in (
        ("/", "首页 home"),
        ("/me", "我的积分与卡 wallet and card"),
        ("/desk", "岗长：今天的班次和码 captains: today's code"),
        ("/counter", "兑换台 the counter"),
        ("/office", "管理 the office"),
        ("/books", "账目 the books"),
        ("/api/docs", "API"),
    ):
        click.echo(f"   {base}{path:<12} {what}")
    click.echo()
    click.echo(f"   密码 password: {cast.PASSWORD}   PIN: {cast.PIN}   {database_url}")
    for part in cast.WITH_PHONE:
        click.echo(f"   {part.phone}  {part.name}  {part.told}")
    click.echo()
    click.echo(images.terminal(f"{base}/".upper()))
