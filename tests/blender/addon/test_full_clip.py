"""A mapper of a full CLIP: pictures go to the warm worker, which is started once and ended with the add-on."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.blender.pictures import read_picture
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.fitting.fit import fit_pictures
from semantify_blender.core.pictures.crop import cut_figure
from tests.blender.addon_helpers import add, evaluated, load
from tests.blender.fit_helpers import draw_figure, expected_mesh, state_of, write_picture
from tests.blender.tier import bpy

pytestmark = pytest.mark.usefixtures("addon")
CLIP = "ViT-B-32:openai"
SIZE = 24


class StandInWorker:
    """Has a worker's manners without a process: knows its size only once it was started."""

    made: list["StandInWorker"] = []
    fails = ""

    def __init__(self, python: str, clip: str, log: Path | None = None, online: bool = True) -> None:
        self.python, self.clip, self.log, self.online = python, clip, log, online
        self.name = self.checksum = ""
        self.size = self.starts = 0
        self.made.append(self)

    @property
    def alive(self) -> bool:
        return self.size > 0

    def start(self, progress=None) -> "StandInWorker":
        if self.fails:
            raise SemantifyError(self.fails)
        if progress:
            progress(1, 2, "loading weights")
        self.name, self.checksum, self.size = self.clip, "1" * 64, SIZE
        self.starts += 1
        return self

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        assert pixels.shape[1:] == (SIZE, SIZE, 3)
        found = pixels.astype(np.float32).mean((1, 2)) + 1
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    @property
    def clip_checksum(self) -> str:
        return self.checksum

    def text_embeddings(self, words: Sequence[str], templates: Sequence[str] = ("{}",)) -> np.ndarray:
        return np.eye(3, dtype=np.float32)[: len(words)]

    def close(self) -> None:
        self.size = 0


@pytest.fixture
def character(synthetic_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bpy.types.Object:
    """A character whose mapper was trained with CLIP, the preferences set to it, and a stand-in for the worker."""
    from semantify_blender.addon.pictures import environment, full_clip
    from semantify_blender.processes import clip_worker as worker

    mapper, model = load(synthetic_data)
    mean = np.full(3, 57, np.float32)
    mapper = replace(
        mapper,
        provenance={"clip": "ViT-B-32:weights-11111111", "clip_checksum": "1" * 64},
        low=mean - 20,
        high=mean + 20,
        default=mean,
        score_mean=mean,
    )
    (tmp_path / "mappers").mkdir()
    mapper.save(tmp_path / "mappers" / "full.mapper.npz")
    model.save(tmp_path / "models" / "synthetic.model.npz")
    StandInWorker.made.clear()
    monkeypatch.setattr(StandInWorker, "fails", "")
    monkeypatch.setattr(worker, "Worker", StandInWorker)
    monkeypatch.setattr(full_clip, "name", lambda: CLIP)
    monkeypatch.setattr(full_clip, "user_folder", lambda name: tmp_path)
    monkeypatch.setattr(environment, "require_python", lambda: "/a/python")
    return add(str(tmp_path / "mappers" / "full.mapper.npz"))


def test_pictures_go_to_the_worker_which_is_kept_and_closed(
    character: bpy.types.Object, synthetic_data: Path, tmp_path: Path
):
    import semantify_blender

    path = write_picture(tmp_path / "subject.png", draw_figure())
    for _ in range(2):
        assert bpy.ops.semantify.fit_image(filepath=str(path)) == {"FINISHED"}
    (made,) = StandInWorker.made
    assert (made.python, made.clip, made.starts, made.alive) == ("/a/python", CLIP, 1, True)
    assert made.online == bpy.app.online_access
    mapper, model = load(tmp_path, "full")
    wanted = fit_pictures([cut_figure(read_picture(path), SIZE)], made, None, mapper, model)
    assert np.abs(evaluated(character) - expected_mesh(synthetic_data, wanted.coefficients)).max() < 1e-4
    semantify_blender.unregister()
    try:
        assert not made.alive
    finally:
        semantify_blender.register()


def test_a_worker_that_does_not_start_changes_nothing(
    character: bpy.types.Object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = write_picture(tmp_path / "subject.png", draw_figure())
    before = state_of(character)
    monkeypatch.setattr(StandInWorker, "fails", "the weights of ViT-B-32:openai cannot be had offline")
    with pytest.raises(RuntimeError, match="cannot be had offline"):
        bpy.ops.semantify.fit_image(filepath=str(path))
    assert state_of(character) == before


def test_starting_in_a_thread_tells_progress_errors_and_can_be_cancelled(
    character: bpy.types.Object, monkeypatch: pytest.MonkeyPatch
):
    from semantify_blender.addon.pictures import full_clip

    assert not full_clip.get().alive
    start = full_clip.Start(full_clip.get())
    while start.poll():
        pass
    assert (start.error, start.text, start.fraction) == ("", "loading weights", 0.5)
    assert full_clip.get().alive
    monkeypatch.setattr(StandInWorker, "fails", "no torch there")
    failing = full_clip.Start(full_clip.get())
    while failing.poll():
        pass
    assert failing.error == "no torch there"
    failing.cancel()
    assert not full_clip.get().alive
