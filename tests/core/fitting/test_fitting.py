"""The way from embeddings to sliders: encoder and fitter files, Gaussians, known facts, slider positions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.files.npz import load_npz
from semantify_blender.core.fitting.fit import SCORES, WHOLE, Known, fit_pictures
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.gaussian import Gaussian, fused
from semantify_blender.core.fitting.image_encoder import Convolution, ImageEncoder
from semantify_blender.core.fitting.known import with_scores
from semantify_blender.core.fitting.solve import offset_coefficients, solve_sliders
from semantify_blender.core.library import load_mapper, load_model
from semantify_blender.core.model.measurements import height
from semantify_blender.core.pictures.crop import Cut, cut_figure
from semantify_blender.core.pictures.picture import Picture
from tests.synthetic import TRAINED, synthetic_mapper, synthetic_model

WORDS = ("tall", "fat", "muscular")


def encoder(seed: int = 0) -> ImageEncoder:
    rng = np.random.default_rng(seed)

    def layer(inputs: int, outputs: int, kernel: int, stride: int, padding: int, residual: bool = False) -> Convolution:
        weight = rng.standard_normal((outputs, inputs, kernel, kernel)) / np.sqrt(inputs * kernel**2)
        return Convolution(weight.astype(np.float16).astype(np.float32), np.zeros(outputs, np.float32), stride, padding,
                           residual)  # fmt: skip

    layers = (layer(3, 4, 4, 4, 0), layer(4, 6, 3, 2, 1), layer(6, 6, 3, 1, 1, True))
    head = (rng.standard_normal((8, 6 * 4 * 4)) / 10).astype(np.float16).astype(np.float32)
    texts = rng.standard_normal((4, 8)).astype(np.float32)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    return ImageEncoder("body", 32, "small", "c" * 64, (*WORDS, "short"), texts, layers, head, np.zeros(8, np.float32))


def fitter(model, seed: int = 0) -> Fitter:
    rng = np.random.default_rng(seed)
    k = model.component_count
    numbers = k + k * (k + 1) // 2 + 3
    layers = (
        ((rng.standard_normal((12, 8)) / 3).astype(np.float16).astype(np.float32), np.zeros(12, np.float32)),
        ((rng.standard_normal((numbers, 12)) / 9).astype(np.float16).astype(np.float32), np.zeros(numbers, np.float32)),
    )
    one = encoder()
    return Fitter(
        model.name, model.checksum, one.name, one.checksum, np.zeros(8, np.float32), np.full(8, 0.3, np.float32),
        layers, np.zeros(k, np.float32), np.eye(k, dtype=np.float32), np.zeros(8, np.float32),
        (rng.standard_normal((8, k)) / 20).astype(np.float32), np.array([5.0, 3.0], np.float32), 1.25,
    )  # fmt: skip


def cut(seed: int = 0) -> Cut:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (60, 40, 4), np.uint8)
    pixels[..., 3] = 0
    pixels[10:50, 12:28, 3] = 255
    return cut_figure(Picture(pixels, "figure"), 32)


def test_convolution_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    one = encoder()
    x = np.random.default_rng(1).standard_normal((2, 32, 32, 3)).astype(np.float32)
    for layer in one.convolutions:
        wanted = torch.relu(
            torch.nn.functional.conv2d(
                torch.from_numpy(x).permute(0, 3, 1, 2), torch.from_numpy(layer.weight), torch.from_numpy(layer.bias),
                layer.stride, layer.padding,
            )
        ).permute(0, 2, 3, 1).numpy()  # fmt: skip
        y = layer(x)
        np.testing.assert_allclose(y, wanted + x if layer.residual else wanted, atol=1e-5)
        x = y


def test_encoder_file(tmp_path: Path) -> None:
    one = encoder()
    pixels = np.random.default_rng(2).integers(0, 255, (3, 32, 32, 3), np.uint8)
    one.save(tmp_path / "body.encoder.npz")
    same = ImageEncoder.load(tmp_path / "body.encoder.npz")
    assert same.checksum == one.checksum
    assert same.words == one.words
    np.testing.assert_allclose(same.embed(pixels), one.embed(pixels), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(one.embed(pixels), axis=1), 1, atol=1e-5)
    with pytest.raises(SemantifyError, match="32 × 32"):
        one.embed(pixels[:, :16])
    with pytest.raises(SemantifyError, match="'purple'"):
        one.text_embeddings(["tall", "purple"])


@pytest.mark.parametrize("missing", ["head/weight", "layer1/bias", "texts"])
def test_broken_encoder_file_names_the_field(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "body.encoder.npz"
    encoder().save(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files if name != missing}
    with open(path, "wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(FileFormatError, match=missing):
        ImageEncoder.load(path)


def test_fitter_file_and_its_checks(tmp_path: Path) -> None:
    model = synthetic_model()
    one = fitter(model)
    path = tmp_path / "synthetic.fitter.npz"
    one.save(path)
    same = Fitter.load(path)
    embedded = encoder().embed(np.stack([cut(i).pixels for i in range(2)]))
    np.testing.assert_allclose(same.estimate(embedded).coefficients, one.estimate(embedded).coefficients, atol=1e-5)
    spread = {"fitted": {"height": (1.2, 0.03)}}
    replace(one, spread=spread).save(path)
    assert Fitter.load(path).spread == spread
    replace(one, spread={"fitted": {"height": (1.2, -0.03)}}).save(path)
    with pytest.raises(FileFormatError, match=r"metadata\.spread\.fitted\.height: expected two numbers"):
        Fitter.load(path)
    same.check(model, encoder())
    with pytest.raises(SemantifyError, match="trained for model 'synthetic'"):
        same.check(synthetic_model(seed=5), encoder())
    with pytest.raises(SemantifyError, match="encoder 'body'"):
        same.check(model, encoder(seed=3))
    with pytest.raises(SemantifyError, match="8 numbers"):
        same.estimate(np.ones((1, 9)))
    arrays, metadata = load_npz(path, "semantify.fitter/1", {})
    assert metadata["model_name"] == "synthetic"
    assert arrays["layer0/weight"].dtype == np.float16


def test_conditioning_a_gaussian() -> None:
    rng = np.random.default_rng(0)
    root = rng.standard_normal((4, 4))
    found = Gaussian(rng.standard_normal(4), root @ root.T)
    row = rng.standard_normal(4)
    after = found.given(row[None], np.array([2.5]), np.array([1e-6]))
    assert row @ after.mean == pytest.approx(2.5, abs=1e-6)
    assert row @ after.covariance @ row == pytest.approx(0, abs=1e-9)
    # a direction that has nothing to do with the row stays as it was
    other = np.linalg.solve(found.covariance, np.linalg.svd((found.covariance @ row)[None])[2][-1])
    assert np.linalg.eigvalsh(after.covariance).min() > -1e-9
    assert np.isfinite(other).all()


def test_fusing_is_bayes_rule_where_little_was_known_before() -> None:
    """Two noisy observations of the same ξ, each made a posterior of its own, give the joint posterior."""
    rng = np.random.default_rng(1)
    prior = Gaussian(np.zeros(2), 1e6 * np.eye(2))
    rows = [rng.standard_normal((2, 2)) for _ in range(2)]
    values = [rng.standard_normal(2) for _ in range(2)]
    noise = np.array([0.3, 0.5])
    each = [prior.given(row, value, noise) for row, value in zip(rows, values, strict=True)]
    wanted = prior.given(np.concatenate(rows), np.concatenate(values), np.concatenate([noise, noise]))
    found = fused(each)
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-3)
    np.testing.assert_allclose(found.covariance, wanted.covariance, rtol=1e-2)
    careful = fused(each, caution=2.0)
    np.testing.assert_allclose(careful.covariance, 2 * found.covariance)
    np.testing.assert_allclose(careful.mean, found.mean)
    assert fused(each[:1]) is each[0]


def test_locked_score_is_met() -> None:
    rng = np.random.default_rng(3)
    slope = rng.standard_normal((1, 4))
    found = with_scores(Gaussian(np.zeros(4), np.eye(4)), np.array([20.0]), slope, np.array([22.0]))
    assert 20.0 + slope[0] @ found.mean == pytest.approx(22.0, abs=0.15)


def test_sliders_come_back_from_the_shape_they_make() -> None:
    mapper, model = load_mapper("anny-body-neutral"), load_model("anny-body-neutral")
    count = len(mapper.descriptors)
    rng = np.random.default_rng(0)
    for _ in range(3):
        wanted = rng.uniform(-1, 1, count).astype(np.float32)
        target = mapper.coefficients(mapper.scores_from_sliders(wanted))
        free, rest = np.zeros(count, bool), np.zeros(count)
        sliders, offset = solve_sliders(mapper, target, model.standard_deviations, free, rest)
        np.testing.assert_allclose(sliders, wanted, atol=1e-3)
        assert np.abs(offset).max() < 1e-3


def test_the_offset_holds_what_sliders_cannot_say_and_locks_stay() -> None:
    model = synthetic_model()
    mapper = synthetic_mapper(model)
    target = np.array([1.5, -1.0, 0.7, 2.0], np.float32)
    locked = np.array([True, False, False])
    start = np.array([0.25, 0.0, 0.0], np.float32)
    sliders, offset = solve_sliders(mapper, target, model.standard_deviations, locked, start)
    assert sliders[0] == 0.25
    scores = mapper.scores_from_sliders(sliders)
    np.testing.assert_allclose(offset_coefficients(mapper, scores, offset), target, atol=1e-5)
    # the sliders take over as much as they can
    alone = mapper.coefficients(mapper.scores_from_sliders(start))
    weight = model.standard_deviations
    assert np.linalg.norm(weight * offset) < np.linalg.norm(weight * (target - alone))


@pytest.mark.parametrize("with_fitter", [True, False])
def test_pictures_to_a_character(with_fitter: bool) -> None:
    model = synthetic_model()
    mapper = synthetic_mapper(model, WORDS, provenance=TRAINED)
    fit = fit_pictures([cut(0), cut(1)], encoder(), fitter(model) if with_fitter else None, mapper, model,
                       Known(height=1.85))  # fmt: skip
    assert fit.method == (WHOLE if with_fitter else SCORES)
    assert height(model.vertices(fit.coefficients)) == pytest.approx(1.85, abs=0.01)
    scores = mapper.scores_from_sliders(fit.sliders)
    np.testing.assert_allclose(offset_coefficients(mapper, scores, fit.offset), fit.coefficients, atol=1e-4)
    assert len(fit.views) == (2 if with_fitter else 0)
    assert fit.notes


def test_bad_requests_say_what_is_wrong() -> None:
    model = synthetic_model()
    mapper = synthetic_mapper(model, WORDS, provenance=TRAINED)
    with pytest.raises(SemantifyError, match="no picture"):
        fit_pictures([], encoder(), None, mapper, model)
    with pytest.raises(SemantifyError, match="metres between"):
        fit_pictures([cut()], encoder(), None, mapper, model, Known(height=178.0))
    with pytest.raises(SemantifyError, match="checksum"):
        fit_pictures([cut()], encoder(), None, mapper, synthetic_model(seed=4))
    with pytest.raises(SemantifyError, match="'purple'"):
        fit_pictures([cut()], encoder(), None, synthetic_mapper(model, ("tall", "purple"), provenance=TRAINED), model)
