"""Poses by name: limbs point where the pose says, whatever bones a model has and however they are held at rest."""

import numpy as np
import pytest

from semantify_blender.core.library import load_model
from semantify_blender.core.model.named_poses import POSES, named_pose
from semantify_blender.core.model.skeleton import Skeleton

SMPL = {
    # joint: (parent, place of the figure's left or middle)
    "pelvis": ("", (0, 0, 0.95)), "hip": ("pelvis", (0.08, 0, 0.88)), "spine1": ("pelvis", (0, 0.02, 1.05)),
    "knee": ("hip", (0.1, 0, 0.5)), "spine2": ("spine1", (0, 0.02, 1.2)), "ankle": ("knee", (0.09, 0.03, 0.1)),
    "spine3": ("spine2", (0, 0.03, 1.28)), "neck": ("spine3", (0, 0.03, 1.45)), "collar": ("spine3", (0.08, 0.03, 1.4)),
    "shoulder": ("collar", (0.18, 0.04, 1.42)), "elbow": ("shoulder", (0.44, 0.05, 1.41)),
    "wrist": ("elbow", (0.69, 0.03, 1.42)),
}  # fmt: skip


def smpl() -> tuple[tuple[str, ...], np.ndarray, np.ndarray]:
    """Names, parents and places (J, 3) as SMPL has them, of the joints that poses need."""
    rows: dict[str, tuple[str, np.ndarray]] = {}
    for name, (parent, place) in SMPL.items():
        for side, sign in (("left_", 1), ("right_", -1)) if place[0] else (("", 1),):
            above = side + parent if side and SMPL[parent][1][0] else parent
            rows[side + name] = above, np.array(place) * [sign, 1, 1]
    names = tuple(rows)
    parents = np.array([names.index(above) if above else -1 for above, _ in rows.values()])
    return names, parents, np.array([place for _, place in rows.values()])


def held(names: tuple[str, ...], parents: np.ndarray, heads: np.ndarray, turns: np.ndarray) -> dict[str, np.ndarray]:
    """Where joints are in a pose."""
    whole, places = np.empty_like(turns), heads.astype(np.float64).copy()
    for bone, parent in enumerate(parents):
        above = whole[parent] if parent >= 0 else np.eye(3)
        if parent >= 0:
            places[bone] = places[parent] + above @ (heads[bone] - heads[parent])
        whole[bone] = above @ turns[bone]
    return dict(zip(names, places, strict=True))


@pytest.mark.parametrize("pose", POSES)
def test_arms_and_legs_of_smpl_and_of_anny_point_alike(pose: str) -> None:
    skeleton = Skeleton.of(load_model("anny-body-female"))
    anny = skeleton.names, skeleton.parents, skeleton.at(np.zeros(1))[0]
    for figure, limbs in (
        (anny, (("upperarm_l", "lowerarm_l"), ("lowerarm_l", "hand_l"), ("thigh_l", "calf_l"), ("calf_l", "foot_l"))),
        (smpl(), (("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"), ("left_hip", "left_knee"),
                  ("left_knee", "left_ankle"))),
    ):  # fmt: skip
        turns = named_pose(pose, *figure)
        assert np.linalg.det(turns) == pytest.approx(1.0)
        places = held(*figure, turns)
        for (begin, end), limb in zip(limbs, ("upperarm", "forearm", "thigh", "shin"), strict=True):
            wanted = np.array(POSES[pose][limb], float) / np.linalg.norm(POSES[pose][limb])
            found = places[end] - places[begin]
            assert found / np.linalg.norm(found) == pytest.approx(wanted, abs=1e-6), (limb, begin)
            mirrored = [name.replace("left_", "right_") if "left" in name else f"{name[:-1]}r" for name in (begin, end)]
            right = places[mirrored[1]] - places[mirrored[0]]
            assert right / np.linalg.norm(right) == pytest.approx(wanted * [-1, 1, 1], abs=1e-6)


def test_bones_of_other_figures_stay_as_they_are() -> None:
    turns = named_pose("T", ("pelvis", "left_elbow"), np.array([-1, 0]), np.zeros((2, 3)))
    assert np.array_equal(turns, np.broadcast_to(np.eye(3), (2, 3, 3)))
