"""`lovebank bench`: run the measurements of `bench/` and tell their figures.

Invariant: measurements are no part of the program: they are imported when they are asked for, and
only a checkout of the project has them.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

import click


@dataclass(frozen=True)
class Told:
    """What was measured, as a text, and whether every target was met."""

    text: str
    met: bool


NAMES = ("ledger", "http", "scale", "peers")


def run(
    names: tuple[str, ...], *, as_json: bool, postgresql: str | None, rounds: int, quick: bool
) -> Told:
    """Measure what was named, or everything; ClickException where something is missing for it."""
    try:
        from bench import databases, figures
    except ImportError as problem:
        raise click.ClickException(
            f"bench/ is only in a checkout of the project, after `make setup` ({problem})"
        ) from problem
    asked = figures.Asked(postgresql=postgresql, rounds=rounds, quick=quick)
    found: list[figures.Figure] = []
    for name in names or NAMES:
        measured = importlib.import_module(figures.MODULES[name])
        try:
            part = measured.measure(asked)
        except databases.Missing as problem:
            raise click.ClickException(f"{name}: {problem}") from problem
        found += part
        if not as_json:
            click.echo(f"\n{name}\n{figures.table(part)}")
            sys.stdout.flush()
    machine = ", ".join(f"{name} {value}" for name, value in asked.machine.items())
    text = figures.as_json(found, asked) if as_json else f"\n{machine}"
    return Told(text, all(figure.met for figure in found))
