"""The file of a training of own words: read as it was written, refused by its field where it is not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.own_words import FILE, OwnWords
from semantify_blender.core.small_words import small_words

TASK = OwnWords("body.model.npz", "mine", ("slim", "stocky"), 600, 128, "small", "mine.mapper.npz")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    for task in (TASK, replace(TASK, blender="/opt/blender", done=True)):
        task.save(tmp_path)
        assert OwnWords.load(tmp_path) == task


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema", "semantify.own-words/9"), ("name", "../up"), ("name", 3), ("words", []), ("words", ["a"] * 41),
        ("words", [1]), ("words", "slim"), ("samples", 3), ("samples", 1e9), ("size", 8), ("size", True),
        ("engine_samples", 0), ("done", "yes"), ("blender", 5), ("model", None),
    ],
)  # fmt: skip
def test_a_damaged_task_names_the_field(tmp_path: Path, field: str, value: Any) -> None:
    TASK.save(tmp_path)
    found = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps({**found, field: value}))
    with pytest.raises(FileFormatError, match=field):
        OwnWords.load(tmp_path)
    (tmp_path / FILE).write_text(json.dumps({key: kept for key, kept in found.items() if key != field}))
    with pytest.raises(FileFormatError, match=field):
        OwnWords.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 100_000, "\udcff".encode("utf-8", "surrogatepass")])
def test_what_is_no_task_is_refused(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / FILE
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FileFormatError):
        OwnWords.load(tmp_path)


def test_the_small_clips_know_words_of_their_subject() -> None:
    assert "slim" in small_words("body")
    assert "smiling" in small_words("face")
    assert "horse" in small_words("animal")
