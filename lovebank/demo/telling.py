"""How the story is told on the terminal: Chinese first, English beside it, a bar where it waits.

Invariant: what is told as true was compared first; the first thing that is untrue ends the story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import click
from tqdm import tqdm

T = TypeVar("T")


class Untrue(Exception):
    """Something that the story says did not hold."""


def chapter(number: int, zh: str, en: str) -> None:
    """A heading."""
    click.echo()
    click.secho(f"{number}. {zh} · {en}", bold=True)


def say(zh: str, en: str) -> None:
    """One step, in both languages."""
    click.echo(f"   {zh}")
    click.secho(f"   {en}", dim=True)


def expect(found: Any, wanted: Any, told: str) -> None:
    """Untrue where what was found is not what the story wants."""
    if found != wanted:
        raise Untrue(f"{told}: found {found!r}, wanted {wanted!r}")


def waiting(things: Iterable[T], zh: str, en: str) -> Iterator[T]:
    """The things one by one, behind a bar; on a pipe there is none."""
    yield from tqdm(things, desc=f"   {zh} {en}", leave=False, disable=None, ncols=80)
