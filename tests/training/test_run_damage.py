"""Random damage to each file of a finished `run`: the next run ends as if nothing had been, or says which file is bad.

A few dozen damages here; SEMANTIFY_SOAK=1 tries every kind on every file, several times.
"""

import importlib.util
import io
import json
import os
import random
import shutil
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semantify_blender.cli.main import main
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.files.writing import write_aside
from semantify_blender.core.mapper import Mapper
from semantify_blender.training import line as line_module
from semantify_blender.training.evaluation import step as evaluate_step
from semantify_blender.training.evaluation import sweeps
from semantify_blender.training.evaluation.step import network_key
from semantify_blender.training.scoring.embeddings import ShardEmbeddings
from semantify_blender.training.scoring.scores import Scores
from tests.synthetic import synthetic_model
from tests.training.helpers import patches

pytestmark = pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: the resume needs it")
SOAK = os.environ.get("SEMANTIFY_SOAK") == "1"
WORDS = ("tall", "short", "fat", "muscular")
MIXES = np.random.default_rng(1).standard_normal((2, 4, 16))


class Line:
    """Runs the whole line into folders, with drawn pictures in place of rendered ones; all else is the real thing."""

    def __init__(self, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.place, self.capsys = place, capsys
        self.model = place / "synthetic.model.npz"
        if not self.model.is_file():
            synthetic_model().save(self.model)

    def run(self, out: Path) -> tuple[int, str]:
        """Exit status, and what was said on standard error."""
        arguments = ["run", "--model", self.model, "--out", out, "--samples", 30, "--words", *WORDS, "--quiet"]
        arguments += ["--keep-non-directional", "--count", 2, "--epochs", 2, "--steps", 3, "--json"]
        self.capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return status, self.capsys.readouterr().err

    def result(self, out: Path) -> dict[str, object]:
        """All that a run is for, as plain values."""
        mapper = Mapper.load(out / "synthetic.mapper.npz")
        scores, dataset = Scores.load(out / "scores.npz"), Dataset.open(out / "dataset")
        embedded = sorted((out / "dataset" / "embeddings").glob("*/*.npz"))
        return {
            "network": network_key(mapper),
            "mapper figures": json.dumps(mapper.figures, sort_keys=True),
            "figures": json.loads((out / "figures.json").read_text()),
            "selection": json.loads((out / "selection.json").read_text()),
            "scores": (scores.words, scores.values.tolist()),
            "embeddings": [ShardEmbeddings.load(path).values.tolist() for path in embedded],
            "dataset": dataset.checksum,
            "pictures": [(out / name).read_bytes() for name in ("slider_sheet.png", "influence.png")],
            "report": (out / "report.html").read_bytes(),
        }


@pytest.fixture
def line(tmp_path_factory, tmp_path, capsys, tiny_clip, monkeypatch):
    """A line whose pictures are drawn. Its folder and the finished run in it are made once."""
    from semantify_blender.cli import rendering as cli
    from semantify_blender.rendering import dataset
    from semantify_blender.rendering.progress import Silent

    def drawn(_, spec, source, shard, skip):
        for sample in spec.shard_range(shard)[skip:]:
            xi = source(sample)
            yield sample, xi, {view.name: patches(xi @ mix) for view, mix in zip(spec.views, MIXES, strict=True)}

    def render(request, *_, **__):
        options = cli._parser().parse_args([request.verb, *request.words()])
        if request.verb == "dataset":
            options.shard_size = 10
            return options.run(options, Silent())
        colours = np.frombuffer(bytes.fromhex(network_key(Mapper.load(options.mapper)))[:27], np.uint8).reshape(3, 3, 3)
        buffer = io.BytesIO()
        Image.fromarray(colours).save(buffer, "PNG")
        with write_aside(options.out) as aside:
            aside.write_bytes(buffer.getvalue())
        return {}

    monkeypatch.setattr(line_module, "render_dataset", render)
    for module in (evaluate_step, sweeps):
        monkeypatch.setattr(module, "render", render)
    monkeypatch.setattr(line_module, "load_clip", lambda *_: tiny_clip)
    monkeypatch.setattr(dataset, "_stage", lambda *_: nullcontext(type("Drawn", (), {"device": "paper"})))
    monkeypatch.setattr(dataset, "rendered", drawn)
    monkeypatch.setattr(dataset, "quiet", lambda *_: nullcontext())
    place = tmp_path_factory.getbasetemp() / "damage"
    place.mkdir(exist_ok=True)
    made = Line(place, capsys)
    if not (place / "whole" / "report.html").is_file():
        assert made.run(place / "whole")[0] == 0
    return made


def truncate(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def zero(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at, size = rng.randrange(len(data)), rng.randrange(1, 200)
    data[at : at + size] = bytes(len(data[at : at + size]))
    path.write_bytes(data)


def flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    for _ in range(10):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def delete(path: Path, _: random.Random) -> None:
    path.unlink()


def empty(path: Path, _: random.Random) -> None:
    path.write_bytes(b"")


def swap(path: Path, rng: random.Random) -> None:
    """With another file of its kind."""
    others = sorted(other for other in path.parent.glob(f"*{path.suffix}") if other != path) or [path]
    other = rng.choice(others)
    kept = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(kept)


def reverse(path: Path, _: random.Random) -> None:
    """The rows of arrays, whose file stays a good one; of other files the lines."""
    if path.suffix == ".npz":
        with np.load(path) as held:
            np.savez(path, **{name: array[::-1] if array.ndim else array for name, array in held.items()})
    elif path.suffix == ".npy":
        np.save(path, np.load(path)[::-1])
    else:
        path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(True))))


KINDS = (truncate, zero, flip, delete, empty, swap, reverse)


def cases(files: list[Path]) -> list[tuple[int, Path]]:
    """Seeds and files: in `make test` each file once, in a soak each with every kind, three times."""
    if SOAK:
        return [(seed, path) for seed in range(3 * len(KINDS)) for path in files]
    return list(enumerate(path for path in files if path.suffix != ".html"))


def test_a_damaged_run_comes_out_the_same_or_names_the_file(line, tmp_path):
    whole = line.place / "whole"
    wanted = line.result(whole)
    files = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    assert len(files) >= 15
    told = 0
    for seed, name in cases(files):
        rng, kind = random.Random(f"{seed} {name}"), KINDS[seed % len(KINDS)]
        out = tmp_path / "out"
        shutil.copytree(whole, out)
        kind(out / name, rng)
        what = f"{kind.__name__} {name}, seed {seed}"
        status, said = line.run(out)
        if status:
            told += 1
            assert status == 2, (what, said)
            assert said.startswith("error: "), (what, said)
            assert said.count("\n") == 1, (what, said)
            assert name.name in said, (what, said)
        else:
            found = line.result(out)
            assert [key for key in wanted if found[key] != wanted[key]] == [], what
        shutil.rmtree(out)
    assert told <= len(cases(files)) // 4, "nearly all of it can be made again"


@pytest.mark.parametrize("name", ["slider_sheet.png", "figures.json", "scores.npz", "dataset/shard-000001.tar"])
def test_half_a_file_is_made_again_and_an_untouched_run_does_nothing_twice(line, tmp_path, name):
    out = tmp_path / "out"
    shutil.copytree(line.place / "whole", out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file() and path.suffix != ".html"}
    assert line.run(out)[0] == 0
    assert before == {path: path.stat().st_mtime_ns for path in before}
    wanted = (out / name).read_bytes()
    (out / name).write_bytes(wanted[: len(wanted) // 2])
    assert line.run(out)[0] == 0
    assert (out / name).read_bytes() == wanted


def test_wrong_rows_are_never_trained_on(line, tmp_path):
    """Embeddings and scores whose rows were reversed, with all else as it was."""
    whole = line.place / "whole"
    wanted = line.result(whole)
    for turn, name in enumerate(["scores.npz", "dataset/embeddings"]):
        out = tmp_path / str(turn)
        shutil.copytree(whole, out)
        path = out / name if name.endswith("npz") else next((out / name).glob("*/*.npz"))
        reverse(path, random.Random(0))
        (out / "steps.json").unlink()
        assert line.run(out)[0] == 0
        assert line.result(out) == wanted
