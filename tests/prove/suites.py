"""Proofs whose home is the suite: run there by name, counted, and shown in the table.

Invariant: a proof of this kind fails when fewer tests ran than it states, when one was skipped, or
when a test that counts its own cases (``record_property("cases", n)``) tried fewer than stated.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.prove.table import ROOT, Figure, Run, at_least, exactly, proof


def _suite(
    paths: list[str],
    minimum: int,
    match: str | None = None,
    cases: int | None = None,
    *,
    long: bool = False,
) -> list[Figure]:
    """Run these tests; ``cases`` is what the least of those that count must have tried.

    ``long``: with all the cases that the suite itself leaves to its proof (tests/quick.py).
    """
    with tempfile.TemporaryDirectory(prefix="lb-suite-") as folder:
        report = Path(folder) / "report.xml"
        figures = _ran([*paths, f"--junitxml={report}"], minimum, match, long=long)
        if cases is None:
            return figures
        written = report.read_text(encoding="utf-8")
    counted = [int(n) for n in re.findall(r'<property name="cases" value="(\d+)"', written)]
    told = Figure("cases tried, test by test", counted, f"≥ {cases} each", min(counted) >= cases)
    took = re.findall(r'<property name="seconds" value="([\d.]+)"', written)
    shown = [Figure("seconds of this processor, test by test", took, "shown", True)] if took else []
    return [*figures, told, *shown]


def _ran(paths: list[str], minimum: int, match: str | None, *, long: bool) -> list[Figure]:
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *paths]
    if match:
        words += ["-k", match]
    env = os.environ | {"LB_LONG": "1" if long else ""}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-500:]
    counts = {word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", last)}
    failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
    told = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return [
        at_least("tests passed", counts.get("passed", 0), minimum),
        exactly("tests failed", failed, 0),
        exactly("tests skipped", counts.get("skipped", 0), 0),
        Figure("exit status", f"{done.returncode} {told[:5]}", "= 0 []", done.returncode == 0),
    ]


def _engines(run: Run, match: str = "") -> str | None:
    """Quick: on SQLite alone, for the suite has just run the same tests on both engines."""
    if not run.quick:
        return match or None
    return f"{match} and not postgresql" if match else "not postgresql"


@proof("sums", "10,000 random shifts equal to an independent minute-by-minute recount, all")
def sums(run: Run) -> list[Figure]:
    cases, long = run.length(10_000, 3_000), not run.quick
    return _suite(["tests/shifts/test_sums.py"], 1, cases=cases, long=long)


@proof("attacks", "20 kinds of SQL attack on append-only tables: all refused on both engines")
def attacks(_run: Run) -> list[Figure]:
    return _suite(["tests/faults/test_append_only.py"], 2, cases=20)


@proof("deciders", "nobody approves what they may not: roles × relations, HTTP and raw SQL")
def deciders(run: Run) -> list[Figure]:
    match = _engines(run, "(decide or approv)")
    return _suite(["tests/api", "tests/shifts"], 10, match, long=not run.quick)


@proof("bad_input", "at least 60 cases of bad input: each a 4xx problem, nothing written")
def bad_input(run: Run) -> list[Figure]:
    return _suite(["tests/api/test_bad_input.py"], run.length(10, 5), _engines(run), cases=60)


@proof("openapi", "the OpenAPI document validates, and every route is in it")
def openapi(_run: Run) -> list[Figure]:
    return _suite(["tests/api/test_openapi.py"], 2)


@proof("corrections", "25 sequences of correction: the check is clean, each number explained")
def corrections(run: Run) -> list[Figure]:
    return _suite(["tests/corrections"], run.length(50, 25), _engines(run))


@proof("clean_rows", "1,000 clean attendances approved in one call, under 2 s of work on SQLite")
def clean_rows(_run: Run) -> list[Figure]:
    return _suite(["tests/shifts/thousand_rows.py"], 2, cases=1000)


@proof(
    "one_picture",
    "one picture for 20 people, a photo of the poster, a sign-in of 4 minutes: judged aright",
)
def one_picture(_run: Run) -> list[Figure]:
    paths = ["tests/qr/test_forwarded.py", "tests/qr/test_claims.py", "tests/web/test_tickets.py"]
    return _suite(paths, 25, cases=20)


@proof(
    "presence_corrections",
    "25 sequences of moves, objections, second looks: the check is clean, each number explained",
)
def presence_corrections(_run: Run) -> list[Figure]:
    return _suite(["tests/corrections/presence_sequences.py"], 50)


@proof("story", "the story over HTTP, each QR read back by an independent decoder, both engines")
def story(_run: Run) -> list[Figure]:
    return _suite(["tests/e2e/test_story.py"], 2)


@proof("report_queries", "500 random questions to the books equal a recount, on both engines")
def report_queries(run: Run) -> list[Figure]:
    cases, long = run.length(500, 200), not run.quick
    return _suite(["tests/reports/test_report_queries.py"], 2, cases=cases, long=long)
