"""What the verbs of training say where they cannot write: one sentence, exit status 2, nothing half written."""

import contextlib
import resource

import pytest

from semantify_blender.cli.main import main
from tests.synthetic import synthetic_model
from tests.training.helpers import drawn_dataset, tiny_clip_folder

WORDS = ["tall", "short", "fat", "muscular"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder in which every step was done once."""
    folder = tmp_path_factory.mktemp("outputs")
    model = synthetic_model()
    model.save(folder / "synthetic.model.npz")
    tiny_clip_folder(folder / "tiny")
    drawn_dataset(folder / "dataset", model, samples=40)
    for verb in ("score", "select", "train"):
        assert main([str(word) for word in arguments(folder, verb)]) == 0
    return folder


def arguments(place, verb, out=None, fresh=None):
    """A verb's arguments. fresh: a folder for the dataset, in which nothing was encoded yet."""
    dataset = fresh or place / "dataset"
    clip = ["--clip", f"local-dir:{place / 'tiny'}"]
    found = [verb, "--dataset", dataset, "--model", place / "synthetic.model.npz", "--quiet"]
    found += {
        "encode": clip,
        "score": [*clip, "--words", *WORDS],
        "select": [*clip, "--keep-non-directional", "--threshold", "0.99"],
        "train": ["--epochs", "2", "--out", out or place / "mapper", "--descriptors", "tall", "fat"],
        "evaluate": [*clip, "--no-render", "--mapper", place / "mapper.mapper.npz", "--out", out or place / "e"],
    }[verb]
    return found + (["--out", out] if out and verb in ("score", "select") else [])


def place_of(verb, out):
    """The file that a verb writes first."""
    return {"train": f"{out}.mapper.npz", "evaluate": f"{out}/figures.json"}.get(verb, out)


@contextlib.contextmanager
def full_disk(limit):
    """No file of this process may grow beyond so many bytes: what a full disk looks like."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def told(capsys, words):
    capsys.readouterr()
    status = main([str(word) for word in words])
    said = capsys.readouterr().err
    assert status == 2, said
    assert said.startswith("error: "), said
    assert said.count("\n") == 1, said
    return said


@pytest.mark.parametrize("verb", ["score", "select", "train", "evaluate"])
def test_an_output_that_cannot_be_is_told_before_the_work(capsys, tmp_path, place, verb):
    (tmp_path / "file").write_text("in the way")
    before = sorted(place.rglob("*"))
    for out in (tmp_path / "file" / "out", "/proc/x/out"):
        said = told(capsys, arguments(place, verb, out))
        assert said.startswith(f"error: cannot write {place_of(verb, out)} ("), said
        assert said.endswith("choose another --out\n"), said
    assert sorted(place.rglob("*")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("verb", ["encode", "score", "select", "train", "evaluate"])
def test_a_full_disk_is_one_sentence_and_keeps_what_was_there(capsys, tmp_path, place, verb):
    fresh = None
    if verb == "encode":
        fresh = tmp_path / "dataset"
        drawn_dataset(fresh, synthetic_model(), samples=40)
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    out = tmp_path / "out.npz"
    with full_disk(300):
        said = told(capsys, arguments(place, verb, out if verb in ("score", "select") else tmp_path / "out", fresh))
    assert said.startswith("error: no space left to write "), said
    assert before == {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]
    assert not out.exists()
