"""A rig of few joints: limbs turn about their joints, the trunk stays, nothing tears."""

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.posing import LIMBS, Rig, limb_rotations, random_limbs, rotation

BODIES = ("anny-body-neutral", "anny-body-male", "anny-body-female")


@pytest.mark.parametrize("name", BODIES)
def test_bodies_have_a_rig_whose_joints_are_in_place(name: str) -> None:
    model = load_model(name)
    rig = Rig.of(model)
    assert rig is not None
    assert set(LIMBS) <= set(rig.names)
    np.testing.assert_allclose(rig.weights.sum(1), 1, atol=1e-3)
    at = dict(zip(rig.names, rig.joints(model.template), strict=True))
    assert at["upperarm.L"][0] > 0 > at["upperarm.R"][0]  # facing −Y, the figure's left is +X
    assert at["upperarm.L"][2] > at["forearm.L"][2] > at["thigh.L"][2] > at["shin.L"][2]
    np.testing.assert_allclose(at["shin.L"] * [-1, 1, 1], at["shin.R"], atol=0.01)


def test_without_a_rig_there_is_none() -> None:
    assert Rig.of(load_model("anny-face-shape")) is None


def test_no_rotation_changes_nothing() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    np.testing.assert_array_equal(rig.pose(model.template, {}), model.template)
    np.testing.assert_allclose(rig.pose(model.template, {"forearm.L": np.eye(3)}), model.template, atol=1e-5)


def test_a_raised_arm_moves_the_arm_and_keeps_its_length() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    before = model.template
    after = rig.pose(before, limb_rotations({"upperarm.L": (40.0, 0.0)}))
    hand = rig.weights[:, rig.names.index("forearm.L")] > 0.99
    shoulder = rig.joints(before)[rig.names.index("upperarm.L")]
    assert after[hand, 2].mean() > before[hand, 2].mean() + 0.15  # sideways is up
    np.testing.assert_allclose(
        np.linalg.norm(after[hand] - shoulder, axis=1), np.linalg.norm(before[hand] - shoulder, axis=1), atol=1e-3
    )
    trunk = rig.weights[:, 0] > 0.999
    np.testing.assert_allclose(after[trunk], before[trunk], atol=1e-3)
    right = rig.weights[:, rig.names.index("forearm.R")] > 0.99
    np.testing.assert_allclose(after[right], before[right], atol=1e-5)


def test_forwards_is_where_the_figure_faces() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    for limb in ("upperarm.R", "thigh.L"):
        after = rig.pose(model.template, limb_rotations({limb: (0.0, 30.0)}))
        moved = rig.weights[:, rig.names.index(limb)] > 0.99
        assert after[moved, 1].mean() < model.template[moved, 1].mean()


def test_random_limbs_are_repeatable_and_stretch_no_edge_much() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    edges = np.stack([model.triangles[:, 0], model.triangles[:, 1]], 1)
    length = np.linalg.norm(model.template[edges[:, 0]] - model.template[edges[:, 1]], axis=1)
    for seed in range(5):
        limbs = random_limbs(np.random.default_rng(seed))
        assert limbs == random_limbs(np.random.default_rng(seed))
        posed = rig.pose(model.template, limb_rotations(limbs))
        now = np.linalg.norm(posed[edges[:, 0]] - posed[edges[:, 1]], axis=1)
        assert np.quantile(np.abs(now - length), 0.999) < 0.03


def test_rotation_is_right_handed() -> None:
    np.testing.assert_allclose(rotation("z", 90) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation("x", 90) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
