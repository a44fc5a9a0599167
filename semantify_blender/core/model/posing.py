"""A few joints to hold a figure's limbs otherwise: pictures show people in other poses than a model's own.

A model that can be posed carries, in `MorphableModel.extra`:
    rig/names (J,): joints, parents before their children, the first one the trunk, which never turns;
    rig/parents (J,): number of each joint's parent, −1 for the first;
    rig/weight_index (V, W), rig/weights (V, W): linear blend skinning, the joints that move a vertex and how much.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .morphable_model import MorphableModel

LIMBS = ("upperarm.L", "upperarm.R", "forearm.L", "forearm.R", "thigh.L", "thigh.R", "shin.L", "shin.R")
"""Names that a rig uses for limbs, .L on the figure's own left (+X when it faces −Y); others are free."""


@dataclass(frozen=True, eq=False)
class Rig:
    """Joints and linear blend skinning.

    names: J joints. parents: (J,) int. weights: (V, J) float32, rows sum to 1.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, model: MorphableModel) -> "Rig | None":
        """The model's rig, or None when it has none."""
        if not {"rig/names", "rig/parents", "rig/weight_index", "rig/weights"} <= model.extra.keys():
            return None
        names = tuple(model.extra["rig/names"].tolist())
        return cls(names, model.extra["rig/parents"].astype(int), dense_weights(model.extra, len(names)))

    def joints(self, vertices: np.ndarray) -> np.ndarray:
        """Where the joints of a shape are: the middle of the skin that a joint shares with its parent.

        vertices: (V, 3) metres. Returns (J, 3) float32; the first one is of no use, the trunk never turns.
        """
        return (self._shared @ vertices).astype(np.float32)

    def pose(self, vertices: np.ndarray, rotations: dict[str, np.ndarray]) -> np.ndarray:
        """Turn joints. vertices: (V, 3) metres. rotations: joint name -> (3, 3) in the figure's axes.

        Names that the rig does not have are ignored. Returns (V, 3) float32.
        """
        if not any(name in rotations for name in self.names):
            return np.asarray(vertices, np.float32)
        turns = np.stack([np.asarray(rotations.get(name, np.eye(3)), np.float64) for name in self.names])
        transforms = self.transforms(self.joints(vertices), turns).astype(np.float32)
        out = np.zeros_like(vertices, dtype=np.float32)
        for j in range(len(self.names)):
            rows = self._moved[j]
            moved = vertices[rows] @ transforms[j, :, :3].T + transforms[j, :, 3]
            out[rows] += self.weights[rows, j, None] * moved
        return out

    def transforms(self, joints: np.ndarray, rotations: np.ndarray) -> np.ndarray:
        """What the joints do to what hangs on them: (..., J, 3, 4) float64, turned and then moved.

        joints: (..., J, 3) metres, of `joints`. rotations: (..., J, 3, 3) in the figure's axes, each on top of its
        parent's; that of a joint without a parent is left out. Leading axes are broadcast.
        """
        leading = np.broadcast_shapes(joints.shape[:-2], rotations.shape[:-3])
        out = np.empty((*leading, len(self.names), 3, 4))
        for j, parent in enumerate(self.parents):
            if parent < 0:
                out[..., j, :, :] = np.eye(3, 4)
                continue
            above, turn, at = out[..., parent, :, :], rotations[..., j, :, :], joints[..., j, :, None]
            # x -> above(turn (x − joint) + joint)
            out[..., j, :, :3] = above[..., :3] @ turn
            out[..., j, :, 3:] = above[..., :3] @ (at - turn @ at) + above[..., 3:]
        return out

    @cached_property
    def below(self) -> np.ndarray:
        """(J, J) bool: whether the second joint is moved by the first one, as each is by itself."""
        found = np.eye(len(self.names), dtype=bool)
        for j, parent in enumerate(self.parents):
            if parent >= 0:
                found[:, j] |= found[:, parent]
        return found

    @cached_property
    def _moved(self) -> list[np.ndarray]:
        return [np.flatnonzero(self.weights[:, j] > 0) for j in range(len(self.names))]

    @cached_property
    def _shared(self) -> np.ndarray:
        """(J, V) float32: what is weighted to a joint and to its parent alike surrounds the joint."""
        above = self.weights[:, np.maximum(self.parents, 0)]
        both = (self.weights * above).T
        total = both.sum(1, keepdims=True)
        return (both / np.where(total > 0, total, 1)).astype(np.float32)


def dense_weights(extra: dict[str, np.ndarray], joints: int) -> np.ndarray:
    """(V, J) float32 skin weights from a model's sparse ones, rows summing to 1."""
    index, values = extra["rig/weight_index"].astype(int), extra["rig/weights"].astype(np.float32)
    dense = np.zeros((len(index), joints), np.float32)
    # a joint may be named twice, as where narrower rows were filled up
    np.add.at(dense, (np.arange(len(index))[:, None], index), values)
    return dense / np.maximum(dense.sum(1, keepdims=True), 1e-6)


def rig_arrays(
    names: tuple[str, ...], parents: np.ndarray, weights: np.ndarray, most: int = 4
) -> dict[str, np.ndarray]:
    """The arrays of `MorphableModel.extra` for a rig. weights: (V, J). most: joints kept for each vertex."""
    index = np.sort(np.argsort(-weights, axis=1)[:, : min(most, len(names))], 1)
    kept = np.take_along_axis(weights, index, 1)
    return {
        "rig/names": np.array(names),
        "rig/parents": np.asarray(parents, np.int16),
        "rig/weight_index": index.astype(np.uint8),
        "rig/weights": (kept / np.maximum(kept.sum(1, keepdims=True), 1e-6)).astype(np.float16),
    }


def rotation(axis: str, degrees: float) -> np.ndarray:
    """(3, 3) float64 right-handed rotation about "x", "y" or "z"."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    out = np.eye(3)
    out[i, i] = out[j, j] = c
    out[i, j], out[j, i] = -s, s
    return out


def limb_rotations(angles: dict[str, tuple[float, float]]) -> dict[str, np.ndarray]:
    """Rotations for limbs from (sideways, forwards) degrees each, mirrored for the right side.

    sideways: away from the body's middle plane, up to the side. forwards: towards where the figure faces, −Y.
    """
    found = {}
    for name, (sideways, forwards) in angles.items():
        side = -1.0 if name.endswith(".R") else 1.0
        # facing −Y with +X on its left: an arm on +X rises sideways about −Y, any hanging limb swings forward about −X
        found[name] = rotation("x", -forwards) @ rotation("y", -side * sideways)
    return found


def random_limbs(rng: np.random.Generator) -> dict[str, tuple[float, float]]:
    """A standing figure's limbs as pictures show them: arms from hanging to half raised, now and then on the hips.

    Returns limb -> (sideways, forwards) degrees from the model's own A-pose, for `limb_rotations`.
    """
    found = {}
    both = rng.normal(0, 1, 2)  # the two sides mostly do alike
    for side in "LR":
        arm = 0.8 * both + 0.6 * rng.normal(0, 1, 2)
        found[f"upperarm.{side}"] = (
            float(np.clip(-8 + 22 * arm[0], -34, 60)),
            float(np.clip(4 + 14 * arm[1], -30, 45)),
        )
        bend = float(np.clip(rng.gamma(1.2, 16), 0, 75)) if rng.random() < 0.7 else 0.0
        inwards = float(rng.uniform(-60, 10)) if bend and rng.random() < 0.4 else 0.0
        found[f"forearm.{side}"] = (inwards, bend)
        leg = rng.normal(0, 1, 2)
        found[f"thigh.{side}"] = (float(np.clip(1 + 4 * leg[0], -4, 14)), float(np.clip(5 * leg[1], -14, 18)))
        found[f"shin.{side}"] = (0.0, -float(np.clip(4 * abs(rng.normal()), 0, 16)))
    return found
