"""How a rim moves in the picture with shape, camera and pose is what small steps of them make of it."""

import numpy as np
import pytest

from semantify_blender.core.fitting.camera import Camera
from semantify_blender.core.fitting.joint_angles import JointAngles
from semantify_blender.core.fitting.outline_rows import Rim
from semantify_blender.core.fitting.picture_numbers import CAMERA, GROWN, camera_of, numbers_of
from semantify_blender.core.fitting.wardrobe import Wardrobe
from semantify_blender.core.library import load_model
from semantify_blender.core.model.posing import Rig


@pytest.mark.parametrize("outfit", ["", "skirt"])
def test_slopes_are_small_steps(outfit: str) -> None:
    model = load_model("anny-body-neutral")
    angles = JointAngles.of(Rig.of(model), model.template)
    (worn,) = (one for one in Wardrobe(model, angles).all if one.outfit == outfit)
    rim = Rim(worn)
    rng = np.random.default_rng(0)
    coefficients = rng.uniform(-1, 1, model.component_count)
    camera = Camera(30, 6, 2.6, 2.1, (0.01, 0.02), (0.0, 0.0, 0.1), 8.0)
    numbers = np.concatenate([numbers_of(camera), rng.uniform(-35, 35, angles.count)])
    ends = rim.edges.vertices[rng.choice(len(rim.edges.vertices), 300, replace=False)]

    def seen(xi: np.ndarray, held: np.ndarray) -> np.ndarray:
        posed = worn.posed(xi, held[CAMERA:])
        return camera_of(held, camera.target).project(posed, 128).astype(np.float64)[ends].mean(1)

    shape = worn.model.vertices(coefficients)
    posed = worn.posed(coefficients, numbers[CAMERA:])
    slopes = rim._slopes(coefficients, shape, posed, numbers, camera.target, 128, ends)
    k = model.component_count
    for i in range(k + len(numbers)):
        if i == k + GROWN:
            continue
        step = np.zeros(k + len(numbers))
        step[i] = 0.5 if i < k or i >= k + CAMERA else 0.02
        there, back = (seen(coefficients + s * step[:k], numbers + s * step[k:]) for s in (1, -1))
        wanted = (there - back) / (2 * step[i])
        np.testing.assert_allclose(slopes[..., i], wanted, atol=0.02 * max(1.0, np.abs(wanted).max()))
