"""The real server: it says when it accepts, is ready then, and leaves in good order."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from kit.keys import KeyRing
from lovebank import founding, opening
from lovebank.settings import Settings

SECONDS = 120
SECRET = "a-secret-of-enough-characters"


@pytest.fixture
def url(database_url: str) -> str:
    """The address of a database with a community."""
    found = Settings(database_url, KeyRing((SECRET,)), None, None)
    with opening.running(found, "http://here") as program:
        founding.found(
            program,
            name="和睦社区",
            admin_name="林岚",
            admin_phone="13800000001",
            admin_password="a long password",
        )
    return database_url


@pytest.fixture
def serve(url: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `lovebank serve` on a port of its own choosing."""
    started: list[subprocess.Popen[str]] = []

    def serve(**environment: str) -> subprocess.Popen[str]:
        set_here = {
            "LOVEBANK_DATABASE_URL": url,
            "LOVEBANK_SECRET_KEY": SECRET,
            **environment,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "lovebank", "serve", "--port", "0"],
            env={**os.environ, **set_here},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield serve
    for process in started:
        process.kill()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line + (process.stderr.read() if process.stderr else "")
    return found.group()


def _get(address: str) -> tuple[int, bytes]:
    with urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 # our own server
        return answer.status, answer.read()


def test_the_application_itself_refuses_a_body_of_ten_megabytes(
    serve: Callable[..., subprocess.Popen[str]],
) -> None:
    address = _address(serve())
    asked = Request(f"{address}/api/v1/tokens", data=b" " * (10 << 20))  # noqa: S310 # our own
    with pytest.raises(HTTPError) as refused:
        urlopen(asked, timeout=SECONDS)  # noqa: S310 # our own server
    assert refused.value.code == 413
    assert json.load(refused.value)["code"] == "too_large"


def test_it_serves_from_its_line_on_until_it_is_told_to_stop(
    serve: Callable[..., subprocess.Popen[str]], url: str
) -> None:
    process = serve()
    address = _address(process)
    status, body = _get(f"{address}/health/ready")
    assert (status, json.loads(body)) == (200, {"status": "ready", "test_clock": False})
    if url.startswith("sqlite"):
        second = serve()
        assert second.wait(SECONDS) == 2
        assert second.stderr is not None
        assert "another process serves" in second.stderr.read()
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
