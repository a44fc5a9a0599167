"""Poses for pictures: seeded, within what joints allow, mirrored, and nothing tears."""

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.posing import Rig
from semantify_blender.core.model.random_poses import KINDS, LIMITS, lively_pose, picture_pose, rotations_of
from semantify_blender.core.model.rotations import to_vectors


@pytest.fixture(scope="module")
def figure() -> tuple:
    model = load_model("anny-body-neutral")
    return model, Rig.of(model)


@pytest.mark.parametrize("kind", KINDS)
def test_poses_are_repeatable_and_stretch_no_edge_much(figure: tuple, kind: str) -> None:
    model, rig = figure
    edges = np.stack([model.triangles[:, 0], model.triangles[:, 1]], 1)
    length = np.linalg.norm(model.template[edges[:, 0]] - model.template[edges[:, 1]], axis=1)
    for seed in range(4):
        pose = lively_pose(np.random.default_rng(seed), kind)
        again = lively_pose(np.random.default_rng(seed), kind)
        assert all(np.array_equal(pose[name], again[name]) for name in pose)
        posed = rig.pose(model.template, pose)
        now = np.linalg.norm(posed[edges[:, 0]] - posed[edges[:, 1]], axis=1)
        assert np.quantile(np.abs(now - length), 0.99) < 0.025


def test_kinds_are_what_they_say(figure: tuple) -> None:
    model, rig = figure
    hand, head, knee, foot = (rig.part(name) > 0.9 for name in ("hand.L", "neck", "shin.L", "foot.L"))
    heights = {}
    for kind in KINDS:
        posed = [rig.pose(model.template, lively_pose(np.random.default_rng([5, i]), kind)) for i in range(6)]
        heights[kind] = [np.mean([p[part, 2].mean() - p[foot, 2].mean() for p in posed]) for part in (hand, head, knee)]
    assert heights["overhead"][0] > heights["overhead"][1] - 0.1
    assert heights["standing"][0] < heights["standing"][1] - 0.6
    assert heights["sitting"][1] < heights["standing"][1] - 0.25
    assert heights["squatting"][1] < heights["sitting"][1]
    assert heights["leaning"][1] < heights["standing"][1]


def test_no_joint_turns_further_than_people_can() -> None:
    most: dict[str, float] = {}
    for seed in range(300):
        for name, turn in lively_pose(np.random.default_rng(seed)).items():
            part = name.split(".")[0]
            most[part] = max(most.get(part, 0.0), float(np.linalg.norm(to_vectors(turn))))
    assert set(most) == set(LIMITS)
    for part, angle in most.items():
        assert angle <= sum(max(-low, high) for low, high in LIMITS[part])
    # and they go far enough to be what pictures show
    for part, angle in {"upperarm": 100, "thigh": 90, "shin": 100, "spine": 40}.items():
        assert most[part] > angle


def test_left_and_right_are_mirrored() -> None:
    mirror = np.diag([-1.0, 1, 1])
    for part, ranges in LIMITS.items():
        if part not in ("spine", "neck"):
            turns = tuple(0.7 * high for _, high in ranges)
            left, right = rotations_of({f"{part}.L": turns, f"{part}.R": turns}).values()
            np.testing.assert_allclose(mirror @ left @ mirror, right, atol=1e-12)


def test_most_figures_of_pictures_stand() -> None:
    bent = [np.linalg.norm(to_vectors(picture_pose(np.random.default_rng(i))["thigh.L"])) for i in range(200)]
    assert 0.03 < np.mean(np.array(bent) > 40) < 0.2
