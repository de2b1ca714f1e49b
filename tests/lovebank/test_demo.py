"""The stage of the demo: its own database and port, and an honest end."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner

from lovebank import cli, serving
from lovebank.demo import pictures, stage, story
from lovebank.demo.telling import Untrue
from qr import images


@contextmanager
def _taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind((stage.HOST, 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_passed_over_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    with _taken_port() as port, stage._listening(port) as found:
        assert found.getsockname()[1] > port
    assert f"Port {port} is taken" in capsys.readouterr().out


def test_a_demo_that_is_being_served_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("demo.db").write_text("in use")
    with serving.alone("sqlite:///demo.db"), stage._claimed(None) as url:
        assert url == "sqlite:///demo-2.db"
    assert Path("demo.db").read_text() == "in use"
    with stage._claimed(None) as url:
        assert url == "sqlite:///demo.db"
        assert not Path("demo.db").exists()


def test_what_is_untrue_ends_the_demo_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(*_: Any) -> NoReturn:
        raise Untrue("the books: planted")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(story, "tell", tell)
    done = CliRunner().invoke(cli.main, ["demo", "--no-serve"])
    assert done.exit_code == 1
    assert "UNTRUE: the books: planted" in done.output


def test_what_is_drawn_is_read_back() -> None:
    text = images.url("https://bank.example", "CABCDEFGHJKMNPQRSTVWXYZ01234")
    assert pictures.read(images.png(text)) == text
