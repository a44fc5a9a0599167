"""The dataset loop: shards, parts, resuming, and what it refuses."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.files import claims
from semantify_blender.core.files.owners import this_node
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.sampling import sample_coefficients
from semantify_blender.core.model.view import View
from semantify_blender.rendering.dataset import render_samples
from semantify_blender.rendering.shape_sources import coefficients_checksum, coefficients_source, load_coefficients
from tests.blender.render_helpers import (
    ROOT,
    coefficients_of,
    command,
    files,
    members,
    pixels,
    run,
    silhouette,
    small_spec,
)
from tests.synthetic import synthetic_model


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return synthetic_model()


class Recorder:
    """A Progress that remembers."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.counts: list[tuple[int, int]] = []
        self.events: list[tuple[str, dict[str, object]]] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def advance(self, done: int, total: int) -> None:
        self.counts.append((done, total))

    def event(self, event: str, **values: object) -> None:
        self.events.append((event, values))


def render(
    folder: Path,
    model: MorphableModel,
    part: tuple[int, int] = (0, 1),
    worker: tuple[int, int] | None = None,
    **changes: object,
) -> Recorder:
    recorder = Recorder()
    spec = small_spec(model, **changes)
    render_samples(spec, model, coefficients_source(spec, model), folder, recorder, part, worker=worker)
    return recorder


def test_whole_dataset(model: MorphableModel, tmp_path: Path) -> None:
    recorder = render(tmp_path / "set", model)
    assert recorder.counts[0] == (0, 10)
    assert recorder.counts[-1] == (10, 10)
    assert "rendering with cycles on " in recorder.notes[0]
    dataset = Dataset.open(tmp_path / "set")
    wanted = np.stack([sample_coefficients("uniform", 7, i, 4, 2.0) for i in range(5)])
    np.testing.assert_array_equal(dataset.coefficients(), wanted)
    pictures = {(sample, view): pixels(data, tmp_path) for sample, view, data in dataset.images()}
    assert {picture.shape for picture in pictures.values()} == {(32, 32, 3)}
    heights = [silhouette(pictures[i, "front"]).any(1).sum() for i in range(5)]
    # coefficient 0 of the synthetic model stretches it
    assert np.corrcoef(heights, wanted[:, 0])[0, 1] > 0.9


def test_any_sample_alone_is_the_same_as_in_a_run(model: MorphableModel, tmp_path: Path) -> None:
    for look in ("plain", "random"):
        render(tmp_path / look, model, look=look)
        render(tmp_path / f"{look} last", model, part=(2, 3), look=look)
        assert [path.name for path in (tmp_path / f"{look} last").glob("*.tar")] == ["shard-000002.tar"]
        alone = members(tmp_path / f"{look} last" / "shard-000002.tar")
        assert alone == members(tmp_path / look / "shard-000002.tar")


def test_parts_together_are_the_whole(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path / "whole", model, look="random")
    for part in (1, 0):
        render(tmp_path / "parts", model, part=(part, 2), look="random")
    assert files(tmp_path / "parts") == files(tmp_path / "whole")


def test_views_and_looks_do_not_change_shapes(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path / "a", model, look="plain")
    render(tmp_path / "b", model, look="random", views=(View("front", 0.0), View("az45", 45.0), View("back", 180.0)))
    np.testing.assert_array_equal(
        Dataset.open(tmp_path / "a").coefficients(), Dataset.open(tmp_path / "b").coefficients()
    )
    names = list(members(tmp_path / "b" / "shard-000000.tar"))
    assert names[1:5] == ["000000.front.png", "000000.az45.png", "000000.back.png", "000000.coefficients.npy"]


def test_whole_shards_are_kept_and_missing_ones_made_again(model: MorphableModel, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    render(folder, model)
    before, times = files(folder), {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "shard-000001.tar").unlink()
    recorder = render(folder, model)
    assert recorder.notes[0] == "6 of 10 pictures are there already"
    assert recorder.counts[0] == (6, 10)
    assert files(folder) == before
    assert (folder / "shard-000000.tar").stat().st_mtime_ns == times["shard-000000.tar"]
    assert render(folder, model).counts == [(10, 10)], "nothing is left to do"


@pytest.mark.parametrize("damage", ["empty", "short", "a picture zeroed", "another shard's place"])
def test_a_damaged_shard_is_rendered_again(model: MorphableModel, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "set"
    render(folder, model)
    before = files(folder)
    path = folder / "shard-000001.tar"
    data = bytearray(path.read_bytes())
    if damage == "a picture zeroed":
        data[4000:4100] = bytes(100)
    elif damage == "another shard's place":
        data[:] = (folder / "shard-000000.tar").read_bytes()
    else:
        del data[0 if damage == "empty" else -2000 :]
    path.write_bytes(data)
    recorder = render(folder, model)
    assert recorder.notes[0].startswith("shard-000001.tar is damaged and will be rendered again")
    assert recorder.counts[0] == (6, 10)
    assert files(folder) == before


def test_a_whole_shard_of_another_dataset_is_not_overwritten(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path / "set", model)
    render(tmp_path / "other", model, seed=8)
    (tmp_path / "other" / "shard-000001.tar").replace(tmp_path / "set" / "shard-000001.tar")
    before = files(tmp_path / "set")
    with pytest.raises(SemantifyError, match=r"shard-000001\.tar: dataset: is another one.*move it away"):
        render(tmp_path / "set", model)
    assert files(tmp_path / "set") == before


def test_leftovers_of_dead_runs_go_and_those_of_living_ones_stay(model: MorphableModel, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = folder / f".shard-000000.tar.{this_node()}.{ended.pid}.part"
    living = folder / f".shard-000001.tar.{this_node()}.{os.getppid()}.part"
    foreign = folder / ".notes.txt.part"
    for path in (dead, living, foreign):
        path.write_text("half")
    render(folder, model)
    assert not dead.exists()
    assert living.exists()
    assert foreign.exists()


def test_a_dataset_is_extended_and_a_smaller_one_is_a_part_of_it(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path / "whole", model, samples=9, look="random")
    render(tmp_path / "grown", model, samples=3, look="random")
    first = (tmp_path / "grown" / "shard-000000.tar").stat().st_mtime_ns
    recorder = render(tmp_path / "grown", model, samples=9, look="random")
    # of 18 pictures shard 0 has 4, and of shard 1 half is there
    assert recorder.notes[0] == "4 of 18 pictures are there already"
    assert files(tmp_path / "grown") == files(tmp_path / "whole")
    assert (tmp_path / "grown" / "shard-000000.tar").stat().st_mtime_ns == first
    before = files(tmp_path / "grown")
    assert render(tmp_path / "grown", model, samples=5, look="random").counts == [(10, 10)]
    assert files(tmp_path / "grown") == before
    (tmp_path / "grown" / "shard-000002.tar").unlink()
    render(tmp_path / "grown", model, samples=5, look="random")
    assert files(tmp_path / "grown") == before, "a shard is rendered whole"


def test_half_a_shard_that_is_damaged_is_not_built_upon(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path / "whole", model, samples=4, shard_size=4)
    render(tmp_path / "grown", model, samples=2, shard_size=4)
    path = tmp_path / "grown" / "shard-000000.tar"
    data = bytearray(path.read_bytes())
    data[4000:4100] = bytes(100)
    path.write_bytes(data)
    render(tmp_path / "grown", model, samples=4, shard_size=4)
    assert files(tmp_path / "grown") == files(tmp_path / "whole")


def test_a_worker_begins_with_its_share_and_does_all_that_nobody_else_does(
    model: MorphableModel, tmp_path: Path
) -> None:
    render(tmp_path / "whole", model, samples=8)
    recorder = render(tmp_path / "set", model, samples=8, worker=(1, 3))
    assert files(tmp_path / "set") == files(tmp_path / "whole")
    assert [values["number"] for event, values in recorder.events if event == "shard"] == [1, 3, 2, 0]
    assert recorder.events[0] == ("missing", {"shards": [[0, 4], [1, 4], [2, 4], [3, 4]], "total": 16})
    assert [values for event, values in recorder.events if event == "sample"][:2] == [
        {"shard": 1, "done": 2},
        {"shard": 1, "done": 4},
    ]


def test_a_shard_of_a_process_that_dies_is_rendered_by_who_waits_for_it(
    model: MorphableModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render(tmp_path / "whole", model)
    folder = tmp_path / "set"
    folder.mkdir()
    claim = claims.claim_path(folder / "shard-000001.tar")
    claim.write_text(json.dumps({"node": "0" * 8, "process": 1}))
    monkeypatch.setattr(claims, "POLL", 0.01)
    monkeypatch.setattr(claims.time, "sleep", lambda _: os.utime(claim, (1, 1)))
    recorder = render(folder, model)
    assert "waiting for shards that other processes render: 1" in recorder.notes
    assert files(folder) == files(tmp_path / "whole")


def test_another_dataset_is_not_overwritten(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path / "set", model)
    before = files(tmp_path / "set")
    with pytest.raises(SemantifyError, match=r"holds another dataset \(wanted: seed 8 instead of 7\)"):
        render(tmp_path / "set", model, seed=8)
    assert files(tmp_path / "set") == before


def test_shards_of_unknown_origin_are_not_adopted(model: MorphableModel, tmp_path: Path) -> None:
    (tmp_path / "shard-000000.tar").write_bytes(b"whose?")
    with pytest.raises(SemantifyError, match=r"shards without a dataset\.json"):
        render(tmp_path, model)


def test_wrong_model_is_refused(model: MorphableModel, tmp_path: Path) -> None:
    spec = small_spec(model, model_checksum="0" * 64)
    with pytest.raises(SemantifyError, match="is not the one of this dataset"):
        render_samples(spec, model, coefficients_source(spec, model), tmp_path)


def test_unwritable_folder_is_one_sentence(model: MorphableModel, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SemantifyError, match=r"cannot write .*choose another --out"):
        render(tmp_path / "file" / "set", model)


def test_given_coefficients(model: MorphableModel, tmp_path: Path) -> None:
    given = np.array([[1.0, -1.0], [0.5, 2.0]], np.float32)
    np.save(tmp_path / "given.npy", given)
    loaded = load_coefficients(tmp_path / "given.npy", model)
    spec = small_spec(model, samples=2, sampler="file", coefficients_checksum=coefficients_checksum(loaded))
    render_samples(spec, model, coefficients_source(spec, model, loaded), tmp_path / "set")
    np.testing.assert_array_equal(Dataset.open(tmp_path / "set").coefficients(), np.pad(given, ((0, 0), (0, 2))))
    with pytest.raises(SemantifyError, match="not the ones the dataset was made for"):
        coefficients_source(spec, model, loaded + 1)


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros(3), "expected numbers of shape"),
        (np.zeros((2, 9)), "has 9 coefficients a row but synthetic has 4"),
        (np.array([[np.nan]]), "NaN"),
        (np.array([["a"]]), "expected numbers"),
        (None, "not a readable"),
    ],
)
def test_bad_coefficients_file(model: MorphableModel, tmp_path: Path, array: np.ndarray | None, problem: str) -> None:
    path = tmp_path / "given.npy"
    path.write_bytes(b"junk") if array is None else np.save(path, array)
    with pytest.raises(SemantifyError, match=problem):
        load_coefficients(path, model)


@pytest.fixture(scope="module")
def model_file(model: MorphableModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "synthetic.model.npz"
    model.save(path)
    return path


def test_killed_and_resumed_equals_undisturbed(model_file: Path, tmp_path: Path) -> None:
    common = ["dataset", "--model", model_file, "--samples", 60, "--shard-size", 4, "--size", 48]
    common += ["--engine-samples", 2, "--look", "random"]
    undisturbed = run(*common, "--out", tmp_path / "undisturbed")
    assert undisturbed.returncode == 0, undisturbed.stderr
    rng = random.Random(5)
    shards_before_kills = []
    for _ in range(40):
        child = subprocess.Popen(command(*common, "--out", tmp_path / "killed"), cwd=ROOT, stdout=subprocess.DEVNULL)
        # wait for its first shard or end, then a random moment more: a kill during start-up proves little
        had = len(list((tmp_path / "killed").glob("shard-*.tar")))
        while child.poll() is None and len(list((tmp_path / "killed").glob("shard-*.tar"))) == had:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.15))
        if child.poll() is not None:
            break
        child.send_signal(signal.SIGKILL)
        child.wait()
        shards_before_kills.append(len(list((tmp_path / "killed").glob("shard-*.tar"))))
        if len(shards_before_kills) == 3:
            assert run(*common, "--out", tmp_path / "killed").returncode == 0
            break
    assert shards_before_kills, "the run ended before it could be killed"
    assert shards_before_kills[0] < 15
    assert files(tmp_path / "killed") == files(tmp_path / "undisturbed")


def test_disk_full_is_one_sentence_and_leaves_nothing_half(model_file: Path, tmp_path: Path) -> None:
    limited = (
        "import resource, runpy, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))\n"  # too little for a shard of two samples
        "sys.argv = ['render', *sys.argv[1:]]\n"
        "runpy.run_module('semantify_blender.rendering', run_name='__main__')\n"
    )
    arguments = ["dataset", "--model", model_file, "--samples", "4", "--shard-size", "2", "--size", "32"]
    arguments += ["--engine-samples", "1", "--out", tmp_path / "set"]
    ended = subprocess.run(
        [sys.executable, "-c", limited, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert "no space left to write" in ended.stderr
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["dataset.json"]


def test_shard_members_are_what_the_names_say(model: MorphableModel, tmp_path: Path) -> None:
    render(tmp_path, model, samples=1, image_format="jpg")
    held = members(tmp_path / "shard-000000.tar")
    assert held["000000.front.jpg"].startswith(b"\xff\xd8")
    assert coefficients_of(held["000000.coefficients.npy"]).shape == (4,)
    assert json.loads((tmp_path / "dataset.json").read_text())["image_format"] == "jpg"
