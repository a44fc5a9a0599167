"""Refinement against shapes that are known: it comes nearer, its measure never rises, and it can be stopped."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from semantify_blender.core.fitting import refine as refining
from semantify_blender.core.fitting.camera import Camera, ViewAngles, camera_of_cut
from semantify_blender.core.fitting.fitter import Estimate
from semantify_blender.core.fitting.known import Known
from semantify_blender.core.fitting.refine import refine
from semantify_blender.core.fitting.silhouette import silhouette
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import height
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, limb_rotations
from semantify_blender.core.pictures.landmarks import BodyLandmarks
from tests.synthetic import synthetic_model

SIZE = 96
SIGMA = 0.45


@dataclass(frozen=True)
class Cut:
    pixels: np.ndarray
    mask: np.ndarray | None
    source: str = "alpha"
    body: BodyLandmarks | None = None
    cut_off: tuple[str, ...] = ()

    @property
    def photographed(self) -> bool:
        return self.source == "finder"

    @property
    def outlined(self) -> np.ndarray | None:
        return self.mask


class Encoder:
    """Sees a picture as 12 × 12 blurred pixels."""

    def embed(self, pixels: np.ndarray) -> np.ndarray:
        small = pixels.reshape(len(pixels), 12, SIZE // 12, 12, SIZE // 12, 3).mean((2, 4)).reshape(len(pixels), -1)
        small = small - small.mean(1, keepdims=True)
        return small / np.maximum(np.linalg.norm(small, axis=1, keepdims=True), 1e-9)


@pytest.fixture(scope="module")
def lathe() -> MorphableModel:
    return synthetic_model(rings=24, segments=24)


def flat_render(model: MorphableModel):
    def render(vertices: np.ndarray, camera: Camera, palette: dict | None) -> np.ndarray:
        covered = silhouette(model, camera.project(vertices, SIZE), SIZE)[..., None]
        colour = np.array((palette or {}).get("skin", (0.6, 0.6, 0.6))) * 255
        return (covered * colour + (1 - covered) * 200).astype(np.uint8)

    return render


def cut_of(model: MorphableModel, vertices: np.ndarray, view: ViewAngles) -> Cut:
    camera = camera_of_cut(vertices, view)
    mask = silhouette(model, camera.project(vertices, SIZE), SIZE)
    pixels = (mask[..., None] * [190, 150, 120] + (1 - mask[..., None]) * 128).astype(np.uint8)
    return Cut(pixels, mask)


def estimate(truth: np.ndarray, rng: np.random.Generator, views: tuple[ViewAngles, ...]) -> Estimate:
    noise = SIGMA * rng.standard_normal(len(truth))
    return Estimate((truth + noise).astype(np.float32), np.eye(len(truth), dtype=np.float32) * SIGMA**2, views)


def error(model: MorphableModel, coefficients: np.ndarray, truth: np.ndarray) -> float:
    """Mean vertex distance, millimetres, centroids and heights made alike: an outline tells no size."""
    one, other = model.vertices(coefficients), model.vertices(truth)
    one, other = one - one.mean(0), other - other.mean(0)
    return 1000 * float(np.linalg.norm(one * (height(other) / height(one)) - other, axis=1).mean())


def test_a_body_with_other_arms_is_found_again() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    rng = np.random.default_rng(4)
    truth = rng.uniform(-1.5, 1.5, model.component_count)
    arms = limb_rotations({"upperarm.L": (-25, 5), "upperarm.R": (-18, 0), "forearm.R": (0, 25)})
    shape = model.vertices(truth)
    cut = cut_of(model, rig.pose(shape, arms), ViewAngles(25, 4))
    start = estimate(truth, rng, (ViewAngles(18, 1),))
    found = refine(model, rig, [cut], start, Known())
    assert found.measure_after < found.measure_before
    assert found.parts["silhouette after"] < 0.04
    assert error(model, found.coefficients, truth) < 0.65 * error(model, start.coefficients, truth)
    assert abs(found.cameras[0].yaw - 25) < 5
    assert found.limbs[0].keys() <= set(rig.chains)
    posed = rig.pose(model.vertices(found.coefficients), found.limbs[0])
    seen = silhouette(model, found.cameras[0].project(posed, SIZE), SIZE)
    assert 1 - np.minimum(seen, cut.mask).sum() / np.maximum(seen, cut.mask).sum() == pytest.approx(
        found.parts["silhouette after"], abs=1e-4
    )


def test_the_measure_never_rises_and_shapes_come_nearer(lathe: MorphableModel) -> None:
    before, after = [], []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        truth = rng.uniform(-1.5, 1.5, lathe.component_count)
        start = estimate(truth, rng, (ViewAngles(6 * rng.standard_normal(), 3 * rng.standard_normal()),))
        found = refine(lathe, None, [cut_of(lathe, lathe.vertices(truth), ViewAngles())], start)
        assert found.measure_after <= found.measure_before
        assert found.measure_before == pytest.approx(sum(v for k, v in found.parts.items() if k.endswith("before")))
        assert not found.cancelled
        before.append(error(lathe, start.coefficients, truth))
        after.append(error(lathe, found.coefficients, truth))
    assert np.mean(after) < 0.6 * np.mean(before)


def test_a_mask_of_something_else_harms_nothing(lathe: MorphableModel) -> None:
    y, x = np.mgrid[:SIZE, :SIZE]
    cross = ((np.abs(x - 48) < 6) | (np.abs(y - 48) < 6)).astype(np.float32)
    start = estimate(np.zeros(lathe.component_count), np.random.default_rng(0), (ViewAngles(),))
    for mask in (cross, np.zeros_like(cross), np.ones_like(cross)):
        found = refine(lathe, None, [Cut(np.zeros((SIZE, SIZE, 3), np.uint8), mask)], start)
        assert np.isfinite(found.coefficients).all()
        assert found.measure_after <= found.measure_before
        assert (np.abs(found.coefficients) <= 2.8).all()


def test_two_pictures_tell_more_than_one(lathe: MorphableModel) -> None:
    rng = np.random.default_rng(3)
    truth = rng.uniform(-1.5, 1.5, lathe.component_count)
    cuts = [cut_of(lathe, lathe.vertices(truth), ViewAngles(yaw)) for yaw in (0, 90)]
    start = estimate(truth, rng, (ViewAngles(), ViewAngles(90)))
    found = refine(lathe, None, cuts, start)
    assert len(found.cameras) == 2
    assert error(lathe, found.coefficients, truth) < 0.6 * error(lathe, start.coefficients, truth)


def test_a_known_height_is_kept(lathe: MorphableModel) -> None:
    rng = np.random.default_rng(1)
    truth = rng.uniform(-1.5, 1.5, lathe.component_count)
    wanted = float(height(lathe.vertices(truth)))
    start = estimate(truth, rng, (ViewAngles(),))
    cut = cut_of(lathe, lathe.vertices(truth), ViewAngles())
    found = refine(lathe, None, [cut], start, Known(height=wanted))
    assert float(height(lathe.vertices(found.coefficients))) == pytest.approx(wanted, abs=0.006)


def test_without_a_mask_or_looks_the_estimate_stays(lathe: MorphableModel) -> None:
    start = estimate(np.zeros(lathe.component_count), np.random.default_rng(0), (ViewAngles(20),))
    found = refine(lathe, None, [Cut(np.zeros((SIZE, SIZE, 3), np.uint8), None, "whole")], start)
    np.testing.assert_array_equal(found.coefficients, start.coefficients)
    assert found.measure_after == found.measure_before
    assert found.cameras[0].yaw == 20


def test_a_view_nobody_knows_is_sought() -> None:
    model = load_model("anny-body-neutral")
    cut = cut_of(model, model.template, ViewAngles(75))
    start = estimate(np.zeros(model.component_count), np.random.default_rng(0), ())
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 4

    found = refine(model, None, [cut], start, cancelled=stop)
    assert 55 < found.cameras[0].yaw < 95


@pytest.mark.parametrize("asked", [0, 1, 6, 20])
def test_stopping_gives_the_best_so_far(lathe: MorphableModel, asked: int) -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(-1.5, 1.5, lathe.component_count)
    start = estimate(truth, rng, (ViewAngles(),))
    questions: list[int] = []

    def stop() -> bool:
        questions.append(1)
        return len(questions) > asked

    found = refine(lathe, None, [cut_of(lathe, lathe.vertices(truth), ViewAngles())], start, cancelled=stop)
    assert found.cancelled
    assert len(questions) < asked + 12
    assert found.measure_after <= found.measure_before
    if asked < 2:
        np.testing.assert_array_equal(found.coefficients, start.coefficients)


def test_progress_ends_at_its_total(lathe: MorphableModel) -> None:
    told: list[tuple[int, int, str]] = []
    start = estimate(np.zeros(lathe.component_count), np.random.default_rng(0), (ViewAngles(),))
    refine(lathe, None, [cut_of(lathe, lathe.template, ViewAngles())], start, progress=lambda *a: told.append(a))
    done = [step[0] for step in told]
    assert done == sorted(done)
    assert told[-1][0] == told[-1][1]


def test_looks_move_a_shape_that_has_no_mask(lathe: MorphableModel) -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(-1.5, 1.5, lathe.component_count)
    cut = replace(cut_of(lathe, lathe.vertices(truth), ViewAngles()), mask=None, source="whole")
    start = estimate(truth, rng, (ViewAngles(),))
    told: list[str] = []
    found = refine(
        lathe, None, [cut], start, Known(), Encoder(), flat_render(lathe), lambda _d, _t, text: told.append(text)
    )
    assert found.parts["looks after"] < 0.8 * found.parts["looks before"]
    assert found.measure_after < found.measure_before
    assert "looks" in told
    assert error(lathe, found.coefficients, truth) < error(lathe, start.coefficients, truth)


def test_the_weight_of_looks_counts(lathe: MorphableModel, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(-1.5, 1.5, lathe.component_count)
    cut = replace(cut_of(lathe, lathe.vertices(truth), ViewAngles()), mask=None, source="whole")
    start = estimate(truth, rng, (ViewAngles(),))
    found = {}
    for weight in (refining.LOOKS, 2 * refining.LOOKS, 1e-6):
        monkeypatch.setattr(refining, "LOOKS", weight)
        found[weight] = refine(lathe, None, [cut], start, Known(), Encoder(), flat_render(lathe))
    usual, twice, none = found.values()
    assert twice.parts["looks before"] == pytest.approx(2 * usual.parts["looks before"])
    assert usual.measure_before == pytest.approx(sum(v for k, v in usual.parts.items() if k.endswith("before")))
    # looks that weigh nothing are no reason to leave the estimate
    np.testing.assert_array_equal(none.coefficients, start.coefficients)
    assert np.abs(usual.coefficients - start.coefficients).max() > 0.05


def test_pictures_leave_less_open_and_say_how_much(lathe: MorphableModel) -> None:
    """The covariance: smaller than the estimate's, and about as wide as results are off."""
    distances = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        truth = rng.uniform(-1.5, 1.5, lathe.component_count)
        start = estimate(truth, rng, (ViewAngles(),))
        found = refine(lathe, None, [cut_of(lathe, lathe.vertices(truth), ViewAngles())], start)
        assert np.linalg.eigvalsh(start.covariance - found.covariance).min() > -1e-4
        assert np.linalg.eigvalsh(found.covariance).min() > 0
        off = found.coefficients - truth
        distances.append(off @ np.linalg.solve(found.covariance, off) / len(off))
    assert 0.1 < np.mean(distances) < 4
    blind = refine(lathe, None, [replace(cut_of(lathe, lathe.template, ViewAngles()), mask=None)], start)
    np.testing.assert_array_equal(blind.covariance, start.covariance)
