"""Heads from the points of their faces: known shapes, poses and noise come back."""

import dataclasses

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.fitting.face_fit import fit_face
from semantify_blender.core.fitting.gaussian import Gaussian
from semantify_blender.core.pictures.landmarks import FaceLandmarks
from tests.face_model import SIZE, face_model, points_of, seen_face


def fitted(model, face, prior=None):
    found = fit_face(model, points_of(model), face, prior)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(6))
def test_shape_others_and_pose_come_back(seed):
    rng = np.random.default_rng(seed)
    model = face_model(seed=seed)
    truth, others = rng.normal(size=4), rng.normal(size=3)
    yaw, pitch, roll = rng.uniform([-40, -20, -60], [40, 20, 60]).tolist()
    camera = Camera(yaw, pitch, rng.uniform(3, 6), 0.3, roll=roll)
    found = fitted(model, seen_face(model, truth, others, camera, noise=0.3, seed=seed))
    assert np.abs(found.shape.mean - truth).max() < 0.35
    assert np.abs(found.other - others).max() < 0.35
    assert abs(found.view.yaw - yaw) < 2
    assert abs(found.view.pitch - pitch) < 2
    assert abs(found.view.roll - roll) < 1
    assert found.error < 0.004


def test_the_error_is_as_large_as_it_says():
    """Over many faces ξ is off by its own covariance."""
    model, apart = face_model(), []
    for seed in range(40):
        rng = np.random.default_rng(100 + seed)
        truth, others = rng.normal(size=4), rng.normal(size=3)
        points = points_of(model)
        camera = Camera(rng.uniform(-30, 30), rng.uniform(-15, 15), 4.0, 0.3)
        bent = dataclasses.replace(
            points, rest=points.rest + np.tensordot(rng.normal(size=2), points.spread, 1)
        )  # what strays together
        at = bent.on(model.template) + bent.rest + np.tensordot(truth, bent.own_basis, 1)
        at = at + np.tensordot(others, bent.other_basis, 1)
        flat = camera.project(at, SIZE) + rng.normal(0, 0.0008 * SIZE / 0.3, (468, 2))
        face = FaceLandmarks(np.concatenate([flat, np.zeros((468, 1))], 1).astype(np.float32), 1.0)
        found = fitted(model, face)
        off = found.shape.mean - truth
        apart.append(float(off @ np.linalg.solve(found.shape.covariance, off)) / 4)
    assert 0.4 < np.mean(apart) < 1.6


def test_ranges_hold():
    """A mouth cannot be more shut than shut, whatever the points say."""
    model = face_model(ranges=True)
    found = fitted(model, seen_face(model, np.array([-2.0, 1.0, 5.0, 0.0])))
    assert found.shape.mean.min() >= -0.5 - 1e-9
    assert found.shape.mean.max() <= 3 + 1e-9
    assert found.shape.mean[0] == pytest.approx(-0.5)
    assert found.shape.mean[2] == pytest.approx(3)


@pytest.mark.parametrize("yaw", [-80, -60, 60, 80])
@pytest.mark.parametrize("roll", [0.0, 170.0, -90.0])
def test_faces_from_the_side_and_upside_down(yaw, roll):
    model = face_model()
    found = fitted(model, seen_face(model, np.array([1.0, -1, 0.5, 0]), None, Camera(yaw, 5.0, 4.0, 0.3, roll=roll)))
    assert abs(found.view.yaw - yaw) < 4
    assert abs(found.view.roll - roll) < 3
    assert np.abs(found.shape.mean - [1.0, -1, 0.5, 0]).max() < 0.6


def test_points_that_stray_alone_are_held_off():
    model = face_model()
    truth = np.array([1.0, -1.0, 0.5, 1.5])
    face = seen_face(model, truth, noise=0.3)
    wild = face.points.copy()
    rows = np.random.default_rng(1).choice(468, 40, replace=False)
    wild[rows] += np.random.default_rng(2).normal(0, 60, (40, 3))
    found = fitted(model, FaceLandmarks(wild, 1.0))
    assert np.abs(found.shape.mean - truth).max() < 0.4


def test_missing_points_are_left_out():
    model = face_model()
    truth = np.array([1.0, -1.0, 0.5, 1.5])
    face = seen_face(model, truth, noise=0.2)
    holed = face.points.copy()
    holed[::3] = np.nan
    holed[1] = np.inf
    found = fitted(model, FaceLandmarks(holed, 1.0))
    assert np.abs(found.shape.mean - truth).max() < 0.4
    assert np.isfinite(found.points).all()
    assert np.isfinite(found.shape.covariance).all()


def test_depth_is_not_needed():
    model = face_model()
    truth = np.array([1.0, -1.0, 0.5, 1.5])
    face = seen_face(model, truth, None, Camera(20, 5, 4.0, 0.3))
    flat = face.points * np.float32([1, 1, 0])
    assert np.abs(fitted(model, FaceLandmarks(flat, 1.0)).shape.mean - truth).max() < 0.4


def test_size_and_place_say_nothing_of_the_shape():
    model = face_model()
    face = seen_face(model, np.array([1.0, -1.0, 0.5, 1.5]), noise=0.2)
    moved = dataclasses.replace(face, points=face.points * np.float32(3.7) + np.float32([800, -200, 5]))
    np.testing.assert_allclose(fitted(model, moved).shape.mean, fitted(model, face).shape.mean, atol=2e-2)


def test_a_prior_that_is_sure_decides():
    model = face_model()
    face = seen_face(model, np.array([1.0, -1.0, 0.5, 1.5]), noise=0.2)
    prior = Gaussian(np.array([0.0, 2.0, 0.0, 0.0]), np.diag([100, 1e-8, 100, 100]))
    assert fitted(model, face, prior).shape.mean[1] == pytest.approx(2, abs=1e-2)


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((468, 3)),
        np.full((468, 3), np.nan),
        np.full((468, 3), 1e30),
        np.stack([np.arange(468.0), np.zeros(468), np.zeros(468)], 1),
        np.random.default_rng(0).normal(0, 0.5, (468, 3)),
    ],
)
def test_what_is_no_face_gives_none(points):
    model = face_model()
    assert fit_face(model, points_of(model), FaceLandmarks(points.astype(np.float32), 1.0)) is None


@pytest.mark.parametrize("seed", range(8))
def test_any_points_give_a_finite_head_or_none(seed):
    rng = np.random.default_rng(seed)
    model = face_model(ranges=bool(seed % 2), others=3 * (seed % 3 > 0), spread=2 * (seed % 2))
    found = fit_face(
        model,
        points_of(model),
        FaceLandmarks(rng.normal(0, 10.0 ** rng.integers(0, 5), (468, 3)).astype(np.float32), 1.0),
    )
    if found is not None:
        assert np.isfinite(found.shape.mean).all()
        assert np.isfinite(found.shape.covariance).all()
        assert (np.linalg.eigvalsh(found.shape.covariance) > 0).all()
        assert np.isfinite(found.points).all()
