"""A skirt's skin weights, learned from poses: legs do not come through, and it is not torn."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from scripts.anny import skirt_weights
from scripts.anny.shells import Shell
from scripts.anny.skirt_weights import CLEARANCE, Hanging, learned, nearest_weights, settled
from semantify_blender.core.model.morphable_model import MorphableModel
from semantify_blender.core.model.posing import Rig, rig_arrays
from semantify_blender.core.model.random_poses import lively_pose

NAMES = ("Root", "pelvis", "thigh_l", "calf_l", "thigh_r", "calf_r")
HIP, KNEE, LEG = 0.9, 0.5, 0.08
"""Metres: heights of the joints, and a leg's radius."""


def tube(middle: float, radius: float, heights: np.ndarray, around: int) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and quads of an open tube, ring by ring from its top, faces outwards."""
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    ring = np.stack([middle + radius * np.cos(angle), radius * np.sin(angle)], 1)
    where = np.concatenate([np.concatenate([ring, np.full((around, 1), z)], 1) for z in heights])
    faces = [
        [r * around + s, (r + 1) * around + s, (r + 1) * around + (s + 1) % around, r * around + (s + 1) % around]
        for r in range(len(heights) - 1)
        for s in range(around)
    ]
    return where, np.array(faces)


def two_legs() -> MorphableModel:
    """Legs without a body, that turn at hip and knee."""
    heights = np.linspace(HIP, 0.1, 33)
    (left, faces), (right, _) = tube(0.1, LEG, heights, 16), tube(-0.1, LEG, heights, 16)
    where = np.concatenate([left, right])
    quads = np.concatenate([faces, faces + len(left)])
    weights = np.zeros((len(where), len(NAMES)))
    thigh = np.where(where[:, 0] > 0, NAMES.index("thigh_l"), NAMES.index("thigh_r"))
    weights[np.arange(len(where)), thigh + (where[:, 2] < KNEE)] = 1
    places = np.array([[0, 0, HIP], [0, 0, HIP], [0.1, 0, HIP], [0.1, 0, KNEE], [-0.1, 0, HIP], [-0.1, 0, KNEE]])
    extra = rig_arrays(NAMES, np.array([-1, 0, 1, 2, 1, 4]), weights)
    extra |= {"rig/joints": places.astype(np.float32), "rig/joint_basis": np.zeros((1, len(NAMES), 3), np.float16)}
    return MorphableModel(
        "legs", where.astype(np.float32), np.full((1, len(where), 3), 1e-3, np.float32), np.ones(1, np.float32),
        quads.ravel().astype(np.int32), np.arange(0, 4 * len(quads) + 1, 4, dtype=np.int32), extra=extra,
    )  # fmt: skip


def skirt() -> Hanging:
    """A tube around both legs from the waist down, whose first ring is held."""
    where, faces = tube(0.0, 0.22, np.linspace(HIP + 0.15, KNEE, 9), 24)
    shell = Shell.of(faces, np.zeros((*faces.shape, 2)), where)
    free = np.repeat(np.clip(np.arange(9) / 3, 0, 1), 24)
    return Hanging(shell, free, where, np.zeros((1, len(where), 3)))


def share_inside(model: MorphableModel, hanging: Hanging, weights: np.ndarray) -> float:
    """Of the skirt's vertices over poses that nothing was learned from, inside a thigh."""
    rig = Rig.of(model)
    inside = []
    for seed in range(20):
        pose = lively_pose(np.random.default_rng([99, seed]), "sitting" if seed % 2 else "striding")
        moves = rig.transforms(rig.joints(model.template), rig.turns(pose))
        blended = np.tensordot(weights, moves, 1)
        cloth = np.einsum("vij,vj->vi", blended[..., :3], hanging.template) + blended[..., 3]
        for name in ("thigh_l", "thigh_r"):
            turn, at = moves[NAMES.index(name)][:, :3], moves[NAMES.index(name)][:, 3]
            still = (cloth - at) @ turn
            middle = 0.1 if name == "thigh_l" else -0.1
            inside.append(
                (np.hypot(still[:, 0] - middle, still[:, 1]) < LEG) & (still[:, 2] < HIP) & (still[:, 2] > KNEE)
            )
    return float(np.mean(inside))


def test_legs_come_through_less_with_what_was_learned_and_the_waist_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skirt_weights, "POSES", 16)
    monkeypatch.setattr(skirt_weights, "DESCENT", 300)
    model, hanging = two_legs(), skirt()
    # half with the legs, as cloth between them: where it begins it has to be near to where it belongs
    left, legs = np.clip(0.5 + hanging.template[:, 0] / 0.3, 0, 1), 0.6 * hanging.free
    start = np.zeros((len(hanging.template), len(NAMES)))
    start[:, NAMES.index("pelvis")] = 1 - legs
    start[:, NAMES.index("thigh_l")], start[:, NAMES.index("thigh_r")] = legs * left, legs * (1 - left)
    found = learned(model, hanging, start, rounds=2)
    assert np.allclose(found.sum(1), 1)
    assert found.min() > -1e-9
    assert np.array_equal(found[hanging.free == 0], start[hanging.free == 0])
    before, after = share_inside(model, hanging, start), share_inside(model, hanging, found)
    assert before > 0.02
    assert after < 0.85 * before


def test_a_body_without_legs_is_told() -> None:
    model = two_legs()
    bare = MorphableModel(
        "bare", model.template, model.basis, model.standard_deviations, model.corner_vertices, model.face_offsets
    )
    with pytest.raises(ValueError, match="bare has no legs to learn from"):
        learned(bare, skirt(), np.ones((216, 1)))


def test_cloth_that_a_leg_came_through_lies_outside_of_it_again() -> None:
    hanging = skirt()
    leg, _ = tube(0.2, LEG, np.linspace(HIP, KNEE, 60), 32)
    out = (leg - [0.2, 0, 0]) * [1, 1, 0] / LEG
    cloth = settled(hanging, hanging.template, hanging.template, leg, out)
    assert np.hypot(hanging.template[:, 0] - 0.2, hanging.template[:, 1]).min() < LEG - 0.05
    far = np.hypot(cloth[:, 0] - 0.2, cloth[:, 1])[hanging.template[:, 2] < HIP]
    assert far.min() > LEG + 0.5 * CLEARANCE
    assert np.array_equal(cloth[hanging.free == 0], hanging.template[hanging.free == 0])


def test_weights_that_lead_where_vertices_are_wanted_are_found() -> None:
    rng = np.random.default_rng(2)
    true = rng.dirichlet([1, 1, 1], 5)
    places = rng.normal(size=(30, 5, 3, 3))
    wanted = np.einsum("nrbx,rb->nrx", places, true)
    found = nearest_weights(places, wanted, np.full((5, 3), 1 / 3))
    assert np.abs(found - true).max() < 0.01
