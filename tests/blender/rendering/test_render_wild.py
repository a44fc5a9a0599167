"""Looks "wild" and "unseen": figures without a backdrop, posed and dressed, and shapes that no sampler drew."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.cli.rendering import main
from semantify_blender.core.dataset import Dataset
from semantify_blender.core.dataset_spec import DatasetSpec
from semantify_blender.core.errors import SemantifyError
from semantify_blender.core.library import load_model
from semantify_blender.core.looks.choice import look_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.sampling import POSE, view_generator
from semantify_blender.core.model.view import View
from semantify_blender.rendering.dataset import render_samples, rendered
from semantify_blender.rendering.shape_sources import coefficients_source, load_shapes, shapes_source
from semantify_blender.rendering.stage.garments import with_garments
from semantify_blender.rendering.stage.scene import Stage
from tests.blender.render_helpers import files, members, small_spec
from tests.blender.tier import bpy
from tests.synthetic import synthetic_model, undressed

FRONT, SIDE, BACK = View("front", 0.0), View("side", 90.0), View("back", 180.0)


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return synthetic_model()


@pytest.fixture(scope="module")
def body() -> MorphableModel:
    return undressed(load_model("anny-body-neutral"))


def render(folder: Path, model: MorphableModel, **changes: object) -> dict[tuple[int, str], bytes]:
    spec = small_spec(model, **({"samples": 2, "look": "wild"} | changes))
    render_samples(spec, model, coefficients_source(spec, model), folder)
    return {(sample, view): data for sample, view, data in Dataset.open(folder).images()}


def rgba(data: bytes, folder: Path) -> np.ndarray:
    """(height, width, 4) straight sRGB values in 0..1, top row first."""
    path = folder / "picture.png"
    path.write_bytes(data)
    image = bpy.data.images.load(str(path), check_existing=False)
    assert image.channels == 4
    values = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.alpha_mode = "STRAIGHT"
    image.pixels.foreach_get(values)
    values = values.reshape(image.size[1], image.size[0], 4)[::-1].copy()
    bpy.data.images.remove(image)
    return values


def test_pictures_have_no_backdrop_and_depend_on_their_seed_alone(model: MorphableModel, tmp_path: Path) -> None:
    for look in ("wild", "unseen"):
        first = render(tmp_path / look, model, look=look)
        for data in first.values():
            alpha = rgba(data, tmp_path)[..., 3]
            assert alpha[0].max() == alpha[:, 0].max() == 0
            assert 0.02 < (alpha > 0.99).mean() < 0.6
        render(tmp_path / f"{look} again", model, look=look)
        assert files(tmp_path / f"{look} again") == files(tmp_path / look)
    assert members(tmp_path / "wild" / "shard-000000.tar") != members(tmp_path / "unseen" / "shard-000000.tar")
    np.testing.assert_array_equal(
        Dataset.open(tmp_path / "wild").coefficients(), Dataset.open(tmp_path / "unseen").coefficients()
    )


def test_another_view_leaves_poses_as_they_were() -> None:
    drawn = [view_generator(7, 3, POSE, view).random() for view in range(3)]
    assert drawn[:2] == [view_generator(7, 3, POSE, view).random() for view in range(2)]
    assert len(set(drawn)) == 3


def test_limbs_are_posed_and_another_view_leaves_the_first_ones_alone(body: MorphableModel, tmp_path: Path) -> None:
    pictures = render(tmp_path / "two", body, samples=1, size=48, views=(FRONT, SIDE))
    more = render(tmp_path / "three", body, samples=1, size=48, views=(FRONT, SIDE, BACK))
    assert {key: more[key] for key in pictures} == pictures
    # the same camera and the same shape twice: only the limbs can differ
    straight = View("again", 0.0)
    spec = small_spec(body, samples=1, size=64, look="wild", views=(FRONT, straight))
    stage_shapes: list[np.ndarray] = []

    class Watched(Stage):
        def shape(self, vertices: np.ndarray) -> None:
            stage_shapes.append(vertices.copy())

        def render(self, seed: int = 0) -> bytes:
            return b"picture"

    with Watched(with_garments(body), 16, engine_samples=1, image_format="png", transparent=True) as stage:
        (sample, coefficients, images), *_ = rendered(stage, spec, coefficients_source(spec, body), 0)
    assert (sample, list(images)) == (0, ["front", "again"])
    first, second = stage_shapes
    rest = body.vertices(coefficients)
    rig = Rig.of(body)
    assert rig is not None
    hands = rig.part("forearm.L") + rig.part("forearm.R") > 0.9
    trunk = rig.weights[:, rig.names.index("pelvis")] > 0.9
    for posed in (first, second):
        assert posed[:, 2].min() == pytest.approx(0, abs=1e-6), "it stands on the floor"
        moved = posed - posed[trunk].mean(0) - (rest - rest[trunk].mean(0))
        assert np.abs(moved[trunk]).max() < 0.06, "the trunk bends a little, under cloth"
        assert np.linalg.norm(moved[hands], axis=1).mean() > 0.02
    assert np.linalg.norm((first - second)[hands], axis=1).mean() > 0.02


def test_a_model_without_a_rig_is_rendered_too(tmp_path: Path) -> None:
    face = load_model("anny-face-shape")
    pictures = render(tmp_path / "face", face, samples=1, look="unseen", views=(FRONT,))
    assert 0.05 < (rgba(pictures[0, "front"], tmp_path)[..., 3] > 0.5).mean() < 0.95


def test_given_shapes_are_rendered_and_their_nearest_coefficients_kept(model: MorphableModel, tmp_path: Path) -> None:
    given = np.random.default_rng(0).uniform(-1, 1, (2, 4)).astype(np.float32)
    shapes = model.vertices(given)
    shapes[1] += np.float32([0.4, 0, 1.0])  # where it stands says nothing of its shape
    np.save(tmp_path / "two.shapes.npy", shapes)
    words = ["dataset", "--model", str(model_file(model, tmp_path)), "--look", "wild", "--size", "32"]
    words += ["--engine-samples", "1", "--views", "front", "--shapes", str(tmp_path / "two.shapes.npy")]
    assert main([*words, "--out", str(tmp_path / "set"), "--progress", "json"]) == 0
    dataset = Dataset.open(tmp_path / "set")
    assert len(dataset) == 2
    assert (dataset.spec.sampler, dataset.spec.image_format) == ("file", "png")
    np.testing.assert_allclose(dataset.coefficients(), given, atol=2e-3)
    by_shape = [data for _, _, data in dataset.images()]
    assert (rgba(by_shape[1], tmp_path)[..., 3] > 0.5).mean() > 0.02
    # the same shapes by their coefficients give the same pictures
    np.save(tmp_path / "given.npy", given)
    words[words.index("--shapes") :] = ["--coefficients", str(tmp_path / "given.npy")]
    assert main([*words, "--out", str(tmp_path / "same"), "--samples", "1", "--progress", "json"]) == 0
    same = next(Dataset.open(tmp_path / "same").images())[2]
    np.testing.assert_allclose(rgba(same, tmp_path), rgba(by_shape[0], tmp_path), atol=0.02)


def model_file(model: MorphableModel, folder: Path) -> Path:
    path = folder / "synthetic.model.npz"
    model.save(path)
    return path


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (np.zeros((2, 5, 3), np.float32), r"shapes\.npy: array: expected numbers of shape \(samples, 194, 3\)"),
        (np.zeros((194, 3), np.float32), "expected numbers"),
        (np.zeros((0, 194, 3), np.float32), "expected numbers"),
        (np.zeros((1, 194, 3), np.int32), "expected floating-point numbers"),
        (b"", "not a readable"),
        (b"junk", "not a readable"),
        (b"PK\x03\x04junk", "not a readable"),
    ],
)
def test_wrong_shapes_are_one_sentence(
    model: MorphableModel, tmp_path: Path, content: np.ndarray | bytes, problem: str
) -> None:
    path = tmp_path / "bad.shapes.npy"
    path.write_bytes(content) if isinstance(content, bytes) else np.save(path, content)
    with pytest.raises(SemantifyError, match=problem):
        load_shapes(path, model)


def test_an_npz_and_a_shape_of_nan_are_refused(model: MorphableModel, tmp_path: Path) -> None:
    with open(tmp_path / "bad.shapes.npy", "wb") as file:
        np.savez(file, shapes=model.template[None])
    with pytest.raises(SemantifyError, match=r"bad\.shapes\.npy: file: is not a readable \.npy array"):
        load_shapes(tmp_path / "bad.shapes.npy", model)
    shapes = np.stack([model.template] * 2)
    shapes[1, 7, 2] = np.nan
    shape = shapes_source(model, shapes)
    np.testing.assert_allclose(shape(0)[0], 0, atol=1e-4)
    with pytest.raises(SemantifyError, match="shape 1 of the file holds NaN"):
        shape(1)


def test_refused_combinations(model: MorphableModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "given.npy", np.zeros((1, 4), np.float32))
    np.save(tmp_path / "shapes.npy", model.template[None])
    words = ["dataset", "--model", str(model_file(model, tmp_path)), "--out", str(tmp_path / "set"), "--look", "wild"]
    both = ["--coefficients", str(tmp_path / "given.npy"), "--shapes", str(tmp_path / "shapes.npy")]
    for more, sentence in (
        (both, "--coefficients and --shapes both say what to render"),
        (["--format", "jpg"], "image_format is 'jpg': look 'wild' has no backdrop; use png"),
        ([*both[2:], "--samples", "2"], "shapes.npy has 1 rows but --samples asks for 2"),
    ):
        assert main([*words, *more]) == 2
        assert sentence in capsys.readouterr().err
    assert not (tmp_path / "set").exists()
    with pytest.raises(SemantifyError, match="use png"):
        small_spec(model, look="unseen", image_format="jpg")


def test_garments_are_cut_out_of_bare_skin(body: MorphableModel) -> None:
    dressed = with_garments(body)
    before, after = list(body.regions), list(dressed.regions)
    assert set(after) - set(before) == {"sleeves", "legs", "feet"}
    shipped = load_model("anny-body-neutral")
    assert set(with_garments(shipped).regions) - set(shipped.regions) == {"sleeves", "legs", "feet"}, (
        "under clothes, too"
    )
    assert dressed.face_count == body.face_count
    was, now = body.face_regions, dressed.face_regions
    changed = np.isin(now, [after.index(name) for name in ("sleeves", "legs", "feet")])
    assert changed.any()
    assert (was[changed] == before.index("skin")).all(), "nothing but skin is covered"
    names_before, names_after = np.array(before)[was[~changed]], np.array(after)[now[~changed]]
    np.testing.assert_array_equal(names_after, names_before)
    faces = np.split(body.corner_vertices, body.face_offsets[1:-1])
    centres = np.array([body.template[face].mean(0) for face in faces])
    heights = (centres[:, 2] - body.template[:, 2].min()) / np.ptp(body.template[:, 2])
    aside = centres[:, 0]
    feet, trousers, sleeves = (now == after.index(name) for name in ("feet", "legs", "sleeves"))
    assert heights[feet].max() < 0.06
    assert heights[trousers].min() > 0.04
    assert heights[trousers].max() < 0.55
    for side in (-1, 1):
        for garment in (feet, trousers, sleeves):
            assert (side * aside[garment] > 0).sum() > 10
    assert np.abs(aside[sleeves]).max() < np.abs(aside).max() - 0.06, "hands stay bare"
    assert Rig.of(dressed) is not None


def test_a_model_without_a_rig_keeps_its_own_clothes(model: MorphableModel) -> None:
    face = load_model("anny-face-shape")
    assert with_garments(face) is face
    assert with_garments(model) is model


def test_stripes_are_worn_in_unseen_pictures_alone() -> None:
    body = load_model("anny-body-neutral")
    for look in ("plain", "random", "wild"):
        assert all(look_of(look, 0, i, 0).stripes is None for i in range(40))
    drawn = [look_of("unseen", 0, i, 0) for i in range(60)]
    share = np.mean([look.stripes is not None for look in drawn])
    assert 0.35 < share < 0.85
    assert all(look_of("unseen", 0, i, 0, textured=False).stripes is None for i in range(40))
    look = next(look for look in drawn if look.stripes is not None and look.palette["sleeves"] == look.palette["skin"])
    with Stage(with_garments(body), 16, engine_samples=1, image_format="png", transparent=True) as stage:
        stage.aim(0.0, look)
        assert stage.materials.striped >= {"top", "shorts"}
        assert "sleeves" not in stage.materials.striped, "bare arms have no stripes"
        stage.aim(0.0, look_of("wild", 0, 0, 0))
        assert not stage.materials.striped


def test_stripes_show_in_the_picture(body: MorphableModel, tmp_path: Path) -> None:
    spec: DatasetSpec = small_spec(body, look="unseen")
    plain = look_of("unseen", spec.seed, 0, 0)
    palette = plain.palette | {"top": (0.9, 0.9, 0.9), "shorts": (0.9, 0.9, 0.9)}
    bare = dataclasses.replace(plain, palette=palette, stripes=None)
    striped = dataclasses.replace(bare, stripes=((0.02, 0.02, 0.5), 12.0, 90.0))
    with Stage(with_garments(body), 64, engine_samples=2, image_format="png", transparent=True) as stage:
        stage.shape(stage.framing.place(body.vertices(np.zeros(body.component_count, np.float32))))
        shown = []
        for look in (bare, striped):
            stage.aim(0.0, look)
            shown.append(rgba(stage.render(seed=0), tmp_path))
    difference = np.abs(shown[0] - shown[1])
    np.testing.assert_array_equal(shown[0][..., 3], shown[1][..., 3])
    rows = difference[..., :3].max((1, 2))
    changed = np.flatnonzero(difference[..., 0].max(1) > 0.2)
    assert len(changed) > 4, "dark stripes on light cloth"
    head = np.flatnonzero(shown[0][..., 3].max(1) > 0.5)[:4]
    assert rows[head].max() < 0.02, "none on the head"
