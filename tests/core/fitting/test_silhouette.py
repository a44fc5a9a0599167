"""Cameras, coverage and outlines against what can be worked out by hand."""

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import Camera, ViewAngles, camera_of_cut, mask_box
from semantify_blender.core.fitting.silhouette import Edges, Outline, disagreement, sample, silhouette
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.pictures.crop import FILL
from tests.synthetic import synthetic_model


@pytest.fixture(scope="module")
def model() -> MorphableModel:
    return synthetic_model()


def disc(size: int, radius: float) -> np.ndarray:
    """Coverage of a disc in the middle, by 16 × 16 points a pixel."""
    at = (np.arange(size * 16) + 0.5) / 16 - size / 2
    inside = at[:, None] ** 2 + at**2 < radius**2
    return inside.reshape(size, 16, size, 16).mean((1, 3)).astype(np.float32)


def test_a_camera_sees_its_target_in_the_middle_and_near_things_larger() -> None:
    camera = Camera(yaw=0, pitch=0, distance=2, frame=2, centre=(0.1, -0.2), target=(0, 0, 1))
    points = camera.project(np.array([[0, 0, 1], [0.5, 0, 1], [0.5, -2, 1], [0, 0, 1.5]]), 100)
    np.testing.assert_allclose(points, [[60, 70], [85, 70], [110, 70], [60, 45]], atol=1e-3)
    np.testing.assert_allclose(camera.location, [0, -4, 1], atol=1e-9)
    np.testing.assert_allclose(camera.depth(np.array([[0, -2, 1]])), [2])


def test_yaw_goes_to_the_left_side_and_pitch_looks_down() -> None:
    left = Camera(yaw=90, frame=2).project(np.array([[0.0, 0.5, 0.0]]), 100)
    assert left[0, 0] > 60  # from +X, what is behind the figure is on the right
    assert Camera(yaw=90).location[0] > 0
    assert Camera(pitch=20).location[2] > 0


@pytest.mark.parametrize(("yaw", "pitch"), [(0.0, 0.0), (35.0, 10.0), (100.0, -5.0)])
def test_a_cut_is_filled_and_a_mask_is_met(model: MorphableModel, yaw: float, pitch: float) -> None:
    view = ViewAngles(yaw, pitch)
    points = camera_of_cut(model.template, view).project(model.template, 1)
    assert np.ptp(points, axis=0).max() == pytest.approx(FILL, abs=2e-3)
    np.testing.assert_allclose((points.max(0) + points.min(0)) / 2, 0.5, atol=1e-3)
    moved = Camera(yaw, pitch, 3, 3.1, (0.1, 0.05))
    mask = silhouette(model, moved.project(model.template, 64), 64)
    found = camera_of_cut(model.template, view, mask).project(model.template, 64)
    wanted = moved.project(model.template, 64)
    np.testing.assert_allclose(found.min(0), wanted.min(0), atol=0.8)
    np.testing.assert_allclose(found.max(0), wanted.max(0), atol=0.8)


def test_coverage_is_the_area_of_what_is_projected(model: MorphableModel) -> None:
    square = np.zeros((model.vertex_count, 2), np.float32)
    triangle = model.triangles[0]
    square[:] = [10, 10]  # every other triangle is a point
    square[triangle] = [[10, 10], [40.5, 12], [20, 33.3]]
    covered = silhouette(model, square, 64)
    a, b = square[triangle[1]] - square[triangle[0]], square[triangle[2]] - square[triangle[0]]
    triangles = (np.isin(model.triangles, triangle).sum(1) == 3).sum()
    assert triangles == 1
    # its neighbours share an edge and reach to the common point, a corner of this triangle
    assert covered.sum() == pytest.approx(abs(a[0] * b[1] - a[1] * b[0]) / 2, rel=0.02)
    assert covered.min() >= 0
    assert covered.max() == 1


def test_what_is_outside_the_picture_is_cut_off(model: MorphableModel) -> None:
    points = camera_of_cut(model.template, ViewAngles()).project(model.template, 32)
    whole = silhouette(model, points, 32)
    half = silhouette(model, points + np.float32([16, 0]), 32)
    np.testing.assert_array_equal(half[:, 16:], whole[:, :16])
    assert silhouette(model, points + np.float32([500, 0]), 32).sum() == 0


def test_distances_to_a_disc() -> None:
    outline = Outline.of(disc(64, 20.3))
    y, x = np.mgrid[:64, :64] + 0.5
    true = np.hypot(x - 32, y - 32) - 20.3
    assert np.abs(outline.distance - true).max() < 0.25
    np.testing.assert_allclose(np.linalg.norm(outline.points - 32, axis=1), 20.3, atol=0.15)
    radial = (outline.points - 32) / np.linalg.norm(outline.points - 32, axis=1, keepdims=True)
    assert (outline.normals * radial).sum(1).min() > 0.95
    assert not len(Outline.of(np.zeros((16, 16), np.float32)).points)


def test_disagreement_goes_from_none_to_all() -> None:
    one = disc(32, 8)
    assert disagreement(one, one) == 0
    assert disagreement(one, np.zeros_like(one)) == 1
    assert disagreement(one, disc(32, 10)) == pytest.approx(1 - 0.64, abs=0.01)
    assert disagreement(one, disc(32, 10), np.zeros((32, 32), bool)) == 0


def test_the_rim_lies_on_the_outline_and_points_outwards(model: MorphableModel) -> None:
    points = camera_of_cut(model.template, ViewAngles(20, 5)).project(model.template, 96)
    covered = silhouette(model, points, 96)
    edges = Edges(model)
    assert not edges.border.any()
    rim, at, normals = edges.rim(points, covered)
    distance = Outline.of(covered).distance
    assert len(rim) > 20
    assert np.abs(sample(distance, at)).mean() < 0.2
    assert (sample(distance, at + 2 * normals) > 1).all()


def test_the_box_of_a_mask_is_told_to_a_part_of_a_pixel() -> None:
    assert mask_box(np.zeros((8, 8), np.float32)) is None
    np.testing.assert_allclose(np.array(mask_box(disc(64, 20.3))) * 64, [11.7, 11.7, 52.3, 52.3], atol=0.3)


def test_a_camera_turned_clockwise_shows_the_figure_leaning_to_the_left() -> None:
    up = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    for yaw, pitch in ((0.0, 0.0), (130.0, 12.0)):
        (x0, y0), (x1, y1) = Camera(yaw, pitch, roll=20.0).project(up, 100)
        assert x1 < x0
        assert y1 < y0
        level = Camera(yaw, pitch)
        np.testing.assert_allclose(Camera(yaw, pitch, roll=20.0).axes[2], level.axes[2])
        axes = Camera(yaw, pitch, roll=20.0).axes
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(axes) == pytest.approx(1)
