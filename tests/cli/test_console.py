"""What the person at the terminal sees, and what a log gets."""

import io
import itertools
import os

import pytest

from semantify_blender.cli import console
from semantify_blender.cli.console import Console
from semantify_blender.training.telling import Teller


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def tell_something(teller: Teller) -> None:
    teller.step("Rendering")
    for done in range(5):
        teller.progress(done, 4, f"{done}.0 pictures/s")
    teller.note("re-used")


def test_a_log_gets_lines_a_few_seconds_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(100.0, 3.0)
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    tell_something(Teller(Console(stream)))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "» Rendering"
    assert lines[-2:] == ["  4/4  4.0 pictures/s", "  re-used"]
    assert 3 < len(lines) < 8
    assert "\r" not in stream.getvalue()


def test_a_terminal_gets_a_bar_that_is_left_full() -> None:
    stream = Screen()
    tell_something(Teller(Console(stream)))
    lines = stream.getvalue().split("\n")
    assert lines[0] == "» Rendering"
    drawn = lines[1].split("\r")
    assert len(drawn) > 2
    assert drawn[-1].startswith("  4/4 |")
    assert drawn[-1].rstrip().endswith("| 4.0 pictures/s")
    assert lines[2:] == ["  re-used", ""]


def test_a_step_that_ends_early_leaves_its_bar_on_a_line_of_its_own() -> None:
    stream = Screen()
    teller = Teller(Console(stream))
    teller.progress(1, 4, "slow")
    teller.step("Next")
    lines = stream.getvalue().split("\n")
    assert lines[0].split("\r")[-1].startswith("  1/4 |")
    assert lines[1:] == ["» Next", ""]


def test_quiet_is_quiet() -> None:
    stream = Screen()
    tell_something(Teller(Console(stream, quiet=True)))
    assert stream.getvalue() == ""


def test_a_terminal_that_tells_no_columns_gets_progress_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pty = pytest.importorskip("pty", reason="terminals of this kind are POSIX's")
    monkeypatch.delenv("COLUMNS", raising=False)
    reader, writer = pty.openpty()
    with os.fdopen(reader, "rb", 0) as shown, os.fdopen(writer, "w") as stream:
        assert os.get_terminal_size(writer).columns == 0
        tell_something(Teller(Console(stream)))
        stream.flush()
        text = shown.read(4096).decode()
    assert "4/4" in text
    assert "4.0 pictures/s" in text
