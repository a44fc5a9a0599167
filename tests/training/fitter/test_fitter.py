"""Training of fitters: pictures cut and varied, targets, the network and its covariance, the encoder in torch."""

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from semantify_blender.core.dataset import Dataset
from semantify_blender.core.errors import FileFormatError, SemantifyError
from semantify_blender.core.fitting.fitter import Fitter
from semantify_blender.core.fitting.image_encoder import ImageEncoder
from semantify_blender.core.library import find
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.crop import cut_figure
from semantify_blender.core.pictures.picture import Picture
from semantify_blender.training.fitter.backdrops import backdrop, room
from semantify_blender.training.fitter.data import TARGETS, FitterData, fitter_data, targets_of
from semantify_blender.training.fitter.measured import clip_named_by
from semantify_blender.training.fitter.picture_encoder import PictureEncoder, TorchEncoder
from semantify_blender.training.fitter.train import FitterRecipe, train_fitter
from semantify_blender.training.fitter.variation import EXACT, MASKED, Variation
from semantify_blender.training.fitter.wild_pictures import cut_dataset, cut_rgba, view_angles
from tests.synthetic import synthetic_mapper, synthetic_model
from tests.training.helpers import coloured_dataset, wild_dataset

SIZE = 64


@pytest.fixture(scope="module")
def wild(model: MorphableModel, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return wild_dataset(tmp_path_factory.mktemp("wild") / "drawn", model, 12)


@pytest.fixture(scope="module")
def cuts(wild: Dataset) -> np.ndarray:
    return cut_dataset(wild, SIZE)


class Means:
    """An encoder that knows no more than the mean colour of each quarter of a picture."""

    name, checksum, size, batch = "means", "e" * 64, 32, 128

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        found = pixels.reshape(len(pixels), 2, 16, 2, 16, 3).mean((2, 4)).reshape(len(pixels), -1)
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    def text_embeddings(self, words: object) -> np.ndarray:
        raise NotImplementedError


def test_cuts_are_framed_as_the_fit_frames_them(wild: Dataset, cuts: np.ndarray) -> None:
    assert cuts.shape == (24, SIZE, SIZE, 4)
    assert cuts.dtype == np.uint8
    assert (cuts[..., :3] <= cuts[..., 3:]).all(), "premultiplied"
    for (_, _, data), cut in zip(wild.images(), cuts, strict=True):
        wanted = cut_figure(Picture(np.asarray(Image.open(io.BytesIO(data))), "drawn"), SIZE)
        assert wanted.source == "alpha"
        on_grey = cut[..., :3] + (1 - cut[..., 3:] / 255) * 128
        difference = np.abs(on_grey - wanted.pixels)
        assert difference.mean() < 3
        assert difference.max() < 90  # the outline may be off by a part of a pixel
        assert np.abs(cut[..., 3] / 255 - wanted.mask).mean() < 0.02
    rows = (cuts[..., 3] > 127).any(2).sum(1)
    np.testing.assert_allclose(rows, 0.88 * SIZE, atol=1.5)  # every figure is taller than wide


def test_a_look_with_a_backdrop_and_an_empty_render_are_refused(model: MorphableModel, tmp_path: Path) -> None:
    plain = coloured_dataset(tmp_path / "plain", model, 2)
    with pytest.raises(SemantifyError, match="look 'plain' has a backdrop; render a dataset with --look wild"):
        cut_dataset(plain, SIZE)
    with pytest.raises(SemantifyError, match="shows nothing"):
        cut_rgba(Image.new("RGBA", (32, 32)), SIZE)


def test_view_angles_are_those_of_the_looks(wild: Dataset) -> None:
    angles = view_angles(wild)
    assert angles.shape == (24, 2)
    front, side = (look_of("wild", 0, 5, view) for view in (0, 1))
    np.testing.assert_allclose(angles[10], (front.yaw, front.pitch), atol=1e-4)
    turned = side.yaw + 90
    np.testing.assert_allclose(angles[11], (turned - 360 * (turned > 180), side.pitch), atol=1e-4)
    assert np.ptp(angles[::2, 0]) > 20


def test_variation_is_repeatable_and_grey_behind_who_is_told_from_the_backdrop(cuts: np.ndarray) -> None:
    def varied(seed: int, mirror: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = Variation(SIZE, seed, pool=8, mirror=mirror)(cuts)
        assert found.pictures.shape == (24, 3, SIZE, SIZE)
        assert found.pictures.min() >= 0
        assert found.pictures.max() <= 1
        return found.pictures.numpy(), found.mirrored.numpy(), found.told.numpy()

    pictures, mirrored, told = varied(3)
    for one, other in zip((pictures, mirrored, told), varied(3), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(pictures, varied(4)[0])
    assert 0 < mirrored.sum() < 24
    assert not varied(3, mirror=False)[1].any()
    assert 10 < told.sum() < 24
    corners = pictures[:, :, :3, :3].reshape(24, -1)
    grey = np.abs(corners - 128 / 255).max(1) < 1e-3
    assert grey[told].mean() > 0.9
    assert (corners[~told].std(1) > 0).all()
    # the figure itself is still there, cut off or not
    for picture, cut in zip(pictures[told], cuts[told], strict=True):
        shown = np.abs(picture - 128 / 255).max(0) > 0.03
        assert 0.5 < shown.sum() / (cut[..., 3] > 127).sum() < 4


def test_variations_cut_figures_off_and_mask_them_as_finders_do() -> None:
    """A block as a figure: where it ends is told by its rows."""
    block = np.zeros((400, SIZE, SIZE, 4), np.uint8)
    block[:, 4:60, 24:40] = (200, 40, 40, 255)
    found = Variation(SIZE, 1, pool=8, mirror=False)(block)
    red = (found.pictures[:, 0] - found.pictures[:, 1]).numpy()
    shares = found.told.numpy().mean()
    assert shares == pytest.approx(EXACT + MASKED, abs=0.07)
    told = found.told.numpy()
    rows = (red[told] > 0.15).any(2)
    wide = (red[told] > 0.15).any(1).sum(1)
    # fills the frame as before, but what is cut off is wider for its height
    assert np.median(wide) == pytest.approx(16, abs=2)
    assert 0.04 < (wide > 20).mean() < 0.3
    assert (rows.sum(1) > 30).mean() > 0.95
    # a finder's mask lets a rim of the backdrop through or loses one of the figure
    soft = np.abs(red[told][:, 32] - red[told][:, 32].max(1, keepdims=True)) > 0.1
    assert len({int(row.sum()) for row in soft}) > 5


def test_places_tell_where_a_point_of_a_cut_is_in_its_picture() -> None:
    dot = np.zeros((60, SIZE, SIZE, 4), np.uint8)
    dot[:, 20:24, 40:44] = 255
    found = Variation(SIZE, 2, pool=4)(dot)
    at = np.array([(42 / SIZE) * 2 - 1, (22 / SIZE) * 2 - 1, 1.0])
    wanted = (found.places.numpy() @ at + 1) / 2 * SIZE
    near = 0
    for picture, told, (x, y) in zip(found.pictures.numpy(), found.told.numpy(), wanted, strict=True):
        differs = np.abs(picture - 128 / 255).max(0) > 0.1
        if told and differs.any() and 3 < x < SIZE - 3 and 3 < y < SIZE - 3:
            rows, columns = np.nonzero(differs)
            near += 1
            assert abs(np.median(columns) + 0.5 - x) < 3, "whatever a mask lets through elsewhere"
            assert abs(np.median(rows) + 0.5 - y) < 3
    assert near > 20


@pytest.mark.parametrize("draw", [backdrop, room])
def test_backdrops_are_busy_and_differ(draw: Callable[[np.random.Generator, int], np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    first, second = draw(rng, 48), draw(rng, 48)
    assert first.shape == (48, 48, 3)
    assert first.dtype == np.uint8
    assert first.std() > 5
    assert not np.array_equal(first, second)


def test_fitter_data_of_several_datasets_and_models(model: MorphableModel, wild: Dataset, tmp_path: Path) -> None:
    folders = [wild.folder, wild_dataset(tmp_path / "more", model, 3, seed=8).folder]
    counted: list[tuple[int, int]] = []
    data = fitter_data(folders, [model], Means(), 2, progress=lambda done, total, _: counted.append((done, total)))[0]
    assert data.embeddings.shape == (2, 30, 12)
    np.testing.assert_array_equal(
        data.coefficients[::2], np.concatenate([Dataset.open(f).coefficients() for f in folders])
    )
    np.testing.assert_array_equal(data.coefficients[::2], data.coefficients[1::2])
    np.testing.assert_array_equal(data.shape, np.arange(15).repeat(2))
    seen = np.concatenate([view_angles(Dataset.open(folder)) for folder in folders])
    np.testing.assert_array_equal(data.angles[..., 1], np.stack([seen[:, 1]] * 2))
    flipped = data.angles[..., 0] == -seen[:, 0]  # a mirrored picture is one from the other side
    assert 0 < flipped.sum() < 60
    np.testing.assert_array_equal(data.angles[~flipped][:, 0], np.stack([seen[:, 0]] * 2)[~flipped])
    assert np.abs(data.embeddings[0] - data.embeddings[1]).mean() > 1e-3, "each pass is another variation"
    assert counted[-1] == (60, 60)


def test_targets_beside_a_dataset(model: MorphableModel, tmp_path: Path) -> None:
    other = synthetic_model(seed=4)
    dataset = wild_dataset(tmp_path / "shapes", model, 4)
    with pytest.raises(SemantifyError, match=f"shows model 'synthetic'.*{TARGETS}"):
        targets_of(dataset, other)
    np.testing.assert_array_equal(targets_of(dataset, model), dataset.coefficients())
    path = dataset.folder / TARGETS
    rows = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)  # of a longer list than was rendered
    rows[1] = np.nan
    np.savez(path, synthetic=rows)
    np.testing.assert_array_equal(targets_of(dataset, other), rows[:4])
    data = fitter_data([dataset.folder], [other], Means(), 1)[0]
    np.testing.assert_array_equal(data.coefficients, rows[[0, 2, 3]].repeat(2, 0))
    np.testing.assert_array_equal(data.shape, [0, 0, 2, 2, 3, 3])
    assert data.embeddings.shape == (1, 6, 12)
    assert data.angles.shape == (1, 6, 2)


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"someone": np.zeros((4, 4))}, "synthetic: expected 4 × 4 numbers"),
        ({"synthetic": np.zeros((4, 3))}, "synthetic: expected 4 × 4 numbers"),
        ({"synthetic": np.zeros((3, 4))}, "synthetic: expected 4 × 4 numbers"),
        ({"synthetic": np.full((4, 4), "a")}, "synthetic: expected 4 × 4 numbers"),
        (b"", "not a readable"),
        (b"PK\x03\x04 cut short", "not a readable"),
        (np.zeros((4, 4)), "not a readable"),
    ],
)
def test_bad_targets_name_file_and_model(
    model: MorphableModel, tmp_path: Path, arrays: dict[str, np.ndarray] | bytes | np.ndarray, problem: str
) -> None:
    dataset = wild_dataset(tmp_path / "shapes", model, 4)
    path = dataset.folder / TARGETS
    if isinstance(arrays, bytes):
        path.write_bytes(arrays)
    else:
        with open(path, "wb") as file:
            np.save(file, arrays) if isinstance(arrays, np.ndarray) else np.savez(file, **arrays)
    with pytest.raises(FileFormatError, match=problem) as raised:
        targets_of(dataset, model)
    assert str(path) in str(raised.value)


RECIPE = FitterRecipe(hidden=(32,), epochs=12, batch=128)
FAKE: PictureEncoder = SimpleNamespace(name="fake", checksum="f" * 64, size=32)  # type: ignore[assignment]


def linear_data(shapes: int, seed: int, passes: int = 2) -> FitterData:
    """Two pictures each of shapes whose embeddings follow ξ and the yaw linearly, up to noise."""
    rng = np.random.default_rng(seed)
    slope = np.random.default_rng(99).standard_normal((5, 12))
    coefficients = rng.standard_normal((shapes, 4)).astype(np.float32).repeat(2, 0)
    yaw = rng.uniform(-40, 40, 2 * shapes)
    clean = np.c_[coefficients, yaw / 20] @ slope
    embeddings = 0.2 + 0.05 * (clean + 0.6 * rng.standard_normal((passes, *clean.shape)))
    angles = np.stack([yaw, rng.uniform(-5, 5, 2 * shapes)], 1)
    return FitterData(
        embeddings.astype(np.float32),
        coefficients,
        np.stack([angles] * passes).astype(np.float32),
        np.arange(shapes).repeat(2),
    )


@pytest.fixture(scope="module")
def fitter(model: MorphableModel) -> Fitter:
    return train_fitter(linear_data(600, 0), model, FAKE, RECIPE, {"seed": 0})


def distance(offset: np.ndarray, covariance: np.ndarray) -> float:
    return float(offset @ np.linalg.solve(covariance, offset))


def test_a_linear_relation_is_learnt_with_honest_doubt(fitter: Fitter) -> None:
    fresh = linear_data(200, 1, 1)
    one, two, sure_of_one, sure_of_two, yaw = [], [], [], [], []
    for i in range(0, 400, 2):
        truth = fresh.coefficients[i]
        single, both = fitter.estimate(fresh.embeddings[0, i]), fitter.estimate(fresh.embeddings[0, i : i + 2])
        one.append(single.coefficients - truth)
        two.append(both.coefficients - truth)
        sure_of_one.append(distance(one[-1], single.covariance) / 4)
        sure_of_two.append(distance(two[-1], both.covariance) / 4)
        assert len(both.views) == 2
        yaw.append(single.views[0].yaw - fresh.angles[0, i, 0])
    variance = fresh.coefficients.var(0)
    r2 = 1 - (np.array(one) ** 2).mean(0) / variance
    assert r2.min() > 0.75
    assert (np.array(two) ** 2).mean() < 0.8 * (np.array(one) ** 2).mean(), "two pictures tell more than one"
    assert 0.6 < np.mean(sure_of_one) < 1.6
    assert 0.6 < np.mean(sure_of_two) < 1.6
    # what is said of the yaw's error is what it is, up to the factor between a normal spread and another
    assert np.median(np.abs(yaw)) < 10
    assert 0.5 < 1.4826 * np.median(np.abs(yaw)) / fitter.angle_deviations[0] < 2
    # the linear model of embeddings given ξ is the one that made them
    slope = np.random.default_rng(99).standard_normal((5, 12))
    np.testing.assert_allclose(fitter.embedding_slope, 0.05 * slope[:4].T, atol=0.02)


def test_the_same_seed_gives_the_same_fitter_and_another_seed_another(model: MorphableModel) -> None:
    data = linear_data(60, 2)
    quick = FitterRecipe(hidden=(8,), epochs=2, batch=32)
    state = torch.random.get_rng_state()
    a, b = (train_fitter(data, model, FAKE, quick) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), state)  # nobody else's randomness is touched
    c = train_fitter(data, model, FAKE, FitterRecipe(hidden=(8,), epochs=2, batch=32, seed=1))
    for mine, same in zip(a.layers, b.layers, strict=True):
        np.testing.assert_array_equal(mine[0], same[0])
        np.testing.assert_array_equal(mine[1], same[1])
    assert not np.array_equal(a.layers[0][0], c.layers[0][0])


def test_a_trained_fitter_is_the_same_after_loading(fitter: Fitter, model: MorphableModel, tmp_path: Path) -> None:
    fitter.save(tmp_path / "synthetic.fitter.npz")
    same = Fitter.load(tmp_path / "synthetic.fitter.npz")
    assert same.provenance == {"seed": 0}
    assert same.caution == fitter.caution
    same.check(model, FAKE)
    embeddings = linear_data(3, 5).embeddings[0]
    wanted, found = fitter.estimate(embeddings), same.estimate(embeddings)
    np.testing.assert_allclose(found.coefficients, wanted.coefficients, atol=0.01)  # weights are kept as float16
    np.testing.assert_allclose(found.covariance, wanted.covariance, atol=0.01)
    np.testing.assert_allclose([view.yaw for view in found.views], [view.yaw for view in wanted.views], atol=0.3)


def test_too_few_shapes_are_one_sentence(model: MorphableModel) -> None:
    with pytest.raises(SemantifyError, match="9 shapes are left for model 'synthetic'"):
        train_fitter(linear_data(9, 0), model, FAKE, RECIPE)


def test_the_encoder_in_torch_is_the_one_in_numpy() -> None:
    embedded = ImageEncoder.load(find("encoders", "body"))
    quick = TorchEncoder(embedded, batch=2)
    assert (quick.name, quick.checksum, quick.size) == (embedded.name, embedded.checksum, embedded.size)
    rng = np.random.default_rng(0)
    pixels = np.stack([backdrop(rng, embedded.size) for _ in range(3)])
    np.testing.assert_allclose(quick.embed(pixels), embedded.embed(pixels), atol=1e-4)
    words = ("tall", "muscular")
    np.testing.assert_array_equal(quick.text_embeddings(words), embedded.text_embeddings(words))
    with pytest.raises(SemantifyError, match="'purple'"):
        quick.text_embeddings(["purple"])


@pytest.mark.parametrize(
    "stated", ["local-dir:/etc", "ViT-B-32:/etc/passwd", "../../x", "ViT-B-32:../x", "no-such:tag"]
)
def test_a_mappers_own_clip_is_never_a_path(stated):
    mapper = dataclasses.replace(synthetic_mapper(synthetic_model()), provenance={"clip": stated})
    with pytest.raises(SemantifyError, match="say where that is with --clip"):
        clip_named_by(mapper)
    for known in ("small", "small-face", "ViT-B-32:openai"):
        assert clip_named_by(dataclasses.replace(mapper, provenance={"clip": known})) == known
