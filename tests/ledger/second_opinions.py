"""What independent programs say of an exported journal: Beancount and hledger.

Invariant: the balances that they tell are sums of their own over the text; where a program is
absent this raises and names it.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from beancount import loader
from beancount.core.data import Transaction

Balances = dict[tuple[str, str], int]


def beancount_errors(text: str) -> list[str]:
    """Every error that Beancount's own loader finds."""
    _entries, errors, _options = loader.load_string(text)
    return [error.message for error in errors]


def beancount_balances(text: str) -> Balances:
    """(account, commodity) → the sum of its postings, zero left out."""
    entries, _errors, _options = loader.load_string(text)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            assert posting.units is not None
            sums[posting.account, str(posting.units.currency)] += int(posting.units.number or 0)
    return {spot: total for spot, total in sums.items() if total}


def bean_check(path: Path) -> tuple[int, str]:
    """Exit status and words of `bean-check`."""
    words = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(path)]
    return _run(words)


def hledger_check(path: Path) -> tuple[int, str]:
    """Exit status and words of `hledger check --strict`."""
    return _run([_hledger(), "-f", str(path), "check", "--strict"])


def hledger_balances(path: Path) -> Balances:
    """(account, commodity) → what hledger reckons, zero left out; raises where it refuses."""
    words = [_hledger(), "-f", str(path), "balance", "--flat", "--no-total", "-O", "csv"]
    status, told = _run(words)
    assert status == 0, told
    found: Balances = {}
    for row in csv.DictReader(io.StringIO(told)):
        for amount in row["balance"].split(", "):
            number, symbol = amount.split(" ")
            found[row["account"], symbol.strip('"')] = int(number)
    return found


def hledger_version() -> str:
    """Which hledger this is."""
    return _run([_hledger(), "--version"])[1].strip()


def planted(text: str) -> str:
    """The text with one asserted balance wrong by one; works for both kinds of text."""
    asserted = re.search(r"(?:balance \S+|==) (-?[1-9]\d*)", text)
    assert asserted is not None, "no balance is asserted in this text"
    return f"{text[: asserted.start(1)]}{int(asserted[1]) + 1}{text[asserted.end(1) :]}"


def _hledger() -> str:
    found = shutil.which("hledger")
    if found is None:
        raise RuntimeError("hledger is missing: apt-get install -y hledger")
    return found


def _run(words: list[str]) -> tuple[int, str]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr
