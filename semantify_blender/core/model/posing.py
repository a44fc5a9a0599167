"""A skeleton to hold a figure otherwise: pictures show people in other poses than a model's own.

A model that can be posed carries, in `MorphableModel.extra`:
    rig/names (J,): joints, parents before their children, the first one the root, which never turns;
    rig/parents (J,): number of each joint's parent, −1 for the first;
    rig/weight_index (V, W), rig/weights (V, W): linear blend skinning, the joints that move a vertex and how much;
and where they are known, as they are for bones of a game engine:
    rig/joints (J, 3), rig/joint_basis (K, J, 3): where joints are in the template, and how each coefficient moves them;
    rig/tails (J, 3), rig/tail_basis (K, J, 3): the same of the bones' other ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .chains import Chain, chains_of
from .morphable_model import MorphableModel
from .rotations import from_vectors, to_vectors
from .skin_joints import JointsOfSkin, LinearJoints, SharedSkin


@dataclass(frozen=True, eq=False)
class Rig:
    """Joints and linear blend skinning; turned by chains (`model.chains`).

    names: J joints. parents: (J,) int. weights: (V, J) float32, rows sum to 1. chains: name -> the joints that turn
    together. joints: where joints are, (J, 3) metres, in a shape (V, 3) that is not posed, or how they move with
    displacements; the first one is of no use, the root never turns.
    """

    names: tuple[str, ...]
    parents: np.ndarray
    weights: np.ndarray
    chains: Mapping[str, Chain]
    joints: JointsOfSkin

    @classmethod
    def of(cls, model: MorphableModel) -> "Rig | None":
        """The model's rig, or None when it has none. Joints are where the file says, else amid the skin they share."""
        if not {"rig/names", "rig/parents", "rig/weight_index", "rig/weights"} <= model.extra.keys():
            return None
        names = tuple(model.extra["rig/names"].tolist())
        parents, weights = model.extra["rig/parents"].astype(int), dense_weights(model.extra, len(names))
        if {"rig/joints", "rig/joint_basis"} <= model.extra.keys():
            linear = (model.extra[f"rig/{part}"] for part in ("joints", "joint_basis"))
            joints: JointsOfSkin = LinearJoints.of(model.template, model.basis, *linear)
        else:
            joints = SharedSkin.of(weights, parents)
        return cls(names, parents, weights, chains_of(names), joints)

    def pose(self, vertices: np.ndarray, rotations: Mapping[str, np.ndarray]) -> np.ndarray:
        """Turn chains. vertices: (V, 3) metres. rotations: chain -> (3, 3) in the figure's axes.

        Chains that the rig does not have are ignored. Returns (V, 3) float32.
        """
        if not any(name in rotations for name in self.chains):
            return np.asarray(vertices, np.float32)
        return skinned(
            vertices, self.weights, self.transforms(self.joints(vertices), self.turns(rotations)), self._moved
        )

    def turns(self, rotations: Mapping[str, np.ndarray]) -> np.ndarray:
        """(J, 3, 3) of each joint, on top of its parent's, from those of chains: (3, 3) each, in the figure's axes."""
        return turns_of(len(self.names), self.chains, rotations)

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

    def moved_by(self, chain: str) -> np.ndarray:
        """(J,) bool: the joints that a chain moves, its own first one among them."""
        return np.asarray(self.below[self.chains[chain].joints[0]])

    def part(self, chain: str) -> np.ndarray:
        """(V,) how much of each vertex hangs on a chain: on its main joint and on what is below that."""
        return np.asarray(self.weights[:, self.below[self.chains[chain].main]].sum(1))

    def reduced(self, chains: "set[str] | frozenset[str]") -> "Rig":
        """The rig with the joints of these chains only; what hangs on others hangs on the next one above that is left.

        Poses that turn these chains alone come out alike, and faster.
        """
        kept, owner = self._kept(chains)
        weights = self.on_kept(self.weights, chains)
        parents = np.array([-1 if self.parents[j] < 0 else owner[self.parents[j]] for j in kept])
        names = tuple(self.names[j] for j in kept)
        return Rig(names, parents, weights, chains_of(names), self.joints.kept(kept))

    def on_kept(self, weights: np.ndarray, chains: "set[str] | frozenset[str]") -> np.ndarray:
        """Weights (V, J) of any vertices as `reduced` has them: (V, joints that are left) float32."""
        kept, owner = self._kept(chains)
        found = np.zeros((len(weights), len(kept)), np.float32)
        for j, to in enumerate(owner):
            found[:, to] += weights[:, j]
        return found

    def _kept(self, chains: "set[str] | frozenset[str]") -> tuple[list[int], np.ndarray]:
        """Joints that stay, and for each joint the place of the one that it then hangs on."""
        kept = sorted({0} | {j for name in chains for j in self.chains[name].joints})
        owner = np.zeros(len(self.names), int)
        for j, parent in enumerate(self.parents):
            owner[j] = kept.index(j) if j in kept else owner[parent]
        return kept, owner

    @cached_property
    def _moved(self) -> list[np.ndarray]:
        return rows_moved(self.weights)


def turns_of(joints: int, chains: Mapping[str, Chain], rotations: Mapping[str, np.ndarray]) -> np.ndarray:
    """(J, 3, 3) float64 of each joint, on top of its parent's, from those of chains: (3, 3), in the figure's axes."""
    out = np.broadcast_to(np.eye(3), (joints, 3, 3)).copy()
    for name, chain in chains.items():
        if name in rotations:
            whole = to_vectors(rotations[name])
            for j, share in zip(chain.joints, chain.shares, strict=True):
                out[j] = rotations[name] if share == 1 else from_vectors(share * whole)
    return out


def skinned(vertices: np.ndarray, weights: np.ndarray, transforms: np.ndarray, moved: list[np.ndarray]) -> np.ndarray:
    """Linear blend skinning: (V, 3) float32. weights: (V, J). transforms: (J, 3, 4). moved: the rows of each joint."""
    transforms = transforms.astype(np.float32)
    out = np.zeros_like(vertices, dtype=np.float32)
    for j, rows in enumerate(moved):
        out[rows] += weights[rows, j, None] * (vertices[rows] @ transforms[j, :, :3].T + transforms[j, :, 3])
    return out


def rows_moved(weights: np.ndarray) -> list[np.ndarray]:
    """For each joint the vertices that hang on it. weights: (V, J)."""
    return [np.flatnonzero(weights[:, j] > 0) for j in range(weights.shape[1])]


def dense_weights(extra: dict[str, np.ndarray], joints: int) -> np.ndarray:
    """(V, J) float32 skin weights from a model's sparse ones, rows summing to 1."""
    index, values = extra["rig/weight_index"].astype(int), extra["rig/weights"].astype(np.float32)
    dense = np.zeros((len(index), joints), np.float32)
    # a joint may be named twice, as where narrower rows were filled up
    np.add.at(dense, (np.arange(len(index))[:, None], index), values)
    return dense / np.maximum(dense.sum(1, keepdims=True), 1e-6)


def rig_arrays(names: tuple[str, ...], parents: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays of `MorphableModel.extra` for a rig. weights: (V, J)."""
    index, values = sparse_weights(weights)
    return {
        "rig/names": np.array(names),
        "rig/parents": np.asarray(parents, np.int16),
        "rig/weight_index": index,
        "rig/weights": values,
    }


def sparse_weights(weights: np.ndarray, most: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Joints (V, most) uint8 and weights (V, most) float16, rows summing to 1, of dense ones (V, J): the largest."""
    index = np.sort(np.argsort(-weights, axis=1)[:, : min(most, weights.shape[1])], 1)
    kept = np.take_along_axis(weights, index, 1)
    return index.astype(np.uint8), (kept / np.maximum(kept.sum(1, keepdims=True), 1e-6)).astype(np.float16)


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
