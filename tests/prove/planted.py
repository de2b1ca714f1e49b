"""Planted bugs: each is put into a clean copy of the project, and the suite must catch it.

Invariant: a bug that no test names, or whose place in the code is gone, is a failure of this proof.
At full length whole folders are asked, so that the catcher is found; quick asks one file of them.
Two bugs are looked for at a time, on one PostgreSQL.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.pgdatabases import Databases
from tests.pgserver import postgres_server
from tests.prove import bugs, ledger_bugs
from tests.prove.bugs import Bug
from tests.prove.ledger_bugs import MACHINE
from tests.prove.table import ROOT, Figure, Run, exactly, proof

LEFT_OUT = shutil.ignore_patterns(".git", ".venv*", "*.db*", ".*_cache", "*.egg-info")
BUGS = (*bugs.BUGS, *ledger_bugs.BUGS)
AT_ONCE = 2
#: steps that the machine tries before it gives up on a bug
STEPS = 2_500
#: what hangs is a failure too; what is merely slow, on a machine with other work, is none
AT_MOST_SECONDS = 1_800


@dataclass(frozen=True)
class Hunt:
    """How bugs are looked for: the run, and what its tests are told of where they run."""

    run: Run
    surroundings: dict[str, str]


@proof("planted_bugs", "each planted bug is caught, by a test that is named")
def planted_bugs(run: Run) -> list[Figure]:
    with postgres_server(max_connections=200) as server:
        # The role is the whole server's: it is made once, and not by two at the same time.
        Databases(server).close()
        hunt = Hunt(run, os.environ | {"LB_TEST_PG_URL": server.url()})
        with ThreadPoolExecutor(AT_ONCE) as pool:
            catchers = list(pool.map(partial(_caught_by, hunt=hunt), BUGS))
        healthy = _healthy(catchers, hunt)
    figures = [
        Figure(bug.name, catcher or "NOT CAUGHT", "a test's name", catcher is not None)
        for bug, catcher in zip(BUGS, catchers, strict=True)
    ]
    said = _by_machine("no bug", ROOT, run.seed, STEPS // 5)
    return [
        *figures,
        exactly("the same tests without a bug", healthy, "green"),
        exactly("the machine without a bug", said, None),
    ]


def _caught_by(bug: Bug, hunt: Hunt) -> str | None:
    """The first test that fails on a copy with the bug; none where all pass."""
    with tempfile.TemporaryDirectory(prefix="lb-bug-") as name:
        copy = Path(name) / "project"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for edit in bug.edits:
            path = copy / edit.file
            text = path.read_text(encoding="utf-8")
            assert text.count(edit.old) >= 1, f"{bug.name}: {edit.file} no longer says {edit.old!r}"
            path.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
        if bug.first == MACHINE:
            told = _by_machine(bug.name, copy, hunt.run.seed, STEPS)
            return told or _by_tests(bug, copy, bug.tests, hunt)
        return _by_tests(bug, copy, bug.first if hunt.run.quick else bug.tests, hunt)


def _by_tests(bug: Bug, copy: Path, tests: tuple[str, ...], hunt: Hunt) -> str | None:
    """The first of the tests that fails on a copy; none where all pass."""
    done = _tests(copy, tests, "0", hunt)
    found = re.search(r"^(?:FAILED|ERROR) (tests/\S+)", done.stdout, re.MULTILINE)
    told = f"{bug.name}: {done.stdout[-1500:]}{done.stderr[-500:]}"
    # Stopping at the first failure, several workers end with 2; a suite that did not run, too.
    assert found or done.returncode == 0, told
    return found.group(1) if found else None


def _by_machine(name: str, copy: Path, seed: int, steps: int) -> str | None:
    """What the machine says of a copy; none where it found nothing."""
    words = [sys.executable, "-m", "tests.machine", str(steps), str(seed), "sqlite"]
    done = subprocess.run(
        words, cwd=copy, capture_output=True, text=True, timeout=AT_MOST_SECONDS, check=False
    )
    if done.returncode == 0:
        return None
    told = re.findall(r"^AssertionError: run (\d+): (.{0,90})", done.stderr, re.MULTILINE)
    assert told, f"{name}: {done.stderr[-2000:]}"
    number, what = told[-1]
    return f"the machine, run {number}: {what}"


def _healthy(catchers: Sequence[str | None], hunt: Hunt) -> str:
    """The tests that caught the bugs, with those beside them, on the project as it stands."""
    named = {told.partition("::")[0] for told in catchers if told and told.startswith("tests/")}
    if not named:
        return "green"
    done = _tests(ROOT, tuple(sorted(named)), "2", hunt)
    return "green" if done.returncode == 0 else done.stdout[-1500:]


def _tests(
    folder: Path, paths: tuple[str, ...], workers: str, hunt: Hunt
) -> subprocess.CompletedProcess[str]:
    # Plain `python -m pytest` puts the copy's own rooms first on the path, before the installed.
    words = [sys.executable, "-m", "pytest", "-q", "-x", "-n", workers, "-p", "no:cacheprovider"]
    return subprocess.run(
        [*words, *paths],
        cwd=folder,
        env=hunt.surroundings,
        capture_output=True,
        text=True,
        timeout=AT_MOST_SECONDS,
        check=False,
    )
