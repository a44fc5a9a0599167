"""Slopes of cameras are what a small step of each number makes of a picture."""

import numpy as np

from semantify_blender.core.fitting.camera import Camera, view_of_axes
from semantify_blender.core.fitting.picture_numbers import (
    CAMERA,
    GROWN,
    State,
    camera_of,
    camera_slopes,
    numbers_of,
)

CAMERAS = (
    Camera(20, 5, 2.5, 1.9, (0.02, -0.03), (0.1, 0.0, 0.3), 12.0),
    Camera(-160, -35, 1.4, 2.4, (0, 0.1), (0.0, 0.2, 0.0), -80.0),
)


def test_numbers_make_the_camera_again() -> None:
    for camera in CAMERAS:
        again = camera_of(numbers_of(camera), camera.target)
        np.testing.assert_allclose(again.axes, camera.axes, atol=1e-12)
        np.testing.assert_allclose(again.location, camera.location)
        np.testing.assert_allclose(view_of_axes(camera.axes), (camera.yaw, camera.pitch, camera.roll), atol=1e-9)


def test_slopes_are_small_steps() -> None:
    points = np.random.default_rng(0).uniform(-0.7, 0.7, (40, 3))
    for camera in CAMERAS:
        numbers = numbers_of(camera)
        slopes = camera_slopes(numbers, camera.target, points, 128)
        for i in range(GROWN):
            step = np.zeros(CAMERA)
            step[i] = 0.02
            moved = [camera_of(numbers + sign * step, camera.target).project(points, 128) for sign in (1, -1)]
            np.testing.assert_allclose(slopes[..., i], (moved[0] - moved[1]) / 0.04, rtol=2e-2, atol=2e-2)
        in_space = camera.project_slopes(points, 128)
        for i in range(3):
            step = 0.01 * np.eye(3)[i]
            moved = [camera.project(points + sign * step, 128) for sign in (1, -1)]
            np.testing.assert_allclose(in_space[..., i], (moved[0] - moved[1]) / 0.02, rtol=1e-2, atol=2e-2)


def test_a_part_of_the_way() -> None:
    one, other = State(np.zeros(2), np.zeros((1, 3))), State(np.ones(2), np.full((1, 3), 4.0))
    half = one.towards(other, 0.5)
    np.testing.assert_array_equal(half.coefficients, [0.5, 0.5])
    np.testing.assert_array_equal(half.pictures, [[2.0, 2.0, 2.0]])
