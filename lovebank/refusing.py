"""How a command ends that was refused: one clear line, and an exit code of its own.

Invariant: what the program refuses is told without a trace of the program.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from kit.errors import DomainError, Invalid, SettingsError

EXIT_REFUSED, EXIT_SETTINGS = 1, 2


@contextmanager
def refusals() -> Iterator[None]:
    """One clear line and an exit code for what the program refuses."""
    try:
        yield
    except SettingsError as problem:
        end(str(problem), EXIT_SETTINGS)
    except Invalid as refusal:
        end("; ".join(f"{name} {text}" for name, text in refusal.errors.items()), EXIT_REFUSED)
    except DomainError as refusal:
        end(str(refusal), EXIT_REFUSED)


def end(line: str, code: int) -> NoReturn:
    """Say it on the standard error, and exit."""
    click.echo(f"lovebank: {line}", err=True)
    sys.exit(code)
