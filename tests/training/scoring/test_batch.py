"""--batch reaches the encoder in every verb that takes it."""

import numpy as np
import pytest

from semantify_blender.cli import main as cli
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.library import find
from semantify_blender.training.fitter.data import fitter_data
from semantify_blender.training.fitter.picture_encoder import TorchEncoder, load_picture_encoder
from semantify_blender.training.scoring import clip as clip_module
from tests.synthetic import synthetic_mapper, synthetic_model
from tests.training.helpers import drawn_dataset, tiny_clip_folder, wild_dataset

TRIED = [2]
"""Pictures that a CLIP is tried out with when it is loaded."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A model, its dataset of 14 pictures, a mapper and a tiny CLIP."""
    folder = tmp_path_factory.mktemp("batch")
    model = synthetic_model()
    model.save(folder / "synthetic.model.npz")
    synthetic_mapper(model).save(folder / "synthetic.mapper.npz")
    drawn_dataset(folder / "drawn", model, 7)
    tiny_clip_folder(folder / "tiny")
    return folder


@pytest.fixture
def sizes(monkeypatch):
    """How many pictures were encoded at once, call by call."""
    found = []
    real = clip_module.Clip.encode_pixels

    def counted(clip, pixels):
        found.append(len(pixels))
        return real(clip, pixels)

    monkeypatch.setattr(clip_module.Clip, "encode_pixels", counted)
    return found


def test_score_and_evaluate_encode_so_many_at_once(place, sizes, capsys):
    common = ["--dataset", place / "drawn", "--model", place / "synthetic.model.npz", "--batch", 5]
    common += ["--clip", f"local-dir:{place / 'tiny'}", "--quiet"]
    score = ["score", *common, "--words", "tall", "fat"]
    assert cli.main([str(word) for word in score]) == 0
    assert sizes == [*TRIED, 5, 5, 4]
    sizes.clear()
    for path in (place / "drawn" / "embeddings").glob("*/*.npz"):
        path.unlink()
    evaluate = ["evaluate", *common, "--mapper", place / "synthetic.mapper.npz", "--no-render", "--no-save"]
    status = cli.main([str(word) for word in [*evaluate, "--out", place / "out"]])
    assert status == 0, capsys.readouterr().err
    assert sizes == [*TRIED, 5, 5, 4]


def test_encoders_of_pictures_take_it(place, sizes):
    model = synthetic_model()
    full = load_picture_encoder(f"local-dir:{place / 'tiny'}", model, "cpu", 3)
    full.embed(np.zeros((7, full.size, full.size, 3), np.uint8))
    assert sizes == [*TRIED, 3, 3, 1]
    small = load_picture_encoder("small", model, "cpu", 3)
    assert small.batch == 3
    assert load_picture_encoder("small", model).batch == TorchEncoder.BATCH


@pytest.mark.parametrize("batch", [5, 200])
def test_a_fitter_learns_the_same_whatever_the_batch(tmp_path, batch, monkeypatch):
    model = synthetic_model()
    dataset = wild_dataset(tmp_path / "wild", model, 70, size=32)
    encoder = ImageEncoder.load(find("encoders", "body"))
    found = []
    for size in (batch, 128):
        asked = TorchEncoder(encoder, size, "cpu")
        given, real = [], asked.embed
        monkeypatch.setattr(
            asked, "embed", lambda pixels, given=given, real=real: given.append(len(pixels)) or real(pixels)
        )
        found.append(fitter_data([dataset.folder], [model], asked, 1)[0].embeddings)
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)
    assert given == [128, 12]


@pytest.mark.parametrize("text", ["0", "-3", "many", "1.5"])
def test_a_batch_that_is_no_number_of_pictures_is_refused(text, capsys):
    assert cli.main(["score", "--dataset", "d", f"--batch={text}"]) == 2
    assert f"--batch is {text}: give a whole number from 1" in capsys.readouterr().err
