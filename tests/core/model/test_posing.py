"""Rigs: limbs turn about their joints, the trunk stays, nothing tears."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from semantify_blender.core.errors import FileFormatError
from semantify_blender.core.library import load_model
from semantify_blender.core.model.chains import LIMBS, chains_of
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, limb_rotations, rig_arrays, rotation
from semantify_blender.core.model.rotations import from_vectors
from tests.synthetic import synthetic_model

BODIES = ("anny-body-neutral", "anny-body-male", "anny-body-female")


@pytest.mark.parametrize("name", BODIES)
def test_bodies_have_a_rig_whose_joints_are_in_place(name: str) -> None:
    model = load_model(name)
    rig = Rig.of(model)
    assert rig is not None
    assert set(LIMBS) <= set(rig.chains)
    np.testing.assert_allclose(rig.weights.sum(1), 1, atol=1e-3)
    joints = rig.joints(model.template)
    at = {name: joints[chain.main] for name, chain in rig.chains.items()}
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
    hand = rig.part("forearm.L") > 0.99
    assert after[hand, 2].mean() > before[hand, 2].mean() + 0.15  # sideways is up
    reach = [np.linalg.norm(shape[hand] - shape[hand].mean(0), axis=1) for shape in (before, after)]
    np.testing.assert_allclose(*reach, atol=1e-3)
    trunk = rig.weights[:, rig.moved_by("upperarm.L")].sum(1) < 1e-3
    np.testing.assert_allclose(after[trunk], before[trunk], atol=1e-3)
    right = rig.part("forearm.R") > 0.999
    np.testing.assert_allclose(after[right], before[right], atol=1e-3)


def test_a_joint_that_shares_no_skin_turns_what_it_moves_where_that_is() -> None:
    model = synthetic_model()
    top = model.template[:, 2] > np.quantile(model.template[:, 2], 0.8)
    weights = np.stack([~top, np.zeros_like(top), top], 1).astype(np.float32)
    # a bone without skin between trunk and head
    rig_of = rig_arrays(("trunk", "helper", "head"), np.array([-1, 0, 1]), weights)
    rig = Rig.of(replace(model, extra=rig_of))
    middle = model.template[top].mean(0)
    for name in ("helper", "head"):
        turned = rig.pose(model.template, {name: rotation("x", 90)})
        np.testing.assert_allclose(turned[top].mean(0), middle, atol=1e-4)
        np.testing.assert_array_equal(turned[~top], model.template[~top])


def test_forwards_is_where_the_figure_faces() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    for limb in ("upperarm.R", "thigh.L"):
        after = rig.pose(model.template, limb_rotations({limb: (0.0, 30.0)}))
        moved = rig.part(limb) > 0.99
        assert after[moved, 1].mean() < model.template[moved, 1].mean()


def test_a_chain_turns_as_a_whole_each_bone_by_its_share() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    assert {"spine", "neck", "upperarm.L", "forearm.R", "shin.L", "foot.L", "hand.R", "pelvis"} <= set(rig.chains)
    bent = from_vectors([60.0, 0, 0])
    turns = dict(zip(rig.names, rig.turns({"spine": bent}), strict=True))
    np.testing.assert_allclose(turns["spine_02"], from_vectors([20.0, 0, 0]), atol=1e-9)
    np.testing.assert_allclose(turns["head"], np.eye(3), atol=1e-12)
    posed = rig.pose(model.template, {"spine": bent})
    head, legs = rig.part("neck") > 0.999, rig.part("thigh.L") > 0.999
    np.testing.assert_allclose(posed[legs], model.template[legs], atol=1e-5)
    # the head turns by all of it, forwards
    off = [shape[head] - shape[head].mean(0) for shape in (model.template, posed)]
    np.testing.assert_allclose(off[0] @ bent.T, off[1], atol=2e-3)
    assert posed[head, 1].mean() < model.template[head, 1].mean() - 0.2


def test_joints_that_are_linear_follow_shapes_and_moves() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    xi = np.random.default_rng(1).normal(size=model.component_count)
    wanted = model.extra["rig/joints"] + np.tensordot(xi, model.extra["rig/joint_basis"], 1)
    shape, away = model.vertices(xi), np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(rig.joints(shape), wanted, atol=1e-5)
    np.testing.assert_allclose(rig.joints(shape + away), wanted + away, atol=1e-4)
    np.testing.assert_allclose(rig.joints(1.1 * shape), 1.1 * wanted, atol=1e-4)
    np.testing.assert_allclose(rig.joints(model.basis[3]), model.extra["rig/joint_basis"][3], atol=1e-5)
    # a shape that is not the model's, and noise on it
    noise = np.random.default_rng(2).normal(0, 0.003, shape.shape).astype(np.float32)
    assert np.abs(rig.joints(shape + noise) - wanted).max() < 1e-3


def test_a_component_at_rest_does_no_harm() -> None:
    model = load_model("anny-body-neutral")
    basis = model.basis.copy()
    basis[4:6] = 0
    joint_basis = model.extra["rig/joint_basis"].copy()
    joint_basis[4:6] = 0
    model = replace(model, basis=basis, extra=model.extra | {"rig/joint_basis": joint_basis})
    np.testing.assert_allclose(Rig.of(model).joints(model.template), model.extra["rig/joints"], atol=1e-5)


def test_a_reduced_rig_poses_its_chains_alike() -> None:
    model = load_model("anny-body-neutral")
    rig = Rig.of(model)
    small = rig.reduced(frozenset({"spine", "upperarm.L", "shin.R"}))
    assert small.names == ("Root", "spine_01", "spine_02", "spine_03", "clavicle_l", "upperarm_l", "calf_r")
    turns = {"spine": from_vectors([30, 5, 8]), "upperarm.L": from_vectors([20, -70, 0]), "shin.R": rotation("x", 40)}
    shape = model.vertices(np.full(model.component_count, 0.5))
    np.testing.assert_allclose(small.pose(shape, turns), rig.pose(shape, turns), atol=1e-5)


def test_a_rig_without_whole_chains_names_its_bones_itself() -> None:
    chains = chains_of(("Root", "spine_01", "upperarm_l", "clavicle_l", "calf_l", "tail"))
    assert list(chains) == ["Root", "spine_01", "upperarm.L", "shin.L", "tail"]
    assert chains["upperarm.L"].joints == (3, 2)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("rig/joints", np.zeros((3, 3), np.float32)),
        ("rig/joint_basis", np.zeros((10, 2, 2), np.float32)),
        ("rig/tails", np.full((21, 3), np.nan, np.float32)),
        ("rig/joint_basis", np.zeros(4, np.int32)),
    ],
)
def test_joints_that_are_none_are_told(tmp_path: Path, name: str, array: np.ndarray) -> None:
    model = load_model("anny-body-neutral")
    path = tmp_path / "bad.model.npz"
    replace(model, extra=model.extra | {name: array}).save(path)
    with pytest.raises(FileFormatError, match=name):
        MorphableModel.load(path)


def test_joints_and_how_they_move_go_together(tmp_path: Path) -> None:
    model = load_model("anny-body-neutral")
    extra = {name: array for name, array in model.extra.items() if name != "rig/joint_basis"}
    replace(model, extra=extra).save(tmp_path / "half.model.npz")
    with pytest.raises(FileFormatError, match="rig/joint_basis"):
        MorphableModel.load(tmp_path / "half.model.npz")


def test_rotation_is_right_handed() -> None:
    np.testing.assert_allclose(rotation("z", 90) @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    np.testing.assert_allclose(rotation("x", 90) @ [0, 1, 0], [0, 0, 1], atol=1e-12)
