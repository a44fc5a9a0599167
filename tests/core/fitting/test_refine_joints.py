"""Refine with joints: people who walk, sit and reach up, before any camera; parts of them beyond the border."""

from dataclasses import dataclass

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import Camera, ViewAngles, camera_of_cut
from semantify_blender.core.fitting.fitter import Estimate
from semantify_blender.core.fitting.outline_rows import OutlineTarget
from semantify_blender.core.fitting.pose import PoseSolver
from semantify_blender.core.fitting.refine import Refined, refine
from semantify_blender.core.fitting.silhouette import silhouette
from semantify_blender.core.library import load_model
from semantify_blender.core.model.measurements import height
from semantify_blender.core.model.random_poses import KINDS, lively_pose
from semantify_blender.core.model.rotations import from_vectors
from semantify_blender.core.pictures.landmarks import BodyLandmarks

SIZE = 96
SIGMA = 0.45


@dataclass(frozen=True)
class Cut:
    pixels: np.ndarray
    mask: np.ndarray | None
    body: BodyLandmarks | None
    source: str = "finder"
    cut_off: tuple[str, ...] = ()

    @property
    def photographed(self) -> bool:
        return self.source == "finder"

    @property
    def outlined(self) -> np.ndarray | None:
        return self.mask


@dataclass(frozen=True)
class Problem:
    truth: np.ndarray
    camera: Camera
    vertices: np.ndarray
    cut: Cut


@pytest.fixture(scope="module")
def solver() -> PoseSolver:
    return PoseSolver.of(load_model("anny-body-neutral"))


def problem(solver: PoseSolver, rng: np.random.Generator, kind: str, truth: np.ndarray | None = None) -> Problem:
    model, rig = solver.model, solver.angles.rig
    truth = rng.uniform(-1.2, 1.2, model.component_count) if truth is None else truth
    vertices = rig.pose(model.vertices(truth), lively_pose(rng, kind))
    view = ViewAngles(rng.uniform(-180, 180), rng.uniform(-5, 12), roll=rng.normal(0, 3))
    camera = camera_of_cut(vertices, view, distance=rng.uniform(2.2, 4))
    mask = silhouette(model, camera.project(vertices, SIZE), SIZE)
    at, known = solver.points.at(vertices), solver.points.known
    points = camera.project(at, SIZE) + rng.normal(0, 1.0, (33, 2))
    space = (at - at[[23, 24]].mean(0)) @ camera.axes.T * [1, -1, -1] + rng.normal(0, 0.03, (33, 3))
    seen = np.where(known, 0.95, 0.0).astype(np.float32)
    body = BodyLandmarks(points.astype(np.float32), seen, seen, space.astype(np.float32), 1.0)
    return Problem(truth, camera, vertices, Cut(np.zeros((SIZE, SIZE, 3), np.uint8), mask, body))


def estimate(truth: np.ndarray, rng: np.random.Generator) -> Estimate:
    noise = SIGMA * rng.standard_normal(len(truth))
    covariance = np.eye(len(truth), dtype=np.float32) * SIGMA**2
    # what an encoder says of the view is not to be trusted
    return Estimate((truth + noise).astype(np.float32), covariance, (ViewAngles(rng.uniform(-90, 90), 0),))


def overlap(solver: PoseSolver, found: Refined, one: Problem, picture: int = 0) -> float:
    posed = solver.angles.rig.pose(solver.model.vertices(found.coefficients), found.limbs[picture])
    seen = silhouette(solver.model, found.cameras[picture].project(posed, SIZE), SIZE)
    return float(np.minimum(seen, one.cut.mask).sum() / np.maximum(seen, one.cut.mask).sum())


@pytest.mark.parametrize("kind", KINDS)
def test_the_measure_never_rises_and_bodies_lie_on_their_pictures(solver: PoseSolver, kind: str) -> None:
    ious = []
    for seed in range(2):
        rng = np.random.default_rng([seed, KINDS.index(kind)])
        one = problem(solver, rng, kind)
        found = refine(solver.model, solver.angles.rig, [one.cut], estimate(one.truth, rng))
        assert found.measure_after <= found.measure_before
        assert found.parts["joints after"] < 0.03
        ious.append(overlap(solver, found, one))
        tall = [float(height(solver.model.vertices(xi))) for xi in (found.coefficients, one.truth)]
        assert abs(tall[0] - tall[1]) < 0.3
        # what is stored poses the figure as it was found
        for joint, vector in found.turns[0].items():
            np.testing.assert_allclose(from_vectors(vector), found.limbs[0][joint], atol=1e-9)
    assert np.mean(ious) > 0.85


def test_each_picture_of_a_subject_has_its_own_pose(solver: PoseSolver) -> None:
    rng = np.random.default_rng(5)
    first = problem(solver, rng, "sitting")
    second = problem(solver, rng, "overhead", first.truth)
    found = refine(solver.model, solver.angles.rig, [first.cut, second.cut], estimate(first.truth, rng))
    assert found.measure_after <= found.measure_before
    assert min(overlap(solver, found, one, i) for i, one in enumerate((first, second))) > 0.8
    bent = [np.linalg.norm(turns["thigh.L"]) for turns in found.turns]
    raised = [np.linalg.norm(turns["upperarm.L"]) for turns in found.turns]
    assert bent[0] > bent[1] + 25
    assert raised[1] > raised[0] + 25


def test_what_the_border_cuts_off_is_not_missed(solver: PoseSolver) -> None:
    rng = np.random.default_rng(9)
    one = problem(solver, rng, "standing")
    cut = one.cut
    edge = int(0.62 * SIZE)
    mask = cut.mask.copy()
    mask[edge:] = 0
    inside = np.where(cut.body.points[:, 1] < edge, cut.body.inside, 0.0).astype(np.float32)
    body = BodyLandmarks(cut.body.points, np.minimum(cut.body.seen, inside), inside, cut.body.world, 1.0)
    start = estimate(one.truth, rng)
    found = refine(solver.model, solver.angles.rig, [Cut(cut.pixels, mask, body, "finder", ("bottom",))], start)
    assert found.measure_after <= found.measure_before
    assert found.parts["silhouette after"] < 0.15
    # the legs beyond the border neither shrink the body nor its picture
    assert found.cameras[0].frame == pytest.approx(one.camera.frame, rel=0.15)
    assert (
        abs(float(height(solver.model.vertices(found.coefficients)) - height(solver.model.vertices(one.truth)))) < 0.2
    )


def test_the_border_is_no_outline() -> None:
    mask = np.zeros((SIZE, SIZE), np.float32)
    mask[20:70, 30:60] = 1
    whole = OutlineTarget.of(mask, "finder", ())
    part = OutlineTarget.of(mask, "finder", ("bottom",))
    assert whole.counted.all()
    assert whole.outline.points[:, 1].max() > 69
    assert part.outline.points[:, 1].max() < 69.5
    assert not part.counted[70:].any()
    assert part.counted[:70].all()
    sides = OutlineTarget.of(mask, "finder", ("left", "top", "right"))
    assert sides.outline.points[:, 1].min() > 68
    assert sides.counted.sum() == 30 * (SIZE - 20)
    assert OutlineTarget.of(mask, "finder", ("left", "top", "right", "bottom")) is None


def test_nonsense_joints_harm_nothing(solver: PoseSolver) -> None:
    rng = np.random.default_rng(2)
    one = problem(solver, rng, "standing")
    points = rng.uniform(0, SIZE, (33, 2)).astype(np.float32)
    told = np.full(33, 0.9, np.float32)
    body = BodyLandmarks(points, told, told, rng.normal(0, 0.5, (33, 3)).astype(np.float32), 0.5)
    found = refine(solver.model, solver.angles.rig, [Cut(one.cut.pixels, one.cut.mask, body)], estimate(one.truth, rng))
    assert np.isfinite(found.coefficients).all()
    assert found.measure_after <= found.measure_before
    assert (np.abs(found.coefficients) < 4).all()


def test_joints_count_without_a_mask(solver: PoseSolver) -> None:
    rng = np.random.default_rng(3)
    one = problem(solver, rng, "striding")
    found = refine(solver.model, solver.angles.rig, [Cut(one.cut.pixels, None, one.cut.body)], estimate(one.truth, rng))
    assert found.measure_after <= found.measure_before
    assert overlap(solver, found, one) > 0.7
