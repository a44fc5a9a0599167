"""The child that trains own words: what it tells, and what it leaves where the mapper cannot be written."""

import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.repository import REPOSITORY
from semantify_blender.core.files import claims
from semantify_blender.core.own_words import FILE, OwnWords
from semantify_blender.training import own_words
from semantify_blender.training.line import Line
from semantify_blender.training.result import Result
from semantify_blender.training.telling import Told
from tests.synthetic import synthetic_mapper, synthetic_model


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A task whose line is done already."""
    model = synthetic_model()
    model.save(tmp_path / "body.model.npz")
    made = tmp_path / "made.mapper.npz"
    synthetic_mapper(model).save(made)
    task = OwnWords(
        str(tmp_path / "body.model.npz"), "mine", ("tall",), 16, 64, "small", str(tmp_path / "out/mine.npz")
    )
    task.save(tmp_path)
    monkeypatch.setattr(Line, "run", lambda *_: Result({"sliders": {"rho": [1.0]}}, {"mapper": made}, model))
    return tmp_path


def told(capfd: pytest.CaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith("{")]


def test_the_mapper_is_where_it_was_wanted_and_the_task_is_done(folder: Path, capfd: pytest.CaptureFixture) -> None:
    assert own_words.main(str(folder)) == 0
    (result,) = [event for event in told(capfd) if event["event"] == "result"]
    assert result["rho"] == [1.0]
    assert (folder / "out/mine.npz").read_bytes() == (folder / "made.mapper.npz").read_bytes()
    assert OwnWords.load(folder).done


def test_a_full_disk_is_a_sentence_and_the_task_can_be_done_again(
    folder: Path, capfd: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        assert own_words.main(str(folder)) == 1
    (error,) = [event for event in told(capfd) if event["event"] == "error"]
    assert error["message"].startswith("no space left to write")
    assert not OwnWords.load(folder).done
    assert own_words.main(str(folder)) == 0


def test_progress_never_goes_back(capfd: pytest.CaptureFixture) -> None:
    progress = own_words.Progress()
    for one in (Told("step", "a"), Told("count", "", 5, 10), Told("count", "", 1, 10), Told("step", "b")):
        progress(one)
    done = [event["done"] for event in told(capfd)]
    assert done == sorted(done)
    assert done[-1] == 100


HOLDER = """
import sys
from pathlib import Path
from semantify_blender.core.files import claims
print(claims.take(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen]:
    """One that holds the folder's claim until it ends."""
    command = [sys.executable, "-c", HOLDER, str(folder / FILE)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_of_two_that_train_in_one_folder_the_second_is_told_and_one_that_died_is_no_hindrance(
    folder: Path, capfd: pytest.CaptureFixture
) -> None:
    before = (folder / FILE).read_bytes()
    other = replace(OwnWords.load(folder), words=("fat",), name="other")
    with another_process(folder) as process:
        assert own_words.main(str(folder), other.text()) == 1
        (error,) = [event for event in told(capfd) if event["event"] == "error"]
        assert error["message"].startswith(f"another Blender trains in {folder.name} already: wait until")
        assert (folder / FILE).read_bytes() == before
        process.kill()
        process.wait()
        assert claims.claim_path(folder / FILE).exists()
        assert own_words.main(str(folder), other.text()) == 0
    assert OwnWords.load(folder).words == ("fat",)
    assert not claims.claim_path(folder / FILE).exists()


def test_a_task_that_is_none_is_refused_before_it_is_written(folder: Path, capfd: pytest.CaptureFixture) -> None:
    before = (folder / FILE).read_bytes()
    assert own_words.main(str(folder), "{}") == 1
    (error,) = [event for event in told(capfd) if event["event"] == "error"]
    assert "train again from the panel Own Words" in error["message"]
    assert (folder / FILE).read_bytes() == before
