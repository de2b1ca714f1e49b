"""The whole story, over HTTP against the real server, each QR code read back from its picture."""

import os
import subprocess
import sys
from pathlib import Path

from lovebank.demo import pictures

SECONDS = 240
CODES_AT_LEAST = 7


def _lovebank(
    *arguments: str, folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOVEBANK_")}
    return subprocess.run(
        [sys.executable, "-m", "lovebank", *arguments],
        cwd=folder,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_story_holds(empty_database_url: str, tmp_path: Path) -> None:
    assert pictures.can_read(), "the decoder comes with the developers' tools"
    told = _lovebank("demo", "--no-serve", "--database", empty_database_url, folder=tmp_path)
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert told.stdout.count("▣ zxing: HTTP") >= CODES_AT_LEAST
    assert "故事讲完" in told.stdout
    checked = _lovebank("check", folder=tmp_path, LOVEBANK_DATABASE_URL=empty_database_url)
    assert checked.returncode == 0, checked.stdout
    assert "TEST" in checked.stdout
    again = _lovebank("demo", "--no-serve", "--database", empty_database_url, folder=tmp_path)
    assert again.returncode == 2
    assert "must be empty" in again.stderr


def test_without_a_database_it_makes_its_own_anew(tmp_path: Path) -> None:
    (tmp_path / "demo.db").write_text("what an earlier demo left")
    told = _lovebank("demo", "--no-serve", folder=tmp_path)
    assert told.returncode == 0, told.stdout[-3000:] + told.stderr[-3000:]
    assert (tmp_path / "demo.db").read_bytes().startswith(b"SQLite format 3")
