"""The child that trains own words: what it tells, and what it leaves where the mapper cannot be written."""

import errno
import json
from pathlib import Path
from typing import Any

import pytest

from semantify_blender.core.own_words import OwnWords
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
