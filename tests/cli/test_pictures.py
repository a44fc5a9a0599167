"""The verbs about pictures: `semantify fitter`, and `semantify evaluate --image-to-shape` with real renders."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli.main import main
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.library import find
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.training.fitter.image_to_shape import FIGURES, OURS, PAPER_ROW, REFINED, SCORED_ROW
from semantify_blender.training.fitter.picture_encoder import TorchEncoder
from semantify_blender.training.fitter.variation import Variation
from semantify_blender.training.fitter.wild_pictures import cut_dataset
from tests.synthetic import synthetic_mapper, synthetic_model
from tests.training.helpers import drawn_dataset, wild_dataset

Call = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a model and its mapper, and datasets of drawn figures."""
    folder = tmp_path_factory.mktemp("pictures")
    model = synthetic_model()
    model.save(folder / "models" / "synthetic.model.npz")
    body = ImageEncoder.load(find("encoders", "body"))
    trained = {"clip": body.clip_name, "clip_checksum": body.clip_checksum}
    synthetic_mapper(model, provenance=trained).save(folder / "mappers" / "synthetic.mapper.npz")
    wild_dataset(folder / "wild", model, 80, size=64)
    wild_dataset(folder / "few", model, 4)
    drawn_dataset(folder / "plain", model, 4)
    return folder


@pytest.fixture(autouse=True)
def library(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEMANTIFY_DATA", str(place))
    monkeypatch.delenv("BLENDER", raising=False)


def call(capsys: Call, *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


@pytest.fixture(scope="module")
def fitter(place: Path) -> Path:
    """The fitter of the drawn figures, trained by the command line, where the library finds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEMANTIFY_DATA", str(place))
        words = ["fitter", "--model", "synthetic", "--dataset", str(place / "wild"), "--passes", "2", "--epochs", "30"]
        assert main([*words, "--seed", "3", "--out", str(place / "fitters"), "--quiet", "--json"]) == 0
    return place / "fitters" / "synthetic.fitter.npz"


def test_the_verb_explains_itself(capsys: Call) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["fitter", "--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "--passes" in text
    assert "--look wild" in text


def test_a_trained_fitter_tells_the_figures_that_it_was_shown_nothing_of(fitter: Path, tmp_path: Path) -> None:
    found = Fitter.load(fitter)
    model = MorphableModel.load(find("models", "synthetic"))
    encoder = TorchEncoder(ImageEncoder.load(find("encoders", "body")))
    found.check(model, encoder)
    assert found.provenance["datasets"] == ["wild"]
    assert found.provenance["pictures"] == 160
    assert found.provenance["seed"] == 3
    fresh = wild_dataset(tmp_path / "fresh", model, 20, seed=77, size=64)
    pictures = Variation(encoder.size, 5, pool=4, mirror=False)(cut_dataset(fresh, encoder.size)).pictures
    embedded = encoder.embed((pictures * 255).byte().permute(0, 2, 3, 1).contiguous().numpy())
    estimated = np.stack([found.estimate(embedded[i : i + 2]).coefficients for i in range(0, 40, 2)])
    agreement = [np.corrcoef(estimated[:, k], fresh.coefficients()[:, k])[0, 1] for k in range(3)]
    assert min(agreement) > 0.3  # the cut takes out how large a figure is, but not its proportions
    assert max(agreement) > 0.6


def test_fitters_are_listed_and_their_training_is_told(capsys: Call, fitter: Path, place: Path, tmp_path: Path) -> None:
    status, out, _ = call(capsys, "fitters", "--json")
    assert status == 0
    assert json.loads(out)["synthetic"] == str(fitter)
    small = ["fitter", "--model", "synthetic", "--dataset", place / "wild", "--passes", 1, "--epochs", 1]
    status, out, err = call(capsys, *small, "--out", tmp_path / "made")
    assert status == 0
    assert f"{tmp_path / 'made' / 'synthetic.fitter.npz'}: yaw within " in out
    assert "» Embedding pictures with body, 1 variations of each" in err
    assert "» Training the fitter of synthetic" in err


def test_bad_input_is_one_sentence_and_status_2(capsys: Call, place: Path, tmp_path: Path) -> None:
    other = synthetic_model(seed=5)
    other.save(tmp_path / "other.model.npz")
    base = ["fitter", "--model", "synthetic", "--out", tmp_path / "out", "--quiet"]
    test = ["evaluate", "--image-to-shape", "--mapper", "synthetic", "--dataset", place / "wild"]
    test += ["--out", tmp_path / "out", "--quiet", "--fitter", "absent"]
    for arguments, message in (
        (
            [*base, "--dataset", place / "plain"],
            "plain: look 'plain' has a backdrop; render a dataset with --look wild",
        ),
        ([*base, "--dataset", tmp_path], "dataset.json"),
        ([*base, "--dataset", place / "few"], "4 shapes are left for model 'synthetic'"),
        ([*base, "--dataset", place / "wild", "--epochs", 0], "--epochs is 0"),
        ([*base, "--dataset", place / "wild", "--passes", 0], "--passes is 0"),
        ([*base, "--dataset", place / "wild", "--clip", "nonsense"], "unknown CLIP model"),
        (["fitter", "--model", tmp_path / "other.model.npz", *base[3:], "--dataset", place / "wild"], "targets.npz"),
        (["fitter", "--model", "synthetic", "quadruped", *base[3:], "--dataset", place / "wild"], "different things"),
        (test, "no fitter 'absent'"),
        ([*test, "--model", tmp_path / "other.model.npz"], "mapper was trained for model 'synthetic'"),
    ):
        status, out, err = call(capsys, *arguments)
        assert status == 2, err
        assert out == ""
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert message in err


def test_shapes_that_cannot_be_rendered_are_one_sentence(
    capsys: Call, fitter: Path, place: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.shapes.npy").write_bytes(b"")
    with open(tmp_path / "many.shapes.npy", "wb") as file:
        np.savez(file, one=np.zeros((2, 3)))
    np.save(tmp_path / "wrong.shapes.npy", np.zeros((2, 5, 3), np.float32))
    vertices = MorphableModel.load(find("models", "synthetic")).vertex_count
    np.save(tmp_path / "right.shapes.npy", np.zeros((2, vertices, 3), np.float32))
    (tmp_path / "right.targets.npz").write_bytes(b"PK\x03\x04")
    arguments = ["evaluate", "--image-to-shape", "--mapper", "synthetic", "--dataset", place / "wild", "--quiet"]
    for name, message in (
        ("absent", "absent.shapes.npy: file: does not exist"),
        ("empty", "empty.shapes.npy: file: is not a readable .npy array"),
        ("many", "many.shapes.npy: file: is not a readable .npy array"),
        ("wrong", f"wrong.shapes.npy: array: expected (N, {vertices}, 3) numbers"),
        ("right", "right.targets.npz: file: is not a readable .npz"),
    ):
        status, _, err = call(
            capsys, *arguments, "--shapes", tmp_path / f"{name}.shapes.npy", "--out", tmp_path / "out"
        )
        assert status == 2
        assert message in err
        assert err.count("\n") == 1
    status, _, err = call(capsys, *arguments, "--subjects", 1, "--out", tmp_path / "out")
    assert status == 2
    assert "--subjects 1 is fewer than the engines cycles, workbench" in err


@pytest.mark.skipif(importlib.util.find_spec("bpy") is None, reason="TIER MISSING bpy: the rendering child needs it")
def test_fits_to_rendered_pictures_are_measured(capsys: Call, fitter: Path, place: Path, tmp_path: Path) -> None:
    out = tmp_path / "measured"
    arguments = [
        *("evaluate", "--image-to-shape", "--mapper", "synthetic", "--dataset", place / "wild", "--out", out),
        *("--subjects", 2, "--picture-size", 64, "--picture-samples", 1, "--engines", "cycles", "--json"),
    ]
    status, text, err = call(capsys, *arguments)
    assert status == 0, err
    figures = json.loads(text)
    assert figures == json.loads((out / FIGURES).read_text())
    assert figures["subjects"] == 2
    spec = Dataset.open(out / "cycles").spec
    assert (spec.look, spec.size, spec.engine, spec.engine_samples) == ("unseen", 64, "cycles", 1)
    assert [view.name for view in spec.views] == ["front", "side"]
    cases = figures["cases"]
    assert len(cases) == 12  # three backdrops, one and two pictures, height known and not
    assert figures["refused"] == {"busy, no crop": 2}  # the finder takes a lathe for nobody
    simple = {"mean shape", "ridge on the embedding", PAPER_ROW, SCORED_ROW, OURS}
    assert set(cases["alpha, 1 picture"]) == simple | {REFINED}
    assert set(cases["busy, 2 pictures"]) == simple
    assert set(cases["alpha, 2 pictures, height known"]) == {OURS, REFINED}
    assert set(cases["plain, 2 pictures, height known"]) == {OURS}
    for rows in cases.values():
        for row in rows.values():
            assert len(row["each"]) == 2
            assert np.mean(row["each"]) == pytest.approx(row["centroid-aligned"], abs=0.01)
            assert all(np.isfinite(row[name]) and row[name] >= 0 for name in ("raw", "height-aligned", "height cm"))
    # the mean shape does not look at the pictures; a known height is kept
    assert cases["alpha, 1 picture"]["mean shape"] == cases["busy, 2 pictures"]["mean shape"]
    assert cases["alpha, 1 picture, height known"][OURS]["height cm"] < 1
    known = figures["known"]
    assert set(known) == {"nothing", "weight", "height", "height, weight"}, "what a lathe can be asked for"
    assert known["nothing"]["vertices"] == pytest.approx(cases["alpha, 1 picture"][OURS]["centroid-aligned"], abs=0.01)
    assert set(known["height"]) == {"vertices", "weight"}
    before = (out / "cycles" / "shard-000000.tar").stat().st_mtime_ns
    status, text, err = call(capsys, *arguments[:-1], "--no-refine", "--quiet")
    assert status == 0, err
    assert (out / "cycles" / "shard-000000.tar").stat().st_mtime_ns == before, "rendered pictures are kept"
    assert "**alpha, 1 picture**" in text
    assert "**known of the subject, 1 picture cut out**" in text
    assert REFINED not in text
    again = json.loads((out / FIGURES).read_text())["cases"]
    assert again["busy, 1 picture"] == cases["busy, 1 picture"]
