"""Where joints are in a shape that is known by its vertices: linear in them, so displacements give the joints' own."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class JointsOfSkin(Protocol):
    """What a rig asks."""

    def __call__(self, vertices: np.ndarray) -> np.ndarray:
        """(J, 3) float32 of (V, 3)."""

    def kept(self, joints: list[int]) -> "JointsOfSkin":
        """The same of some joints only."""


@dataclass(frozen=True, eq=False)
class SharedSkin:
    """For rigs that do not say where their joints are: the middle of the skin that a joint shares with its parent.

    One that shares none, as of an eye that is all its own, is in the middle of what it moves.
    shares: (J, V) float32, rows sum to 1, or are zeros for joints that move nothing. The root's is of no use.
    """

    shares: np.ndarray

    @classmethod
    def of(cls, weights: np.ndarray, parents: np.ndarray) -> "SharedSkin":
        """weights: (V, J). parents: (J,), before their children; −1 for the root, which never turns."""
        both = (weights * weights[:, np.maximum(parents, 0)]).T
        moved = weights.T.copy()
        for j in range(len(parents) - 1, 0, -1):
            if parents[j] >= 0:
                moved[parents[j]] += moved[j]
        both = np.where(both.any(1, keepdims=True), both, moved)
        total = both.sum(1, keepdims=True)
        return cls((both / np.where(total > 0, total, 1)).astype(np.float32))

    def __call__(self, vertices: np.ndarray) -> np.ndarray:
        """(J, 3) float32 of (V, 3)."""
        return (self.shares @ vertices).astype(np.float32)

    def kept(self, joints: list[int]) -> "SharedSkin":
        """The same of some joints only."""
        return SharedSkin(self.shares[joints])


@dataclass(frozen=True, eq=False)
class LinearJoints:
    """For rigs that do: the joints of the shape of the model that is nearest to the vertices.

    That shape is sought among all sums of the template, the components and moves as a whole, by least squares: what is
    the model's own is met exactly, and what is larger or elsewhere has its joints larger or elsewhere.
    nearest: (K + 4, 3V) float32. joints: (J, 3, K + 4) float32.
    """

    nearest: np.ndarray
    joints: np.ndarray

    @classmethod
    def of(cls, template: np.ndarray, basis: np.ndarray, joints: np.ndarray, joint_basis: np.ndarray) -> "LinearJoints":
        """template: (V, 3). basis: (K, V, 3). joints: (J, 3) of the template. joint_basis: (K, J, 3)."""
        moves = np.broadcast_to(np.eye(3)[:, None], (3, len(template), 3))
        shapes = np.concatenate([template[None], basis, moves]).reshape(len(basis) + 4, -1).astype(np.float64)
        joint_moves = np.broadcast_to(np.eye(3)[:, None], (3, len(joints), 3))
        moved = np.concatenate([joints[None], joint_basis, joint_moves]).transpose(1, 2, 0)
        # a component may be at rest, or two of them alike
        nearest = np.linalg.pinv(shapes @ shapes.T, rcond=1e-10, hermitian=True) @ shapes
        return cls(nearest.astype(np.float32), moved.astype(np.float32))

    def __call__(self, vertices: np.ndarray) -> np.ndarray:
        """(J, 3) float32 of (V, 3)."""
        return self.joints @ (self.nearest @ np.asarray(vertices, np.float32).ravel())

    def kept(self, joints: list[int]) -> "LinearJoints":
        """The same of some joints only."""
        return LinearJoints(self.nearest, self.joints[joints])
